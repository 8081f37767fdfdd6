"""Templates as Python code, kept beside them as Python keeps that of its modules.

Reading the templates of the pages takes a process some seconds, and three megabytes that it does not give
back.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import jinja2
from jinja2.bccache import Bucket

FOLDER: Final = "__pycache__"
#: another version of Jinja writes other code
PATTERN: Final = f"%s.jinja-{jinja2.__version__}.cache"


class TemplateCode(jinja2.FileSystemBytecodeCache):
    """The code of templates in a folder, found again by the digest of their text.

    Where the folder cannot be written, or Python is told to write no code, each process reads the templates.
    Made with an environment that works nothing out beforehand (`optimized=False`), it depends on no filter.
    """

    def __init__(self, templates: Path) -> None:
        super().__init__(str(templates / FOLDER), PATTERN)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Find the code of a template, if it is there and can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template, if it can be."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)
