"""Maps of the codes of thousands of pictures: the codes, and their projections onto the plane.

The maps of the shipped checkpoints are precomputed by `assets/make_maps.py`, since a projection takes seconds to
minutes. Codes are stored as int8 with a scale for each number, projections as uint16 within a square; the rounding is
too small to be visible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..data import ASSETS, DATA_SETS, get_data_set, load_dataset
from ..data.bundled import load_bundled_tests
from ..errors import CheckpointError
from . import features
from .baselines import principal_axes
from .representations import PCA, PIXELS, Representation, of_checkpoint, of_pca, of_pixels

Array = np.ndarray
FOLDER = ASSETS / "features"
FIGURES = FOLDER / "figures.json"  # written by benchmarks/bench_features.py
MAX_NUMBERS = 64  # in a code on a map; larger codes are reduced to this number of principal components


@dataclass(frozen=True)
class MapPictures:
    """The pictures whose codes are shown.

    name: "digits" (the 5,000 bundled ones, from MNIST's training set), "fashion" (Fashion-MNIST's test set of 10,000)
        or "own"
    x: uint8 `(N, C, H, W)`; labels: `(N,)`; classes: their names, empty if there are none
    """

    name: str
    x: Tensor
    labels: Array
    classes: tuple[str, ...]


@dataclass(frozen=True)
class CodeMap:
    """The codes of pictures, float32 `(N, D)`, D ≤ 64, and their projections `(N, 2)` by name.

    reduce: mean `(D',)` and principal axes `(D, D')` that reduce a model's codes to those of the map; None if D' ≤ 64
    """

    codes: Array
    points: dict[str, Array]
    reduce: tuple[Array, Array] | None = None

    def code_of(self, raw: Array) -> Array:
        """A representation's codes `(N, D')` as codes of this map, `(N, D)`."""
        if self.reduce is None:
            return raw
        mean, axes = self.reduce
        return (raw - mean) @ axes.T


def load_map_pictures(data: str) -> MapPictures:
    """The pictures for the maps of a full data set, "mnist" or "fashion", from the bundled files."""
    entry = get_data_set(data)
    if tests := load_bundled_tests(data):
        return MapPictures(data, tests[0], tests[1].numpy(), entry.classes)
    assert entry.bundled is not None
    subset = load_dataset(entry.bundled)
    assert subset.train_labels is not None
    assert subset.test_labels is not None
    labels = torch.cat([subset.train_labels, subset.test_labels]).numpy()
    return MapPictures(entry.bundled, torch.cat([subset.train, subset.test]), labels, entry.classes)


def data_of(checkpoint: str | Path) -> str | None:
    """The full data set, "mnist" or "fashion", that a checkpoint was trained on; None for other data."""
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    return entry.full if entry else None


def representation_of(name: str, data: str) -> Representation:
    """The representation called `name`: `PCA`, `PIXELS` or a checkpoint's name. Raises `CheckpointError`."""
    if name == PIXELS:
        return of_pixels()
    if name == PCA:
        entry = get_data_set(data)
        return of_pca(load_dataset(entry.bundled or data).train)
    return of_checkpoint(name)


def make_map(
    raw: Array,
    methods: tuple[str, ...] = features.PROJECTIONS,
    progress: Callable[[float], None] = lambda share: None,
) -> CodeMap:
    """The map of a representation's codes `(N, D')`, with the projections `methods`."""
    raw = raw.reshape(len(raw), -1).astype(np.float32)
    reduce = None
    if raw.shape[1] > MAX_NUMBERS:
        mean, axes = (each.numpy() for each in principal_axes(torch.from_numpy(raw), MAX_NUMBERS))
        reduce = mean, axes
        raw = (raw - mean) @ axes.T
    if raw.shape[1] <= 2:
        return CodeMap(raw, {"plane": np.pad(raw, ((0, 0), (0, 1)))[:, :2]}, reduce)
    share = 1 / len(methods)
    points = {
        method: features.project(raw, method, progress=lambda part, i=i: progress((i + part) * share))  # type: ignore[misc]
        for i, method in enumerate(methods)
    }
    return CodeMap(raw, points, reduce)


def pack(made: CodeMap) -> dict[str, Array]:
    """The arrays of a map as they are stored: int8 codes with scales, uint16 points with their bounding square."""
    scale = np.maximum(np.abs(made.codes).max(0), 1e-12) / 127
    arrays: dict[str, Array] = {"codes": np.rint(made.codes / scale).astype(np.int8), "scale": scale.astype(np.float32)}
    for name, points in made.points.items():
        if name in ("plane", "pca"):  # can be computed from the codes
            continue
        low = points.min(0)
        side = max(float((points.max(0) - low).max()), 1e-12)
        arrays[f"points/{name}"] = np.rint((points - low) / side * 65535).astype(np.uint16)
        arrays[f"square/{name}"] = np.array([*low, side], np.float32)
    if made.reduce is not None:
        arrays |= {"mean": made.reduce[0].astype(np.float16), "axes": made.reduce[1].astype(np.float16)}
    return arrays


def unpack(arrays: Mapping[str, Array]) -> CodeMap:
    """The inverse of `pack`, up to rounding."""
    codes = arrays["codes"].astype(np.float32) * arrays["scale"]
    if codes.shape[1] <= 2:
        points = {"plane": np.pad(codes, ((0, 0), (0, 1)))[:, :2]}
    else:
        points = {"pca": features.project(codes, "pca")}
    for key in arrays:
        kind, _, name = key.partition("/")
        if kind == "points":
            x, y, side = arrays[f"square/{name}"]
            points[name] = (arrays[key].astype(np.float32) / 65535 * side + [x, y]).astype(np.float32)
    reduce = None
    if "mean" in arrays:
        reduce = arrays["mean"].astype(np.float32), arrays["axes"].astype(np.float32)
    return CodeMap(codes, points, reduce)


def fingerprint(checkpoint: str) -> str:
    """A hash of a checkpoint's weights, which identifies maps of earlier weights."""
    path = checkpoints.checkpoint_folder(checkpoint) / checkpoints.WEIGHTS
    return _hash(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _hash(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def load_map(name: str, data: str) -> CodeMap | None:
    """The precomputed map of a checkpoint, `PCA` or `PIXELS`; None if there is none for the present weights."""
    path = FOLDER / f"{name}-{data}.npz" if name in (PCA, PIXELS) else FOLDER / f"{name}.npz"
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, Any] = dict(stored)
    except Exception as error:  # zip, zlib and NumPy raise different exceptions for a damaged file
        raise CheckpointError("{path} is damaged: get it again from the repository.", path=path) from error
    if name not in (PCA, PIXELS) and str(arrays.pop("of")) != fingerprint(name):
        return None
    return unpack(arrays)


def load_figures(data: str) -> dict[str, dict[str, Any]]:
    """Metrics on the test set of "mnist" or "fashion", by checkpoint, `PCA` and `PIXELS`.

    They were measured by `benchmarks/bench_features.py`; those of checkpoints whose weights have changed since are left
    out. Empty without its file.
    """
    if not FIGURES.is_file():
        return {}
    rows = checkpoints.read_json(FIGURES).get(data, {})
    known = checkpoints.list_checkpoints()
    return {
        name: row
        for name, row in rows.items()
        if name in (PCA, PIXELS) or (name in known and row.get("of") == fingerprint(name))
    }


def load_sweep(data: str) -> list[dict[str, Any]]:
    """The points of the precomputed sweep over the size of the code, see `analysis.sweep`; empty without its file."""
    path = FOLDER / f"sweep-{data}.json"
    return checkpoints.read_json(path)["points"] if path.is_file() else []


def place(made: CodeMap, code: Array, method: str) -> Array:
    """The position `(2,)` of a code `(D,)` on a projection of a map.

    Exact for "pca" and "plane". The other projections have no formula for new codes: the position is the mean of the
    points of the five nearest codes, weighted by inverse distance.
    """
    points = made.points[method]
    if method in ("pca", "plane"):
        mean = made.codes.mean(0)
        axes = np.linalg.lstsq(made.codes - mean, points - points.mean(0), rcond=None)[0]
        return np.asarray((code - mean) @ axes + points.mean(0))
    distances = np.linalg.norm(made.codes - code, axis=1)
    nearest = np.argsort(distances)[: features.NEIGHBOURS]
    weights = 1 / (distances[nearest] + 1e-6)
    return np.asarray(weights @ points[nearest] / weights.sum())
