"""Maps of codes as the page fetches them: made ahead of shipped checkpoints, of a visitor's run when it is chosen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from .... import checkpoints, export
from ....analysis import code_maps, features
from ....analysis.code_maps import CodeMap, MapPictures
from ....analysis.representations import Representation, of_checkpoint
from ....errors import CheckpointError
from ....training import own_pictures
from ... import static_files
from ...shared import user_runs
from ...shared.picture_sheet import SHEET, sheet_of
from ...static_files import publish

DEFAULT = "conv-mnist"  # the model that the tab begins with
SETS = ("mnist", "fashion")
Progress = Callable[[float], None]
_own: dict[tuple[Path, str], CodeMap] = {}  # of visitors' runs, by folder and pictures
_clusters: dict[tuple[str, int, str, int], np.ndarray] = {}  # of shipped checkpoints
_lock = threading.Lock()


class Shown(NamedTuple):
    """A map: the name of its model, its codes, the representation that encodes pictures for it, and its projection."""

    name: str
    made: CodeMap
    representation: Representation
    method: str
    place: str  # the folder of its published files, empty for those of everyone


def pictures_of(checkpoint: str | Path) -> MapPictures:
    """The pictures on a checkpoint's map: digits, garments, or a run's own. Raises `CheckpointError` without any."""
    data = code_maps.data_of(checkpoint)
    if data is not None:
        return map_pictures(data)
    if isinstance(checkpoint, Path) and (kept := own_pictures.load_pictures(checkpoint)):
        x, labels, classes = kept
        return MapPictures("own", x, labels.numpy(), classes)
    raise CheckpointError(
        "{name} knows neither digits nor garments, so there are no pictures for its map. Choose another model.",
        name=Path(checkpoint).name,
    )


@lru_cache(maxsize=2)
def map_pictures(data: str) -> MapPictures:
    """The pictures for "mnist" or "fashion"."""
    return code_maps.load_map_pictures(data)


def encodes_map_pictures(checkpoint: str | Path) -> bool:
    """Whether a checkpoint encodes pictures for which there is a map, or that were kept with it, without labels."""
    family = checkpoints.family_of(checkpoint)
    if not checkpoints.takes_pictures(checkpoint) or family.task == "colorize" or family.takes_labels:
        return False
    if code_maps.data_of(checkpoint) is not None:
        return True
    return isinstance(checkpoint, Path) and (checkpoint / own_pictures.FILE).is_file()


def show_map(
    name: str | Path, pictures: MapPictures, wanted: str, progress: Progress, *, at_once: bool = False
) -> Shown:
    """The map of a checkpoint, or of `PCA` or `PIXELS`, with the projection `wanted`, or the nearest one it has.

    at_once: of a visitor's run, with a projection that is made already, or with PCA
    """
    data = {"digits": "mnist"}.get(pictures.name, pictures.name)
    place = "" if isinstance(name, str) else hashlib.sha256(str(name).encode()).hexdigest()[:24]
    if isinstance(name, str):
        made = shipped_map(name, data)
    else:
        made = own_map(name, pictures, None if at_once else wanted, progress)
    representation = of_checkpoint(name) if isinstance(name, Path) else shipped_representation(name, data)
    others = ("plane", "pca") if isinstance(name, Path) else ("plane", "umap", "pca")
    method = next(each for each in (wanted, *others) if each in made.points)
    return Shown(str(name) if isinstance(name, str) else user_runs.MY_RUN, made, representation, method, place)


@lru_cache(maxsize=32)
def shipped_representation(name: str, data: str) -> Representation:
    """The representation that a name means."""
    return code_maps.representation_of(name, data)


@lru_cache(maxsize=32)
def shipped_map(name: str, data: str) -> CodeMap:
    """The map made ahead; without one, PCA of the codes."""
    made = code_maps.load_map(name, data)
    if made is not None:
        return made
    pictures = map_pictures(data)
    return code_maps.make_map(shipped_representation(name, data).encode(pictures.x), ("pca",))


def own_map(folder: Path, pictures: MapPictures, wanted: str | None, progress: Progress) -> CodeMap:
    """The map of a visitor's run, kept as long as the run: PCA of its codes, and the projections asked for so far.

    wanted: a projection that is made unless it is there, which takes seconds to a minute; None: no other than PCA
    """
    if _forget not in user_runs.on_remove:
        user_runs.on_remove.append(_forget)
    key, encoding = (folder, pictures.name), 0.4 if wanted else 1.0
    made = _own.get(key)
    if made is None:
        raw = of_checkpoint(folder, lambda share: progress(encoding * share)).encode(pictures.x)
        made = _keep(key, code_maps.make_map(raw, ("pca",)))
    if wanted and "plane" not in made.points and wanted not in made.points:
        points = features.project(made.codes, wanted, progress=lambda share: progress(0.4 + 0.6 * share))
        made = _keep(key, replace(made, points={**made.points, wanted: points}))
    return made


def _keep(key: tuple[Path, str], made: CodeMap) -> CodeMap:
    """Keep a map with the projections that it has there already, unless its run was removed meanwhile."""
    with _lock:
        if key in _own:
            made = replace(made, points={**_own[key].points, **made.points})
        _own[key] = made
    if not key[0].exists():
        _forget(key[0])
    return made


def _forget(folder: Path) -> None:
    """Remove the maps of a run."""
    with _lock:
        for key in [key for key in _own if key[0] == folder]:
            del _own[key]
    static_files.withdraw(hashlib.sha256(str(folder).encode()).hexdigest()[:24])


def publish_pictures(pictures: MapPictures, place: str) -> dict[str, Any]:
    """The pictures' files, in the form that `code_map_value` takes."""
    if pictures.name != "own":
        return _shared_pictures(pictures.name)
    return _published(pictures, place)


