"""All templates read and their code kept, so that no page has to: `python -I -m dialer.web.template_reading`.

It is for whoever installs Winback, since its services may not write beside its code.
"""

import sys
from pathlib import Path

from dialer.web.template_code import ALL_READ, FOLDER, TEMPLATES
from dialer.web.templating import make_templates


def read_templates(templates: Path = TEMPLATES) -> int:
    """Read every template of a folder; how many. Raises `OSError` where their code cannot be kept."""
    (templates / FOLDER).mkdir(exist_ok=True)
    environment = make_templates(templates).env
    names = [each.relative_to(templates).as_posix() for each in templates.glob("**/*.html")]
    for name in names:
        environment.get_template(name)
    (templates / FOLDER / ALL_READ).touch()
    return len(names)


if __name__ == "__main__":
    sys.dont_write_bytecode = False  # whoever asks for it means it, as of `python -m compileall`
    try:
        read_templates()
    except OSError as error:
        raise SystemExit(
            f"{TEMPLATES / FOLDER}: the templates' code cannot be kept ({error.strerror})"
        ) from None
