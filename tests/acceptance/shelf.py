"""The packages that `docs/install.md` fetches, fetched before any test, which has no internet then.

    python -m acceptance.shelf

Done once for each state of the lock file, in a clean root of the Debian that the test installs into, so that
they are those which its apt and its Python ask for. `tests/prepare.sh` does so.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from acceptance.clean_root import ROOT, SHELF, CleanRoot
from bench.testbed.install import CannotInstall, cache_folder, find

SUITE: Final = "sid"
LOCK: Final = ROOT / "requirements/run.lock"
MARK: Final = ".complete"
#: as docs/install.md names them
DEBIAN: Final = "python3-venv espeak-ng"
FETCH: Final = f"""mkdir -p {SHELF}/debs {SHELF}/lists {SHELF}/wheels
apt-get update -qq
apt-get install -qq --yes --no-install-recommends -o APT::Keep-Downloaded-Packages=true {DEBIAN} >/dev/null
python3 -m venv /tmp/fetch
/tmp/fetch/bin/pip download --quiet --dest {SHELF}/wheels --require-hashes --requirement requirements/run.lock
/tmp/fetch/bin/pip download --quiet --dest {SHELF}/wheels %s
cp /var/cache/apt/archives/*.deb {SHELF}/debs
cp -a /var/lib/apt/lists/. {SHELF}/lists
"""


def shelf() -> Path:
    """Where the packages are kept between runs, beside the Asterisk servers."""
    return cache_folder() / f"{SUITE}-packages"


def is_complete() -> bool:
    """Whether what is there is what this state of the source asks for."""
    mark = shelf() / MARK
    return mark.is_file() and mark.read_text() == _wanted()


def fetch() -> None:
    """Fetch all of it, over this machine's network. Raises `CannotInstall`."""
    home = find(SUITE)
    building = " ".join(f"'{each}'" for each in _build_requirements())
    with tempfile.TemporaryDirectory(dir=home.root.parent) as folder:
        clean = CleanRoot(home, Path(folder) / "root")
        with clean:
            clean.bring_the_source()
            clean.run(FETCH % building, fetching=True)
            fetched = Path(folder) / "shelf"
            shutil.copytree(clean.written(SHELF), fetched, symlinks=True)
        (fetched / MARK).write_text(_wanted())
        shutil.rmtree(shelf(), ignore_errors=True)
        fetched.rename(shelf())


def _wanted() -> str:
    asked = [LOCK.read_text(), DEBIAN, *_build_requirements()]
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()


def _build_requirements() -> list[str]:
    built: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    return built


def main() -> int:
    """Fetch what is not there yet."""
    if is_complete():
        print(f"packages of docs/install.md: already there ({shelf()})")  # noqa: T201 - a script speaks
        return 0
    try:
        fetch()
    except (CannotInstall, OSError, AssertionError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a script speaks
        return 1
    print(f"packages of docs/install.md: fetched ({shelf()})")  # noqa: T201 - a script speaks
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