@lru_cache(maxsize=2)
def _shared_pictures(name: str) -> dict[str, Any]:
    return _published(map_pictures({"digits": "mnist"}.get(name, name)), "")


def _published(pictures: MapPictures, place: str) -> dict[str, Any]:
    labels = np.clip(pictures.labels, 0, 255).astype(np.uint8)
    return {
        "file": publish(export.write_bundle({}, {"labels": labels}), "bin", place),
        "sheet": publish(sheet_of(pictures.x), "png", place),
        "columns": SHEET,
        "shape": list(pictures.x.shape[1:]),
        "classes": list(pictures.classes),
    }


def publish_map(shown: Shown) -> dict[str, str]:
    """The files of a map's codes and points."""
    packed = code_maps.pack(shown.made)
    codes = export.write_bundle({}, {"codes": packed["codes"], "scale": packed["scale"]})
    points = export.write_bundle({}, {"points": shown.made.points[shown.method].astype(np.float32)})
    return {"codes": publish(codes, "bin", shown.place), "points": publish(points, "bin", shown.place)}


def publish_groups(assigned: np.ndarray, place: str) -> str:
    """The file of the clusters that the points are coloured by."""
    return publish(export.write_bundle({}, {"groups": assigned.astype(np.int32)}), "bin", place)


def land(shown: Shown, x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The code `(D,)` and the point `(2,)` of a prepared picture `(1, C, H, W)` on a map."""
    code = shown.made.code_of(shown.representation.encode(x))[0]
    return code, code_maps.place(shown.made, code, shown.method)


def clusters_of(shown: Shown, method: str, count: int) -> np.ndarray:
    """Clusters of a map's codes; those of shipped checkpoints are kept."""
    key = shown.name, len(shown.made.codes), method, count
    if key in _clusters:
        return _clusters[key]
    assigned = features.cluster(shown.made.codes, method, count)
    if not shown.place:
        _clusters[key] = assigned
    return assigned


def are_clusters_known(shown: Shown, method: str, count: int) -> bool:
    """Whether `clusters_of` answers at once; else it takes a second or a few."""
    return (shown.name, len(shown.made.codes), method, count) in _clusters


def warm_up() -> None:
    """Make what the tab begins with, the map of its first model, and the files of all pictures."""
    for data in SETS:
        pictures = map_pictures(data)
        publish_pictures(pictures, "")
        if code_maps.data_of(DEFAULT) == data:
            publish_map(show_map(DEFAULT, pictures, "umap", lambda share: None))
