"""A group of commands that loads each when it is asked for, and none for `--help`.

Typer wants a command's function before it can list it. For `winback --help` that would load the modules of
every command, so the group knows names and help from a table instead.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group


@dataclass(frozen=True, slots=True)
class ListedCommand:
    """A command as its group knows it before it is loaded."""

    name: str
    found_at: str  # module:attribute of its function, or of its own group
    help: str  # the first paragraph of the command's own help
    hidden: bool = False

    def load(self) -> Any:
        """The command itself."""
        load_log_library()
        module, _, attribute = self.found_at.partition(":")
        found = getattr(import_module(module), attribute)
        around = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            around.add_typer(found, name=self.name, hidden=self.hidden)
        else:
            around.command(self.name, hidden=self.hidden)(found)
        return get_group(around).commands[self.name]


def load_log_library() -> None:
    """Load structlog as where rich is not installed.

    For tracebacks in colour, which our log never has, it would keep rich and pygments in every service.
    """
    if sys.modules.keys().isdisjoint({"rich", "structlog"}):
        sys.modules["rich"] = cast("ModuleType", None)  # as the import system has what is not to be found
        try:
            import_module("structlog")
        finally:
            del sys.modules["rich"]


class LazyCommands(Mapping[str, Any]):
    """Commands by name, each loaded at its first look-up."""

    def __init__(self, listed: Sequence[ListedCommand]) -> None:
        self._listed = {each.name: each for each in listed}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._listed[name].load()
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


class LazyGroup(TyperGroup):
    """Lists its commands from `listed`, and loads the one that is run."""

    listed: ClassVar[Sequence[ListedCommand]] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = LazyCommands(self.listed)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Plain text: rich and the Markdown parser behind its help take as long to load as all the rest."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        with formatter.section("Commands"):
            formatter.write_dl([(each.name, each.help) for each in self.listed if not each.hidden])
