"""`winback person`: what a customer may ask for by data protection law."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dialer.cli.console_output import console, fail
from dialer.core.amounts import amount_of

group = typer.Typer(
    name="person",
    help="What a customer may ask for: to see, correct, restrict or erase what is kept of them.",
    no_args_is_help=True,
)

Customer = Annotated[str, typer.Argument(help="The company's own number of the customer.")]
ErasedFor = Literal["asked", "not needed any more", "objected", "unlawfully kept", "a law obliges"]
By = Annotated[str, typer.Option(help="Who says so.")]


@contextmanager
def _known_person() -> Iterator[None]:
    from dialer.services.customers.person_rights import CallOnItsWay, UnknownPerson

    try:
        yield
    except (UnknownPerson, CallOnItsWay) as fault:
        fail(fault, code=1)


@group.command()
def export(
    customer: Customer, *, out: Annotated[Path | None, typer.Option(help="File to write; JSON.")] = None
) -> None:
    """Write down everything that is kept of CUSTOMER, table by table, as JSON (access, portability)."""
    from dialer.bootstrap import open_app
    from dialer.services.customers.person_rights import export_person
    from dialer.settings import Settings

    with open_app(Settings()) as app, _known_person():
        found = export_person(app.database, customer)
    text = json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        fail(f"{out} cannot be written: {fault.strerror}", code=1)
    console.print(f"Written: {out}, {amount_of(sum(map(len, found.values())), 'row')}.", markup=False)


@group.command()
def restrict(
    customer: Customer,
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")],
    by: By = "staff",
    lift: Annotated[bool, typer.Option("--lift", help="Lift the restriction instead.")] = False,
) -> None:
    """Ring CUSTOMER for no purpose, callbacks included, while something is being clarified."""
    from dialer.bootstrap import open_app
    from dialer.services.customers.person_rights import lift_restriction, restrict_person
    from dialer.settings import Settings

    with open_app(Settings()) as app, _known_person():
        act = lift_restriction if lift else restrict_person
        done = act(app.database, customer, reason, by, app.clock())
    if not done:
        fail(f"customer {customer} is {'not' if lift else 'already'} restricted", code=1)
    said = "may be rung again" if lift else "is restricted: nobody rings them (person.restricted)"
    console.print(f"Customer {customer} {said}.", markup=False)


@group.command()
def rectify(
    customer: Customer,
    *,
    name: Annotated[str | None, typer.Option(help="The right name.")] = None,
    zone: Annotated[str | None, typer.Option(help="The right time zone, e.g. Europe/Oslo.")] = None,
    language: Annotated[str | None, typer.Option(help="The right language, e.g. nb.")] = None,
    number: Annotated[
        list[str] | None, typer.Option(help="The right numbers, in order; say it once for each.")
    ] = None,
    by: By = "staff",
) -> None:
    """Correct what is kept of CUSTOMER. The next customer file that says otherwise changes it back."""
    from dialer.bootstrap import open_app
    from dialer.core.compliance.windows import is_zone
    from dialer.services.customers.person_rights import rectify_person
    from dialer.settings import Settings
    from telephony.numbers import E164, NumberError

    settings = Settings()
    if zone is not None and not is_zone(zone):
        fail(f"--zone {zone!r} is no time zone; write it as Europe/Oslo")
    given: dict[str, Any] = {"name": name, "zone": zone, "language": language}
    changes = {key: value for key, value in given.items() if value is not None}
    if number:
        try:
            numbers = [E164.parse(text, region=settings.calling.default_region).e164 for text in number]
        except NumberError as fault:
            fail(f"--number: {fault}")
        changes["numbers"] = tuple(dict.fromkeys(numbers))
    if not changes:
        fail("nothing to correct: say --name, --zone, --language or --number")
    with open_app(settings) as app, _known_person():
        changed = rectify_person(app.database, customer, changes, by, app.clock())
    console.print(
        f"Customer {customer} was corrected: correct the source too, or its next file changes it back."
        if changed
        else f"Customer {customer}: all of it was so already.",
        markup=False,
    )


@group.command()
def erase(
    customer: Customer,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; nothing brings the person back.")] = False,
    ground: Annotated[
        ErasedFor, typer.Option(help="Why; a word, since what is kept of an erasure must name nobody.")
    ] = "asked",
    by: By = "staff",
) -> None:
    """Erase CUSTOMER from every table and file here; says where else the person may stand."""
    from dialer.bootstrap import open_app
    from dialer.services.customers.person_rights import ErasureGround, erase_person, person_name
    from dialer.services.recordings.recordings import folder_of
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app, _known_person():
        name = person_name(app.database, customer)  # nobody is asked about somebody who is not there
        if not yes:
            typer.confirm(f"Erase {name or 'customer'} ({customer})? Nothing brings them back.", abort=True)
        done = erase_person(
            app.database,
            settings.data_dir,
            customer,
            by,
            app.clock(),
            ErasureGround(ground),
            folder_of(app.settings),
        )
    for line in done.sentences:
        console.print(line, markup=False)
