"""The one application that every command registers itself on."""

import typer

cli = typer.Typer(
    name="winback",
    help="An outbound retention and callback dialer for Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
