"""Files as CRMs and telephone systems export them: who is rung by them, who is not, and what is read."""

from pathlib import Path

import pytest

from dialer.core.importing.column_roles import ColumnRole, given_by_roles, roles_of
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import BadRow, CustomerRow
from dialer.services.customers.imports import ImportPlan, plan_import


class ReadFile:
    """A file, looked at and read without a word from anybody."""

    def __init__(
        self, folder: Path, text: str, region: str, encoding: str = "utf-8", given: Given | None = None
    ) -> None:
        path = folder / "export.csv"
        path.write_bytes(text.encode(encoding))
        self.plan: ImportPlan = plan_import(path, given or Given(), region=region)
        self.customers: dict[str, CustomerRow] = {}
        self.bad: list[BadRow] = []
        mapping, notations = self.plan.mapping, self.plan.notations
        reader = RowReader(self.plan.file.columns, mapping, region, notations, self.plan.refusing)
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


def test_a_danish_list_kept_by_hand_with_remarks(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Kundeliste pr. 28.11.2025;;;;;;\n;;;;;;\n"
        "Nr.;Navn;Tlf.;Mobil;Må ringes;Bemærkning;Saldo\n"
        "1043;Søren Ærø;33 12 34 56;;ja;0;1.234,50\n"
        "1107;Otis Dorn;;20 12 34 56;nej;;-234,50\n"
        "1209;Per;33123457 / 20123457;;ja;ring ikke før kl. 16;0,00\n"
        "1210;Erik;33123458;;;død 2024;0,00\n"
        "1211;Anna;+4533123459;;;ønsker ikke at blive ringet op;12,00\n"
        ";;;;;I alt;1.012,00\n",
        "DK",
        "cp1252",
    )

    assert read.numbers["1209"] == ("+4533123457", "+4520123457")
    assert read.put_off == {
        "1107": "Må ringes: nej",
        "1210": "Bemærkning: død 2024",
        "1211": "Bemærkning: ønsker ikke at blive ringet op",
    }
    assert read.column("Saldo")[:2] == ["1234.50", "-234.50"]
    assert [row.line for row in read.bad] == [9]


def test_access_writes_yes_as_minus_one_and_finns_a_local_number(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Asiakasnro,Sukunimi,Etunimi,PuhNro,Suuntanumero,Paikallisnumero,Markkinointikielto,Kuollut,Synt.pvm\n"
        "1001,Virtanen,Aino,,09,123 4567,0,0,28.3.1980 0:00:00\n"
        "1002,Mäki,Otto,040 123 4567,,,-1,0,1.4.1975 0:00:00\n"
        "1003,Laine,Eero,+358 50 1234567,,,0,-1,13.4.1975 0:00:00\n",
        "FI",
    )

    assert read.numbers["1001"] == ("+35891234567",)
    assert read.put_off == {"1002": "Markkinointikielto: -1", "1003": "Kuollut: -1"}
    assert read.column("Synt.pvm") == ["1980-03-28", "1975-04-01", "1975-04-13"]


def test_a_british_sheet_says_in_many_places_who_is_not_to_be_rung(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Account No,Title,Forename,Surname,Tel (Home),Mobile No.,TPS,DNC Reason,Balance\n"
        'A1,Mrs,Zoë,Engel,2079460001,7700900123,N,,"£1,234.50"\n'
        "A2,Mr,Otis,Dorn,0207 946 0002 / 07700 900124,,Y,,(£12.00)\n"
        "A3,Dr,Nora,Quast,020 7946 0003,,N,Complained 12/03,£0.00\n"
        "A4,,Per,Alm,not to be rung,07700900125,,,£1.00\n"
        "A5,,Estate of Jean,Petit,02079460005,,N,,£1.00\n"
        "A6,,Jean (deceased),Petit,02079460006,,N,,£1.00\n",
        "GB",
        "cp1252",
    )

    assert read.numbers["A1"] == ("+442079460001", "+447700900123")
    assert read.put_off == {
        "A2": "TPS: Y",
        "A3": "DNC Reason: Complained 12/03",
        "A4": "Tel (Home): not to be rung",
        "A5": "Forename and Surname: Estate of Jean Petit",
        "A6": "Forename and Surname: Jean (deceased) Petit",
    }
    assert read.column("Balance")[:2] == ["1234.50", "-12.00"]


