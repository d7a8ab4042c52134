"""What the Latent walk tab shows of a model with a code of two numbers, as files that the page fetches.

A plane is described by a small dict: the names of its files (weights to run in the page, the encodings of 10,000 test
pictures, the sheet with those pictures, and a first picture of the decoded grid), where it begins, and which planes to
put beside it. Files are named by the hash of what they hold, so a browser may keep them for ever. Everything
is made on first use and kept; for a visitor's own run, as long as the run.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import torch

from .... import checkpoints, export, inference, plots
from ....analysis import baselines
from ....data import get_data_set
from ....errors import CheckpointError
from ... import static_files
from ...shared import user_runs
from ...shared.page_models import page_model, place_of
from ...shared.picture_sheet import SHEET, sheet_of, to_png
from ...static_files import publish
from .plane_pictures import (
    TEST_SETS,
    Placed,
    drawing_of,
    pictures_of,
    placed_tests,
    test_set_of,
    test_sheet,
)

GRID = 20  # decoded pictures on a side of the first picture
EXTENT = 3.2  # half the side that a plane with a prior N(0, I) shows at first
PCA = "pca-"  # pca-mnist, pca-fashion: planes that are no checkpoint
ENCODED = 2e10  # weights × pictures: some seconds
_lock = threading.Lock()
_own: dict[Path, dict[str, Any]] = {}  # descriptions of visitors' runs


@lru_cache(maxsize=1)
def list_planes() -> list[str]:
    """Checkpoints of pictures whose code has two numbers, the variational ones first, and digits before garments."""
    outlines = {name: checkpoints.load_outline(name) for name in checkpoints.list_checkpoints()}
    found = [n for n, m in outlines.items() if _is_plane(m)]
    return sorted(found, key=lambda name: (not outlines[name].variational, test_set_of(name) != TEST_SETS[0], name))


def has_plane(checkpoint: str | Path) -> bool:
    """Whether the checkpoint is of pictures and has a code of two numbers."""
    return _is_plane(checkpoints.load_outline(checkpoint))


def _is_plane(model: torch.nn.Module) -> bool:
    return model.code_shape == (2,) and len(model.config.input_shape) == 3


def find_plane(name: str) -> str | Path:
    """The checkpoint that a name in the page means: one of `list_planes`, or "my-run", the folder of the asker's own.

    Raises `CheckpointError` for another name, as anyone can send any, and for a run that has no plane.
    """
    if name in list_planes():
        return name
    if name.split("/")[0] != user_runs.MY_RUN:
        raise CheckpointError(
            "There is no plane {given!r}; choose one of {allowed}.", given=name[:80], allowed=", ".join(list_planes())
        )
    folder = user_runs.resolve(user_runs.MY_RUN)
    model = checkpoints.load_outline(folder)
    if not _is_plane(model):
        raise CheckpointError(
            "Your run is of the family {family} and has a code of {shape} numbers; a plane needs a model of "
            "pictures with two. Train a variational or a dense one with 2.",
            family=model.family,
            shape="×".join(map(str, model.code_shape)),
        )
    return folder


def name_of(checkpoint: str | Path) -> str:
    """What the page calls a checkpoint; each of a visitor's runs has a name of its own."""
    return checkpoint if isinstance(checkpoint, str) else f"{user_runs.MY_RUN}/{place_of(checkpoint)}"


def open_plane(name: str) -> dict[str, Any]:
    """The description of the plane that a name means, see `find_plane`, or of "pca-mnist" or "pca-fashion"."""
    if name in (PCA + each for each in TEST_SETS):
        with _lock:
            return _linear_plane(name.removeprefix(PCA))
    return describe(find_plane(name))


def describe(checkpoint: str | Path) -> dict[str, Any]:
    """The description of the plane of any checkpoint with a code of two numbers, by name or by folder."""
    if isinstance(checkpoint, str):
        with _lock:  # a second caller waits for the first one's result
            return _shipped_plane(checkpoint)
    if _forget not in user_runs.on_remove:
        user_runs.on_remove.append(_forget)
    about = _own.get(checkpoint)
    if about is None:
        about = _own[checkpoint] = _describe(checkpoint)
        if not checkpoint.exists():  # it was removed meanwhile
            _forget(checkpoint)
    return about


@lru_cache(maxsize=32)
def _shipped_plane(name: str) -> dict[str, Any]:
    return _describe(name)


def _forget(folder: Path) -> None:
    """Remove the plane of a run that is removed."""
    if _own.pop(folder, None):
        static_files.withdraw(place_of(folder))


