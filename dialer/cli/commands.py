"""The `winback` command line: what `winback --help` lists, and where each command is found."""

from typing import Final

import typer

from dialer.cli.lazy_group import LazyGroup, ListedCommand

COMMANDS: Final = (
    ListedCommand(
        "demo",
        "dialer.cli.demo:demo",
        "Run the main job with a simulated PBX and sample customers, on embedded parts.",
    ),
    ListedCommand(
        "doctor",
        "dialer.cli.doctor:doctor",
        "Check database, Redis, AMI, dialplan, queues and FastAGI; exit code 1 if anything is wrong.",
    ),
    ListedCommand(
        "serve",
        "dialer.cli.serve:serve",
        "All in one: pages, engine and one worker, on the PBX that WINBACK_PBX__HOST names.",
    ),
    ListedCommand("web", "dialer.cli.serve:web", "The pages and the API alone; any number of these may run."),
    ListedCommand(
        "engine", "dialer.cli.serve:engine", "The engine alone: one leads each PBX, any other stands by."
    ),
    ListedCommand(
        "worker",
        "dialer.cli.serve:worker",
        "A worker for import, training, scoring and reports; any number, on any machine.",
    ),
    ListedCommand(
        "import",
        "dialer.cli.import_customers:import_file",
        "Bring customers in from FILE: good rows go into the database, bad rows come back in "
        "FILE.rejected.csv.",
    ),
    ListedCommand(
        "allow",
        "dialer.cli.allow:allow",
        "Let CUSTOMER be rung again who was put off; numbers stay on the do-not-call list.",
    ),
    ListedCommand(
        "explain",
        "dialer.cli.explain:explain",
        "Say what every rule says of calling a person, and from when on they may be called.",
    ),
    ListedCommand(
        "person",
        "dialer.cli.person:group",
        "What a customer may ask for: to see, correct, restrict or erase what is kept of them.",
    ),
    ListedCommand(
        "setup",
        "dialer.cli.setup:group",
        "Agents, teams, queues, trunks, words and hours as a file: show, compare, apply.",
    ),
    ListedCommand("users", "dialer.cli.users:group", "Who may log in to the pages, and as what."),
    ListedCommand(
        "report", "dialer.cli.report_show:group", "Figures of the centre by day: on the screen, or as a file."
    ),
    ListedCommand(
        "audit", "dialer.cli.audit:group", "The decision log: whether anything was changed, and to hand over."
    ),
    ListedCommand(
        "do-not-call",
        "dialer.cli.do_not_call:group",
        "Registers of numbers that want no marketing calls: import a file, list them.",
    ),
    ListedCommand(
        "outbox",
        "dialer.cli.outbox:group",
        "Texts to customers and events to programs: what waits, what failed, and to try again.",
    ),
    ListedCommand(
        "backup", "dialer.cli.backup:backup", "Copy the SQLite database into FILE while Winback runs."
    ),
    ListedCommand(
        "restore",
        "dialer.cli.restore:restore",
        "Bring a database that came from an older copy up to what was dialled since.",
    ),
    ListedCommand(
        "train",
        "dialer.cli.train_score:train",
        "Train the models that say who is likely to leave and whom a call helps, judged on unseen customers.",
    ),
    ListedCommand(
        "score",
        "dialer.cli.train_score:score",
        "Score every customer with the champion: risk, value, expected gain of a call, and three reasons.",
    ),
    ListedCommand(
        "label",
        "dialer.cli.effect:label",
        "Say who left and who stayed. What was said is kept for ever; saying it again adds nothing.",
    ),
    ListedCommand(
        "effect",
        "dialer.cli.effect:effect",
        "Say what calling changed, against the customers held out by chance, with intervals valid "
        "at any look.",
    ),
    ListedCommand("campaign", "dialer.cli.campaign:group", "Campaigns: whom to call, and when."),
    ListedCommand(
        "callbacks",
        "dialer.cli.callbacks:group",
        "Promised calls: whether they all add up, what callers were told, what could not be kept.",
    ),
    ListedCommand(
        "staffing",
        "dialer.cli.staffing:staffing",
        "Forecast callers and promised calls by quarters of an hour, and the agents they take.",
    ),
    ListedCommand("model", "dialer.cli.models:group", "Models: how good, which one is in use, what moved."),
    ListedCommand(
        "schedule",
        "dialer.cli.schedule:group",
        "What Winback does by itself at its hours: list it, or do one now.",
    ),
    ListedCommand("asterisk", "dialer.cli.asterisk:group", "Asterisk's configuration for Winback."),
    ListedCommand("lab", "dialer.cli.lab_callbacks:lab", "Try pacing and callbacks in virtual time."),
    ListedCommand("bench", "dialer.cli.bench:group", "Measure what has to be fast."),
    ListedCommand(
        "outcome",
        "dialer.cli.renamed:outcome",
        "Say who left and who stayed. What was said is kept for ever; saying it again adds nothing.",
        hidden=True,
    ),
    ListedCommand(
        "duties",
        "dialer.cli.renamed:duties",
        "What Winback does by itself at its hours: list it, or do one now.",
        hidden=True,
    ),
)


class WinbackCommands(LazyGroup):
    """Every command of `winback`."""

    listed = COMMANDS


cli = typer.Typer(
    cls=WinbackCommands,
    name="winback",
    help="An outbound retention and callback dialer for Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    callback=lambda: None,  # typer makes a group only of what has a callback or commands of its own
)
