"""A table as the answer to a request: a file that a browser keeps."""

from starlette.responses import Response

from dialer.core.reporting.columns import ReportTable
from dialer.core.reporting.table_files import MEDIA_TYPES, FileFormat, write_file


def as_file(table: ReportTable, kind: FileFormat) -> Response:
    """The table in a file of its own name."""
    named = {"Content-Disposition": f'attachment; filename="{table.name}.{kind.value}"'}
    return Response(write_file(table, kind), media_type=MEDIA_TYPES[kind], headers=named)