def _describe(checkpoint: str | Path) -> dict[str, Any]:
    model = inference.get_model(checkpoint)
    place = "" if isinstance(checkpoint, str) else place_of(checkpoint)
    prior = model.variational
    placed = pictures_of(checkpoint)
    codes = None if placed is None else encode_pictures(model, placed.x)
    home = {"x": 0.0, "y": 0.0, "half": EXTENT} if prior or codes is None else _home_of(codes)
    pictures = inference.decode_points(grid_points(home), checkpoint)
    tests = test_set_of(checkpoint)
    same = [name for name in list_planes() if test_set_of(name) == tests and name != checkpoint]
    contrast = [name for name in same if checkpoints.family_of(name).variational != prior]
    return {
        "name": name_of(checkpoint),
        "file": page_model(checkpoint),
        "grid": publish(to_png(plots.plot_sheet(pictures, GRID)), "png", place),
        "home": home,
        "prior": prior,
        "beta": getattr(model.config, "beta", None),
        "drawing": drawing_of(checkpoint, model),
        "tests": None if codes is None else _tests(placed, codes, place),
        "others": [*contrast[:1], PCA + tests] if tests else [],
    }


@lru_cache(maxsize=2)
def _linear_plane(tests: str) -> dict[str, Any]:
    pca = baselines.fit_pca(get_data_set(tests).bundled, 2)
    placed = placed_tests(tests)
    codes = pca.transform(placed.x.flatten(1).numpy() / np.float32(255)).astype(np.float32)
    home = _home_of(codes)
    decoded = pca.inverse_transform(grid_points(home)).reshape(-1, 1, 28, 28)
    grid = plots.plot_sheet(torch.from_numpy(decoded.astype(np.float32)).clamp(0, 1), GRID)
    weights = export.export_linear(pca.mean, pca.axes, (1, 28, 28))
    about = {"file": publish(weights, "bin"), "grid": publish(to_png(grid), "png"), "home": home, "prior": False}
    return {"name": PCA + tests, "beta": None, "others": [], **about, "tests": _tests(placed, codes)}


def encode_pictures(model: torch.nn.Module, pictures: torch.Tensor) -> np.ndarray:
    """The codes, or their means, of pictures uint8 `(N, C, H, W)`: float32 `(N, 2)`; of large models, of fewer."""
    device = next(model.parameters()).device
    count = int(max(1000, ENCODED / model.parameter_count()))
    with torch.inference_mode():
        parts = [model.encode(x.to(device).float() / 255) for x in pictures[:count].split(500)]
    return torch.cat([part[0] if isinstance(part, tuple) else part for part in parts]).float().cpu().numpy()


def grid_points(home: dict[str, float], count: int = GRID) -> np.ndarray:
    """The middles of `count` × `count` squares that fill a plane's first view, from the top left, `(count², 2)`."""
    line = (2 * np.arange(count) + 1) / count - 1
    x, y = np.meshgrid(home["x"] + home["half"] * line, home["y"] - home["half"] * line)
    return np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)


def plot_plane(checkpoint: str | Path, count: int, quantiles: bool):
    """The decoded plane as a figure of `count` × `count` pictures.

    They are evenly spaced or, with `quantiles` and a prior, at equal steps of its probability.
    """
    about = describe(checkpoint)
    shares = (np.arange(count) + 0.5) / count
    if quantiles and about["prior"]:
        x = y = np.array([NormalDist().inv_cdf(share) for share in shares])
    else:
        home = about["home"]
        x, y = (home[axis] + home["half"] * (2 * shares - 1) for axis in "xy")
    points = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
    return plots.plot_grid(inference.decode_points(points, checkpoint), x, y[::-1], Path(checkpoint).name)


def plot_codes(checkpoint: str | Path):
    """The test pictures' codes as a figure. Raises `CheckpointError` where there are no pictures for a model."""
    placed, name = pictures_of(checkpoint), Path(checkpoint).name
    if placed is None:
        raise CheckpointError(
            "{name} knows neither digits nor garments, so there are no test pictures for it.", name=name
        )
    codes = encode_pictures(inference.get_model(checkpoint), placed.x)
    title = f"{name}: {len(codes):,} {'of its own' if placed.name == 'own' else 'test'} pictures"
    labels = placed.labels[: len(codes)].numpy()
    return plots.plot_scatter(codes, labels, placed.classes, describe(checkpoint)["prior"], title)


def _home_of(codes: np.ndarray) -> dict[str, float]:
    """A square that contains all codes except outliers."""
    low, high = np.quantile(codes, (0.005, 0.995), axis=0)
    x, y = ((low + high) / 2).tolist()
    return {"x": x, "y": y, "half": float(1.08 * (high - low).max() / 2)}


def _tests(placed: Placed, codes: np.ndarray, place: str = "") -> dict[str, Any]:
    labels = placed.labels[: len(codes)].clamp(max=255).numpy().astype(np.uint8)
    bundle = export.write_bundle({}, {"codes": codes.astype(np.float32), "labels": labels})
    about = {"file": publish(bundle, "bin", place), "set": placed.name, "classes": placed.classes}
    if placed.name == "own":
        sheet = publish(sheet_of(placed.x), "png", place)
    else:
        sheet = test_sheet(get_data_set(placed.name).full)
    return about | {"sheet": sheet, "columns": SHEET, "shape": placed.x.shape[1:]}


def warm_up() -> None:
    """Make the plane that the tab begins with, and those beside it, before the first visit."""
    for name in list_planes()[:1]:
        for other in open_plane(name)["others"]:
            open_plane(other)
