"""Model files: round trip, and refusal of whatever was changed or does not belong."""

import hashlib
import json
import zipfile

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from skops.io import dumps

from churnmodel.artefact import ArtefactRefused, _digest, load, save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.additive import Additive, Levels, LineShape, Pair, Steps
from churnmodel.risk.candidates import FULL, QUICK
from churnmodel.risk.training import train_risk
from churnmodel.synthetic_customers import make_customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def customers():
    return make_customers(1500, seed=2)


@pytest.fixture(scope="module")
def model(customers):
    return train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)


def test_parts_are_kept_by_the_names_that_model_files_always_had():
    shapes = (
        LineShape(column=0, knots=np.array([0.0, 1.0]), values=np.array([0.0, 2.0]), missing=0.5),
        Steps(column=1, cuts=np.array([0.0]), values=np.array([-1.0, 1.0]), missing=0.0),
        Levels(column=2, values=np.array([0.1, 0.2]), missing=0.0),
    )
    pair = Pair(columns=(0, 1), cuts=(np.array([0.5]), np.array([])), values=np.zeros((3, 2)))
    state = Additive(base=0.0, width=3, shapes=shapes, pairs=(pair,)).state()

    assert ["Line", "Steps", "Levels"] == [part["part"] for part in state["shapes"]]
    assert ["Pair"] == [part["part"] for part in state["pairs"]]
    assert [type(shape) for shape in shapes] == [type(shape) for shape in Additive.from_state(state).shapes]


@pytest.mark.parametrize("name", FULL)
def test_model_reads_back_bit_equal(customers, tmp_path, name):
    """Scores, parts, contract and facts are the same after a round trip, for every candidate."""
    customers = customers.head(700)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=(name,))
    save(model, tmp_path)

    again = load(tmp_path)

    matrix = model.features.matrix(customers)
    assert (model.predict(customers) == again.predict(customers)).all()
    assert (model.contributions(matrix) == again.contributions(matrix)).all()
    assert (model.contract, model.facts) == (again.contract, again.facts)


def test_one_changed_byte_is_refused(model, tmp_path):
    """Whichever byte of the model file changes, and in the manifest too."""
    save(model, tmp_path)
    path = next(tmp_path.glob("*.skops"))
    content = path.read_bytes()
    for index in np.linspace(0, len(content) - 1, 7).astype(int):
        path.write_bytes(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])
        with pytest.raises(ArtefactRefused, match="artefact.changed"):
            load(tmp_path)
    path.write_bytes(content)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"roc_auc": 0.', '"roc_auc": 1.', 1))

    with pytest.raises(ArtefactRefused, match="artefact.changed"):
        load(tmp_path)


def forge(folder, content: bytes) -> None:
    """Put other content in, with hashes that fit: what an attacker with write access would do."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / manifest["file"]).write_bytes(content)
    manifest.pop("manifest_sha256")
    manifest["sha256"] = hashlib.sha256(content).hexdigest()
    manifest["manifest_sha256"] = _digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_type_that_is_no_plain_data_is_refused_before_anything_is_built(model, tmp_path):
    """Even a type that the library itself trusts."""
    save(model, tmp_path)
    forge(tmp_path, dumps({"members": LogisticRegression()}))

    with pytest.raises(ArtefactRefused, match="artefact.type"):
        load(tmp_path)


def test_file_that_unpacks_to_too_much_is_refused(model, tmp_path, monkeypatch):
    """A zip bomb is seen from its directory, not by unpacking it."""
    save(model, tmp_path)
    bomb = tmp_path / "bomb"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", "{}")
        packed.writestr("zeros", bytes(3 * 2**20))
    monkeypatch.setattr("churnmodel.artefact.LARGEST_UNPACKED", 2 * 2**20)
    forge(tmp_path, bomb.read_bytes())

    with pytest.raises(ArtefactRefused, match="artefact.size"):
        load(tmp_path)


def test_manifest_cannot_point_outside_its_folder(model, tmp_path):
    """The name in the manifest is a name, not a path."""
    save(model, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest.pop("manifest_sha256")
    manifest["file"] = "../secret"
    manifest["manifest_sha256"] = _digest(manifest)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(ArtefactRefused, match="artefact.absent"):
        load(tmp_path)


def test_saving_again_leaves_one_model(customers, model, tmp_path):
    """The newer model replaces the older whole."""
    save(model, tmp_path)
    other = train_risk(customers, infer_contract(customers), seed=2, candidates=QUICK)
    ref = save(other, tmp_path)

    assert [f"model-{ref.sha256[:16]}.skops"] == [path.name for path in tmp_path.glob("*.skops")]
    assert 2 == load(tmp_path).facts["seed"]
