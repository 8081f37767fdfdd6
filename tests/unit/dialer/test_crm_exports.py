"""Files as CRMs and telephone systems export them: who is rung by them, who is not, and what is read."""

from pathlib import Path

from dialer.core.importing.mapping import Given
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import BadRow, CustomerRow
from dialer.services.customers.imports import ImportPlan, plan_import


class ReadFile:
    """A file, looked at and read without a word from anybody."""

    def __init__(self, folder: Path, text: str, region: str, encoding: str = "utf-8") -> None:
        path = folder / "export.csv"
        path.write_bytes(text.encode(encoding))
        self.plan: ImportPlan = plan_import(path, Given(), region=region)
        self.customers: dict[str, CustomerRow] = {}
        self.bad: list[BadRow] = []
        mapping, notations = self.plan.mapping, self.plan.notations
        reader = RowReader(self.plan.file.columns, mapping, region, notations)
        for block in self.plan.file.pieces():
            read = reader.read_block(block)
            self.customers |= {each.external_id: each for each in read.customers}
            self.bad += read.bad

    @property
    def numbers(self) -> dict[str, tuple[str, ...]]:
        """The numbers by customer."""
        return {key: each.numbers for key, each in self.customers.items()}

    @property
    def put_off(self) -> dict[str, str]:
        """Why persons are not rung, by customer."""
        return {key: each.prohibition.reason for key, each in self.customers.items() if each.prohibition}

    def column(self, name: str) -> list[str]:
        """An attribute of every customer."""
        return [str(each.attributes.get(name, "")) for each in self.customers.values()]


def test_salesforce_of_the_united_states(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        '"Contact ID","First Name","Last Name","Account Name","Phone","Mobile","Fax","Do Not Call",'
        '"Fax Opt Out","Email Opt Out","Mailing State/Province","Mailing Zip/Postal Code","Mailing Country",'
        '"Birthdate","Contract Value"\n'
        '"0035g0E","Ada","Engel","Acme, Inc.","(415) 781-2671","","","0","0","1","CA","94105",'
        '"United States","3/28/1980","USD 1,234.50"\n'
        '"0035g0F","Otis","Dorn","Beta","212.736.5000 x22","+1 (917) 555-2671","","1","0","0","NY","10001",'
        '"United States","4/7/1975","USD 234.00"\n'
        '"0035g0G","Nora","Quast","Gamma","1-646-736-5001","","212-736-5009","0","0","0","HI","96801",'
        '"United States","","USD 34.00"\n'
        "\n"
        '"Contacts All"\n'
        '"Copyright (c) 2000-2025 salesforce.com, inc. All rights reserved."\n',
        "US",
    )

    assert read.numbers == {
        "0035g0E": ("+14157812671",),
        "0035g0F": ("+19175552671",),
        "0035g0G": ("+16467365001",),
    }
    assert read.put_off == {"0035g0F": "Do Not Call: 1"}
    assert [each.residence for each in read.customers.values()] == ["US-CA", "US-NY", "US-HI"]
    assert read.column("Birthdate") == ["1980-03-28", "1975-04-07", ""]
    assert read.column("Contract Value") == ["1234.50", "234.00", "34.00"]
    assert [row.line for row in read.bad] == [6, 7]


def test_dynamics_keeps_columns_for_itself_which_forbid_nothing(tmp_path: Path) -> None:
    key = "7f1a7f0e-1111-4b3a-9f7b-00000000000"
    read = ReadFile(
        tmp_path,
        "(Do Not Modify) Contact,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Full Name,"
        "Business Phone,Do not allow Phone Calls,Address 1: Country/Region\n"
        f"{key}1,abc123,28.11.2025 10:22,Ada Engel,+49 30 23125000,Do Not Allow,Germany\n"
        f"{key}2,abc124,28.11.2025 10:22,Otis Dorn,+49 30 23125001,Allow,Germany\n",
        "DE",
    )

    assert read.numbers == {f"{key}1": ("+493023125000",), f"{key}2": ("+493023125001",)}
    assert read.put_off == {f"{key}1": "Do not allow Phone Calls: Do Not Allow"}
    assert [each.residence for each in read.customers.values()] == ["DE", "DE"]


def test_a_french_export_with_an_area_register_and_a_sum(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "N° client;Nom;Prénom;Téléphone fixe;Portable;Ne pas appeler;Bloctel;Décédé(e);Chiffre d'affaires\n"
        "C1;Engel;Zoé;01 42 68 53 00;06 12 34 56 78;non;;non;1 234,50 €\n"
        "C2;Dorn;Otis;0142685301;liste rouge;oui;;non;234,50 €\n"
        "C3;Petit;Jean;0142685302;;non;;oui;34,50 €\n"
        "C4;Blanc;Lou;0142685303;;non;inscrit;;34,50 €\n"
        "Total;;;;;;;;1 538,00 €\n",
        "FR",
        "cp1252",
    )

    assert read.customers["C1"].name == "Zoé Engel"
    assert read.numbers["C1"] == ("+33142685300", "+33612345678")
    assert not read.customers["C2"].lost
    assert read.put_off == {"C2": "Ne pas appeler: oui", "C3": "Décédé(e): oui", "C4": "Bloctel: inscrit"}
    assert read.column("Chiffre d'affaires")[0] == "1234.50"
    assert [row.rule for row in read.bad] == ["row.total"]


def test_a_dutch_export(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Klantnummer;Voornaam;Tussenvoegsel;Achternaam;Telefoonnummer;Mobiel;Niet bellen;Overleden;Omzet;"
        "Sinds\n"
        "1001;Jan;de;Vries;020-6241111;06-12345678;nee;nee;1.234,50;1-4-2024\n"
        "1002;Piet;;Jansen;010 4361111;;ja;nee;€ 34,50;28-4-2024\n"
        "1003;K;van der;Berg;0104361112;;nee;ja;€ 34,50;28-4-2024\n",
        "NL",
    )

    assert read.customers["1001"].name == "Jan de Vries"
    assert read.numbers["1001"] == ("+31206241111", "+31612345678")
    assert read.put_off == {"1002": "Niet bellen: ja", "1003": "Overleden: ja"}
    assert (read.column("Omzet")[0], read.column("Sinds")[0]) == ("1234.50", "2024-04-01")


def test_a_swedish_export_with_groups_of_headings_and_empty_rows(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Företag;;;Kontakt;;;;\n"
        "Kundnr;Namn;Riktnr;Telefon;Mobil;NIX;Avliden;Årsomsättning (tkr)\n"
        "1001;Ada Åberg;08;123 456 78;070-123 45 67;;;1 234,5\n"
        "1002;Otis Öberg;031;765 43 21;;;;234,5\n"
        "1003;Nils Ek;;;0731234567;Spärrad;;34,5\n"
        "1004;Per Alm;;;0731234568;;2024-11-01;34,5\n"
        ";;;;;;;\n",
        "SE",
        "cp1252",
    )

    assert read.numbers["1001"] == ("+46812345678", "+46701234567")
    assert read.put_off == {"1003": "NIX: Spärrad", "1004": "Avliden: 2024-11-01"}
    assert read.bad == []
