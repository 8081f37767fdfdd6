"""How customer files come in by themselves: folders that are watched, and how large a file may be."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from dialer.pbx_settings import Table

SOURCE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}$"
SourceName = Annotated[str, StringConstraints(pattern=SOURCE_NAME)]


class FolderSettings(Table):
    """A folder into which a system puts its customer files."""

    path: Path = Field(description="the folder; every worker must see it")
    source: SourceName = Field(description="name of the source its files are from")
    missing: Literal["report", "close"] | None = Field(
        None,
        description="of the source's customers who are not in a file; unset: as the source had it before",
    )


class ImportSettings(Table):
    """Customer files that come in by themselves."""

    folders: list[FolderSettings] = Field(default_factory=list, description="folders that workers watch")
    settle_s: float = Field(
        60.0,
        ge=1,
        description="a file in a folder is taken once nobody has written to it for so long, seconds",
    )
    largest_mb: int = Field(512, ge=1, le=4096, description="largest file the page and the API take, MB")