def test_a_norwegian_ledger_with_floats_estates_and_secret_numbers(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Knr;Navn;Telefon;Mobil;Sperret;Reservert telefonsalg;Rabatt %\n"
        "10001;Ada Åse;22334455.0;;0;Nei;12,5\n"
        "10002;Otis Ø;;9.11E+07;0;Ja;0\n"
        "10003;Kari;hemmelig;91122333;Ja;;\n"
        "10004;Dødsbo Per Alm;22334456;;0;;\n"
        "10005;Tor;22 33 44 57 (jobb), 911 22 335 (mob);;0;;\n",
        "NO",
        "cp1252",
    )

    assert read.numbers["10001"] == ("+4722334455",)
    assert read.numbers["10005"] == ("+4722334457", "+4791122335")
    assert read.put_off == {
        "10002": "Reservert telefonsalg: Ja",
        "10003": "Sperret: Ja",
        "10004": "Navn: Dødsbo Per Alm",
    }
    assert [cell.rule for cell in read.customers["10002"].lost] == ["number.shortened"]


def test_a_list_of_numbers_alone_is_told_apart_by_them(tmp_path: Path) -> None:
    text = "Datum;Rufnummer;Name;Dauer\n28.11.2025;030 23125000;Ada;133\n28.11.2025;0171 1234567;;0\n"
    with pytest.raises(MappingRefused, match="say --id 'Rufnummer' --phone 'Rufnummer'"):
        ReadFile(tmp_path, text, "DE")
    read = ReadFile(tmp_path, text, "DE", given=Given(id="Rufnummer", phones=("Rufnummer",)))

    assert read.numbers == {"030 23125000": ("+493023125000",), "0171 1234567": ("+491711234567",)}
    roles = roles_of(read.plan.mapping, read.plan.file.columns)
    assert roles["Rufnummer"] is ColumnRole.ID_AND_PHONE
    again = given_by_roles(roles)
    assert (again.id, again.phones) == ("Rufnummer", ("Rufnummer",))


def test_a_german_ledger_with_a_title_a_remark_and_marks_of_its_own(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "SAP-Export Debitoren\t\t\t\t\t\t\n\t\t\t\t\t\t\n"
        "Debitor\tName 1\tTelefon 1\tLösch-Kz\tAnrufsperre\tUmsatz (EUR)\tAngelegt am\n"
        "0000100012\tEngel\t030/231250-00\t\t\t1.234,50-\t28.03.2024\n"
        '0000100013\t"Dorn\nc/o Meier"\t0171 / 1234567\tX\t\t234,50\t00.00.0000\n'
        "0000100014\tQuast\t+49 (0)30 23125-002\t\tX\t0,00\t29.03.2024\n"
        "* Ende der Liste\t\t\t\t\t\t\n"
        "Stand: heute\n",
        "DE",
        "cp1252",
    )

    assert read.numbers["0000100012"] == ("+493023125000",)
    assert read.put_off == {"0000100013": "Lösch-Kz: X", "0000100014": "Anrufsperre: X"}
    assert read.column("Umsatz (EUR)") == ["-1234.50", "234.50", "0.00"]
    assert read.column("Angelegt am") == ["2024-03-28", "", "2024-03-29"]
    assert [(row.line, row.rule) for row in read.bad] == [(8, "row.remark"), (9, "row.remark")]


def test_a_swiss_column_of_telephone_advertising_says_who_wants_it(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Vertrag-Nr.;Vorname;Nachname;Tel. P;Natel;Telefonwerbung\n"
        "V-1;Ada;Engel;044 668 18 00;079 123 45 67;ja\n"
        "V-2;Otis;Dorn;0446681801;;nein\n"
        "V-3;Nora;Quast;044 668 18 03;;nicht erwünscht\n",
        "CH",
    )

    assert read.numbers["V-1"] == ("+41446681800", "+41791234567")
    assert read.put_off == {"V-2": "Telefonwerbung: nein", "V-3": "Telefonwerbung: nicht erwünscht"}


def test_a_swedish_export_calls_the_name_customer(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Kund-id,Kund,Personnr,Tel dag,Tel kväll,Spärr tele,Uppsagd,Månadsavgift\n"
        '5001,Ada Åberg,19800328-1234,08-123 456 78,0701234567,N,N,"299 kr"\n'
        '5002,Otis Öberg,750401-1234,"08-123 456 79, 070-123 45 68",,J,J,"1 299 kr"\n'
        '5003,Nora Ek,800413-1234,46701234569,,N,N,"99 kr"\n',
        "SE",
    )

    assert [each.name for each in read.customers.values()] == ["Ada Åberg", "Otis Öberg", "Nora Ek"]
    assert read.numbers["5002"] == ("+46812345679", "+46701234568")
    assert read.numbers["5003"] == ("+46701234569",)
    assert read.put_off == {"5002": "Spärr tele: J"}
    assert read.column("Månadsavgift") == ["299", "1299", "99"]


