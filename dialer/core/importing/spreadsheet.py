"""Text that a spreadsheet would take for a formula: marked on the way out, unmarked on the way back in."""

from typing import Final

#: what Excel, LibreOffice and Google Sheets begin a formula with (OWASP, "CSV Injection"), and the mark
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")  # noqa: RUF001 - full width counts too
MARK: Final = "'"  # a spreadsheet shows what follows as text


def guarded(cell: str) -> str:
    """The cell as no spreadsheet computes it."""
    return MARK + cell if cell.startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given; any other text as it is."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(FORMULA) else cell
