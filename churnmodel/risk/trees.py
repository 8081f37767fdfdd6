"""Candidate "trees": scikit-learn's histogram boosting, kept as plain arrays, with exact additive parts.

A tree's prediction is the mean at its root plus what each split on the row's path adds; the addition belongs
to the feature split on. Summed over trees these parts add up to the log-odds exactly (Saabas 2014). They are
read off a leaf table, so parts cost little more than the prediction itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from churnmodel.array_types import Floats
from churnmodel.risk.inputs import LevelTable, read_levels
from churnmodel.threads import one_thread

LEARNING_RATE: Final = 0.04
LEAVES: Final = 15
FEWEST_ROWS_A_LEAF: Final = 40
RIDGE: Final = 5.0
FEATURES_A_SPLIT: Final = 0.5
MOST_TREES: Final = 800
"""Regularised settings that stood within noise of the best boosters on fifteen data sets, untuned per set."""

SMALL_LEAF_SHARE: Final = 0.01
"""Below 4,000 rows a leaf of 40 would be more than this share of them; then the share holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One tree's nodes and the category sets of its splits."""

    nodes: NDArray[Any]
    sets: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """A sum of trees over the features in `order` (categories first, as the library lays them out)."""

    base: float
    width: int
    order: tuple[int, ...]
    native: int  # how many of `order` are category codes
    tables: tuple[LevelTable, ...]
    known_sets: NDArray[np.uint32]
    trees: tuple[Tree, ...]

    def logit(self, matrix: Floats) -> Floats:
        """Sum the trees: log-odds of the outcome."""
        x, indices = self._inputs(matrix)
        total = np.full(len(matrix), self.base)
        for tree in self.trees:
            total += _predictor(tree).predict(x, self.known_sets, indices, 1)
        return total

    def contributions(self, matrix: Floats) -> Floats:
        """Give each feature's part for each row (rows x width, log-odds, without the base)."""
        x, indices = self._inputs(matrix)
        result = np.zeros((len(matrix), self.width), order="F")
        for tree in self.trees:
            parts, _ = node_parts(tree.nodes)
            leaf = _leaf_finder(tree).predict(x, self.known_sets, indices, 1).astype(np.int64)
            for feature, values in parts.items():
                result[:, self.order[feature]] += values[leaf]
        return result

    @property
    def centred_base(self) -> float:
        """The base to which the parts are added: every tree's mean at its root belongs to it."""
        return self.base + sum(node_parts(tree.nodes)[1] for tree in self.trees)

    def _inputs(self, matrix: Floats) -> tuple[Floats, NDArray[np.uint32]]:
        x = np.empty((len(matrix), len(self.order)))
        tables = {table.column: table for table in self.tables}
        for index, column in enumerate(self.order):
            values = matrix[:, column]
            x[:, index] = tables[column].read(values) if column in tables else values
        indices = np.zeros(len(self.order), dtype=np.uint32)
        indices[: self.native] = np.arange(self.native)
        return x, indices

    def state(self) -> dict[str, Any]:
        """Give plain values and arrays for a model file."""
        return {
            "family": "trees",
            "base": self.base,
            "width": self.width,
            "order": list(self.order),
            "native": self.native,
            "tables": [{"column": t.column, "values": t.values, "native": t.native} for t in self.tables],
            "known_sets": self.known_sets,
            **pack_trees(self.trees),
        }

    @staticmethod
    def from_state(state: Mapping[str, Any]) -> "Trees":
        """Read back what `state` gave."""
        return Trees(
            base=float(state["base"]),
            width=int(state["width"]),
            order=tuple(state["order"]),
            native=int(state["native"]),
            tables=tuple(LevelTable(**table) for table in state["tables"]),
            known_sets=state["known_sets"],
            trees=unpack_trees(state),
        )


def pack_trees(trees: Sequence[Tree]) -> dict[str, Any]:
    """Put all trees into one table: thousands of tiny arrays would make a slow file."""
    return {
        "nodes": {
            field: np.concatenate([tree.nodes[field] for tree in trees])
            for field in PREDICTOR_RECORD_DTYPE.names
        },
        "node_counts": [len(tree.nodes) for tree in trees],
        "sets": np.concatenate([tree.sets for tree in trees]),
        "set_counts": [len(tree.sets) for tree in trees],
    }


