"""Puts every command on `app`; each module registers its own."""

from dialer.cli import asterisk, campaign, data, demo, doctor, model, processes  # noqa: F401 - importing registers
from dialer.cli.app import app

app.add_typer(asterisk.group)
app.command("import")(data.import_file)
app.command()(model.train)
app.command()(model.score)
app.add_typer(campaign.group)
