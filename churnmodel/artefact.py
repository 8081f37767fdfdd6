"""Model files: a folder with one skops file and one manifest; the only file access beside `parts`.

What is saved is numbers, text and arrays, never a Python object: an unknown type in the file is refused
before anything is built. The manifest names the file, its SHA-256, the contract, the figures and the
versions; it carries a digest of itself, so that one changed byte anywhere is refused. Writing is atomic: the
manifest is replaced last, and whoever reads meanwhile gets the old model whole.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from skops.io import dumps, loads

from churnmodel.data.contract import Contract
from churnmodel.data.features import Features
from churnmodel.risk.calibrate import Straightening
from churnmodel.risk.training import RiskModel, scorer_from_state

FORMAT: Final = 1
"""Raised when the layout changes; an older reader refuses a newer file."""

RISK: Final = "risk"
"""The kind of model that says who is likely to leave; a manifest that names no kind means this one."""

MANIFEST: Final = "manifest.json"

LARGEST_MANIFEST: Final = 64 * 2**20
LARGEST_FILE: Final = 256 * 2**20
LARGEST_UNPACKED: Final = 1024 * 2**20
MOST_MEMBERS: Final = 100_000
"""Bytes and counts far above any model of this product (a few MB); beyond is an attack or a mistake."""

ALLOWED_TYPES: Final = frozenset(
    {
        ("builtins", "dict"),
        ("builtins", "list"),
        ("builtins", "tuple"),
        ("builtins", "str"),
        ("builtins", "int"),
        ("builtins", "float"),
        ("builtins", "bool"),
        ("builtins", "NoneType"),
        ("numpy", "ndarray"),
        ("numpy", "float64"),
    }
)
"""Everything a model file may hold, narrower than the library's own list of trusted types."""


class ArtefactRefused(ValueError):
    """The model file must not be used; `rule` says why."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{why} [{rule}]")
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactRef:
    """Where a model is and which one it is."""

    folder: Path
    sha256: str  # of the model file; identifies the model
    manifest_sha256: str  # identifies the model with its contract and figures


def save(model: RiskModel, folder: Path | str) -> ArtefactRef:
    """Write a risk model into a folder, atomically; an older model there is replaced."""
    described = {
        "contract": model.contract.as_dict(),
        "features": model.features.as_list(),
        "facts": dict(model.facts),
    }
    return save_state(_state(model), folder, holds=RISK, described=described)


def save_state(state: Any, folder: Path | str, *, holds: str, described: Mapping[str, Any]) -> ArtefactRef:
    """Write plain values and arrays, and a manifest that says what they are; atomically.

    Args:
        state: what the file holds, of `ALLOWED_TYPES` only.
        folder: where; an older model there is replaced.
        holds: the kind of model; a reader of another kind refuses it.
        described: what else the manifest says.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = dumps(state)
    digest = hashlib.sha256(content).hexdigest()
    name = f"model-{digest[:16]}.skops"
    _write(folder / name, content)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "holds": holds,
        "file": name,
        "sha256": digest,
        "bytes": len(content),
        **described,
    }
    manifest["manifest_sha256"] = _digest(manifest)
    _write(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    for old in folder.glob("model-*.skops"):
        if old.name != name:
            old.unlink(missing_ok=True)
    return ArtefactRef(folder=folder, sha256=digest, manifest_sha256=manifest["manifest_sha256"])


def read_manifest(folder: Path | str) -> dict[str, Any]:
    """Read and check a manifest without touching the model. Raises `ArtefactRefused`."""
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise ArtefactRefused("artefact.absent", f"there is no model in {folder}")
    if path.stat().st_size > LARGEST_MANIFEST:
        raise ArtefactRefused("artefact.size", "the manifest is too large")
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as error:
        raise ArtefactRefused("artefact.manifest", "the manifest is not JSON") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtefactRefused("artefact.format", "the manifest has a format this version does not read")
    if manifest.pop("manifest_sha256", "") != (digest := _digest(manifest)):
        raise ArtefactRefused("artefact.changed", "the manifest was changed after it was written")
    return {**manifest, "manifest_sha256": digest}


def load(folder: Path | str) -> RiskModel:
    """Read a risk model back. Raises `ArtefactRefused` on any changed byte, unknown type or size."""
    manifest, state = load_state(folder, holds=RISK)
    return RiskModel(
        contract=Contract.from_dict(manifest["contract"]),
        features=Features.from_list(manifest["features"]),
        members=tuple((float(one["weight"]), scorer_from_state(one["scorer"])) for one in state["members"]),
        straightening=Straightening(**state["straightening"]),
        centre=np.asarray(state["centre"], dtype=np.float64),
        facts=manifest["facts"],
    )


def load_state(folder: Path | str, *, holds: str) -> tuple[dict[str, Any], Any]:
    """Read manifest and values of one kind of model. Raises `ArtefactRefused`."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest.get("holds", RISK) != holds:
        raise ArtefactRefused("artefact.kind", f"the model in {folder} is not a model of {holds}")
    path = folder / str(manifest["file"])
    if path.parent != folder or not path.is_file():
        raise ArtefactRefused("artefact.absent", "the model file that the manifest names is not there")
    if path.stat().st_size > LARGEST_FILE:
        raise ArtefactRefused("artefact.size", "the model file is too large")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise ArtefactRefused("artefact.changed", "the model file was changed after it was written")
    audit(path)
    return manifest, loads(content, trusted=[])


def audit(path: Path) -> None:
    """Refuse a model file that is too large unpacked or names any type but plain ones. Builds nothing."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
                raise ArtefactRefused("artefact.size", "the model file is too large unpacked")
            schema = json.loads(packed.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, ArtefactRefused):
            raise
        raise ArtefactRefused("artefact.format", "the model file is no skops file") from error
    for module, name in _types(schema):
        if (module, name) not in ALLOWED_TYPES:
            raise ArtefactRefused("artefact.type", f"the model file holds a {module}.{name}")


def _types(node: Any) -> Iterator[tuple[str, str]]:
    """Walk the schema without recursion: its depth is the file's to choose."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if "__class__" in found or "__module__" in found:
                yield str(found.get("__module__")), str(found.get("__class__"))
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _state(model: RiskModel) -> dict[str, Any]:
    return {
        "members": [{"weight": weight, "scorer": scorer.state()} for weight, scorer in model.members],
        "straightening": {
            "slope": model.straightening.slope,
            "intercept": model.straightening.intercept,
            "rule": model.straightening.rule,
        },
        "centre": model.centre,
    }


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, then rename: a reader sees the old or the new file, never half of one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
