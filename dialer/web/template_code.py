"""Templates as Python code, kept beside them as Python keeps that of its modules.

Reading the templates of the pages takes a process some seconds, and three megabytes that it does not give
back: whoever installs Winback, else a version's first start, has another one read them
(`dialer.web.template_reading`).
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import jinja2
from jinja2.bccache import Bucket

#: resolved, as code is found again by it: whatever path a process was started by
TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
FOLDER: Final = "__pycache__"
#: another version of Jinja writes other code
PATTERN: Final = f"%s.jinja-{jinja2.__version__}.cache"
#: a file that is as old as the last reading of all of them
ALL_READ: Final = f"all-read.jinja-{jinja2.__version__}.{sys.implementation.cache_tag}"
READING_S: Final = 30.0  # for which pages wait at the most: they take two, and on a busy machine ten


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


def all_kept(templates: Path) -> bool:
    """Whether the code of all templates is there, and none of them was changed since."""
    try:
        read_at = (templates / FOLDER / ALL_READ).stat().st_mtime
    except OSError:
        return False
    return all(each.stat().st_mtime <= read_at for each in templates.glob("**/*.html"))


def have_them_read(templates: Path = TEMPLATES) -> None:
    """Have templates read by a process that gives its memory back, where their code can be kept and is not.

    It costs two seconds, once a version, which the first who asked for each page waited for before.
    """
    if all_kept(templates) or sys.dont_write_bytecode or not os.access(templates, os.W_OK):
        return
    reading = [sys.executable, "-m", "dialer.web.template_reading"]
    with suppress(subprocess.TimeoutExpired):  # what is not kept by then is read when it is shown
        subprocess.run(reading, check=False, timeout=READING_S)  # noqa: S603 - our own module, no shell