def test_pipedrive_names_the_record_before_the_field(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Person - ID;Person - Navn;Person - Telefon - Arbeid;Person - Telefon - Mobil;Person - Etiketter\n"
        "1;Ada;22334455;+47 911 22 333;Ring ikke\n"
        "2;Otis;;4791122334;Varm\n",
        "NO",
    )

    assert read.plan.mapping.name == ("Person - Navn",)
    assert read.numbers == {"1": ("+4722334455", "+4791122333"), "2": ("+4791122334",)}
    assert read.put_off == {"1": "Person - Etiketter: Ring ikke"}


def test_ticks_and_boxes_say_who_may_be_called(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Kundnummer,Förnamn,Telefonnummer,Får kontaktas,Anteckning\n"
        '1,Ada,"08 123 456 78",☑,\n'
        '2,Otis,"+46 (0)70 123 45 68",☐,\n'
        "3,Nora,070-1234569,✓,Ring efter 17\n"
        "4,Bo,070-1234570,✓,vill inte ha fler samtal\n",
        "SE",
    )

    assert read.put_off == {"2": "Får kontaktas: ☐", "4": "Anteckning: vill inte ha fler samtal"}


def test_an_american_sheet_with_number_signs_and_a_clear_status(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Acct #,Full Name,Cell,Work #,OK to Call?,DNC Status,Cust Since\n"
        '100,"Engel, Ada",7.35213E+09,(212) 736-5000,Y,,01-15-2020\n'
        '101,"Dorn, Otis",6467365001,,N,,01-16-2020\n'
        '102,"Quast, Nora",646-736-5002,800-555-0199,Y,Federal DNC,02-01-2020\n'
        '103,"Alm, Per",646 736 5003,,Y,Clear,02-02-2020\n',
        "US",
    )

    assert read.numbers == {
        "100": ("+12127365000",),
        "101": ("+16467365001",),
        "102": ("+16467365002",),
        "103": ("+16467365003",),
    }
    assert read.put_off == {"101": "OK to Call?: N", "102": "DNC Status: Federal DNC"}
    assert read.column("Cust Since")[:3] == ["2020-01-15", "2020-01-16", "2020-02-01"]


def test_a_german_birthday_of_two_figures_is_of_the_last_century(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "KdNr;Name;Telefon privat;Kunde seit;Geb.datum;Gebucht am\n"
        "1;Müller, Jürgen †;030/1234567;01.02.19;28.03.58;01.02.25\n"
        "2;Weiß, Käthe;(030) 23 12 50 01;13.02.19;01.04.09;13.02.25\n"
        "3;Ölz, Max;s. Handy;14.02.19;29.02.24;14.02.25\n",
        "DE",
        "cp1252",
    )

    assert read.column("Geb.datum") == ["1958-03-28", "2009-04-01", "1924-02-29"]
    assert read.column("Gebucht am")[0] == "2025-02-01"
    assert read.column("Kunde seit")[0] == "2019-02-01"
    assert read.put_off == {"1": "Name: Müller, Jürgen †"}
    assert [cell.rule for cell in read.customers["3"].lost] == ["number.letters"]


def test_a_danish_export_has_the_country_before_the_number(tmp_path: Path) -> None:
    read = ReadFile(
        tmp_path,
        "Kundenr.;Fornavn;Efternavn;Landekode;Tlf. nr.;Robinson;Omsætning\n"
        "K-1;Ada;Engel;+45;33 12 34 56;0;1.234,50\n"
        "K-2;Otis;Dorn;45;20123456;1;34,50\n"
        "K-3;Nora;Quast;46;070-1234567;0;34,50\n"
        "I alt;;;;;;1.303,50\n",
        "DK",
    )

    assert read.numbers == {"K-1": ("+4533123456",), "K-2": ("+4520123456",), "K-3": ("+46701234567",)}
    assert read.put_off == {"K-2": "Robinson: 1"}
    assert [row.rule for row in read.bad] == ["row.total"]