def unpack_trees(state: Mapping[str, Any]) -> tuple[Tree, ...]:
    """Read back what `pack_trees` gave."""
    return tuple(
        Tree(nodes=nodes, sets=sets)
        for nodes, sets in zip(
            np.split(_record(state["nodes"]), np.cumsum(state["node_counts"])[:-1]),
            np.split(state["sets"], np.cumsum(state["set_counts"])[:-1]),
            strict=True,
        )
    )


def trees_of(
    model: HistGradientBoostingClassifier | HistGradientBoostingRegressor,
) -> tuple[float, tuple[Tree, ...]]:
    """Take base and trees out of a fitted model of the library."""
    return float(np.ravel(model._baseline_prediction)[0]), tuple(  # noqa: SLF001 - plain arrays are what is kept
        Tree(nodes=step[0].nodes, sets=step[0].raw_left_cat_bitsets)
        for step in model._predictors  # noqa: SLF001 - same
    )


def fit_trees(
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    *,
    seed: int,
    weight: Floats | None = None,
) -> Trees:
    """Fit on rows x features; a feature without any value is left out (the library crashes on one)."""
    truth = labels.astype(np.int64)
    inputs, tables = read_levels(matrix, truth, categories, seed=seed)
    native = {table.column for table in tables if table.native}
    used = [column for column in range(matrix.shape[1]) if not np.isnan(inputs[:, column]).all()]
    order = (*(c for c in used if c in native), *(c for c in used if c not in native))
    natives = sum(column in native for column in order)
    model = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=min(FEWEST_ROWS_A_LEAF, max(5, round(SMALL_LEAF_SHARE * len(truth)))),
        l2_regularization=RIDGE,
        max_features=FEATURES_A_SPLIT,
        max_iter=MOST_TREES,
        early_stopping=True,
        categorical_features=list(range(natives)) or None,
        random_state=seed,
    )
    with one_thread():
        model.fit(inputs[:, order], truth, sample_weight=weight)
    known_sets, _ = model._bin_mapper.make_known_categories_bitsets()  # noqa: SLF001 - plain arrays are what is kept
    base, trees = trees_of(model)
    return Trees(
        base=base,
        width=matrix.shape[1],
        order=order,
        native=natives,
        tables=tables,
        known_sets=known_sets,
        trees=trees,
    )


def node_parts(nodes: NDArray[Any]) -> tuple[dict[int, Floats], float]:
    """Give, by feature, what the path to each node adds, and the mean at the root.

    The mean at an inner node is that of its leaves, weighted by their training rows.
    """
    size = len(nodes)
    leaf = nodes["is_leaf"].astype(bool)
    mean = np.where(leaf, nodes["value"], 0.0)
    weight = np.where(leaf, nodes["count"], 0).astype(np.float64)
    # children come after their parent in the array
    for index in range(size - 1, -1, -1):
        if not leaf[index]:
            both = [int(nodes["left"][index]), int(nodes["right"][index])]
            weight[index] = weight[both].sum()
            mean[index] = (mean[both] * weight[both]).sum() / max(weight[index], 1.0)
    parts: dict[int, Floats] = {}
    for feature in np.unique(nodes["feature_idx"][~leaf]):
        parts[int(feature)] = np.zeros(size)
    for index in range(size):
        if leaf[index]:
            continue
        feature = int(nodes["feature_idx"][index])
        for child in (int(nodes["left"][index]), int(nodes["right"][index])):
            for values in parts.values():
                values[child] = values[index]
            parts[feature][child] += mean[child] - mean[index]
    return parts, float(mean[0])


def _predictor(tree: Tree) -> Any:
    return TreePredictor(tree.nodes, tree.sets, tree.sets)


def _leaf_finder(tree: Tree) -> Any:
    """A predictor whose answer is the number of the leaf."""
    nodes = tree.nodes.copy()
    nodes["value"] = np.arange(len(nodes))
    return TreePredictor(nodes, tree.sets, tree.sets)


def _record(fields: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    nodes = np.zeros(len(fields["value"]), dtype=PREDICTOR_RECORD_DTYPE)
    for field in nodes.dtype.names or ():
        nodes[field] = fields[field]
    return nodes
