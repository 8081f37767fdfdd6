"""`winback allow`: a person whom a file, or their own word, put off may be rung again."""

from typing import Annotated

import typer

from dialer.cli.console_output import console, fail


def allow(
    customer: Annotated[str, typer.Argument(help="The company's own number of the customer.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")],
    by: Annotated[str, typer.Option(help="Who says so.")] = "staff",
) -> None:
    """Let CUSTOMER be rung again who was put off; numbers stay on the do-not-call list."""
    from dialer.bootstrap import open_app
    from dialer.services.customers.suppression import allow_person
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        allowed = allow_person(app.database, customer, by, reason, app.clock())
    if not allowed:
        fail(f"nothing puts customer {customer} off", code=1)
    console.print(f"Customer {customer} may be rung again.", markup=False)
