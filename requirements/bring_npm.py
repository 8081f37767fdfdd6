"""Brings npm packages in as files: by version and hash from `npm.toml`, no script of theirs ever run.

    python3 requirements/bring_npm.py [NAME…]

Whatever is there already is left alone. What npm fetched is kept in `WINBACK_NPM_CACHE` or the user's cache
folder, so that the next tree needs no network.
"""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = Path(__file__).with_name("npm.toml")
WITHIN_S: Final = 300  # npm tries several times


class NotBrought(Exception):
    """What is missing, and what to do about it, in one sentence."""


def bring(package: dict[str, Any]) -> Path:
    """The folder with the package's files. Raises `NotBrought`."""
    name = f"{package['name']}-{package['version']}"
    target = ROOT / package["into"] / name
    if not target.is_dir():
        data = fetched(package, f"{name}.tgz")
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=target.parent))
        unpack(data, package["files"], draft)
        draft.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # somebody else was quicker
            shutil.rmtree(draft)
    return target


def fetched(package: dict[str, Any], file: str) -> bytes:
    """The package as the registry has it, its hash looked at."""
    kept = shelf() / file
    if not kept.is_file() or not is_genuine(kept.read_bytes(), package["integrity"]):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            packed = pack(f"{package['name']}@{package['version']}", Path(folder))
            if not is_genuine(packed.read_bytes(), package["integrity"]):
                raise NotBrought(f"{file} is not what {LOCK.name} says it is: nothing was taken from it")
            packed.replace(kept)
    return kept.read_bytes()


def pack(wanted: str, folder: Path) -> Path:
    """Have npm fetch one package, and nothing it depends on, into an empty folder."""
    if shutil.which("npm") is None:
        raise NotBrought(f"npm is not installed, and fetches {wanted}: apt-get install npm")
    done = subprocess.run(
        ["npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", str(folder), wanted],
        check=False, capture_output=True, text=True, timeout=WITHIN_S,
    )  # fmt: skip
    found = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(found) != 1:
        raise NotBrought(f"npm could not fetch {wanted}: {(done.stderr or done.stdout).strip()[-300:]}")
    return found[0]


def is_genuine(data: bytes, integrity: str) -> bool:
    """Whether these bytes have this hash."""
    algorithm, _, digest = integrity.partition("-")
    return base64.b64encode(hashlib.new(algorithm, data).digest()).decode() == digest


def unpack(data: bytes, patterns: list[str], target: Path) -> None:
    """Put the files that are wanted into a folder; `*` stands for folders too."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix("package/")
            if not member.isfile() or not any(fnmatch(name, pattern) for pattern in patterns):
                continue
            path = (target / name).resolve()
            if not path.is_relative_to(target.resolve()):
                raise NotBrought(f"{name} would lie outside the folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            assert content is not None  # noqa: S101 - it is a file
            path.write_bytes(content.read())


def shelf() -> Path:
    """Where fetched packages are kept between trees."""
    stated = os.environ.get("WINBACK_NPM_CACHE")
    return Path(stated) if stated else Path.home() / ".cache" / "winback" / "npm"


def main(names: list[str]) -> int:
    """Bring in the packages named, or all; how many could not be."""
    packages = tomllib.loads(LOCK.read_text())["package"]
    failed = 0
    for package in packages:
        if names and package["name"] not in names:
            continue
        try:
            print(f"{package['name']} {package['version']}: {bring(package).relative_to(ROOT)}")  # noqa: T201 - a script speaks
        except NotBrought as missing:
            print(missing, file=sys.stderr)  # noqa: T201 - as above
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
