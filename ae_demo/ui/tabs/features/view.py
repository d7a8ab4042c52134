"""What the Features tab shows of one or two models: maps, tables and charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import torch

from .... import checkpoints, inference
from ....analysis import features
from ....analysis.code_maps import MapPictures, data_of
from ....analysis.representations import PCA, PIXELS, checkpoints_of
from ....data import DATA_SETS
from ....data.digits import prepare_digit
from ....data.pictures import to_pixels
from ....errors import CheckpointError
from ...components.code_map import code_map_value, landed_value
from ...live import Progress, Results
from ...shared.model_view import diagram_of
from ...shared.picture_input import read_picture, read_preview
from ...shared.source import named_models
from ...shared.user_runs import resolve
from ...strings import t
from .figures import figures_of, figures_table, labels_chart, noise_table, sweep_charts
from .maps import (
    Shown,
    are_clusters_known,
    clusters_of,
    land,
    pictures_of,
    publish_groups,
    publish_map,
    publish_pictures,
    show_map,
)

NOTHING = "nothing"  # beside the model
CLASSES = "classes"  # what colours the points
PROJECTION_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
PREVIEW_PIXELS = 100_000


@dataclass(frozen=True)
class FeaturesRequest:
    """The models, how their codes are shown, and the visitor's own picture.

    beside: a checkpoint, `PCA`, `PIXELS` or `NOTHING`; projection: of `features.PROJECTIONS`; colour: `CLASSES`, or one
    of `features.CLUSTERINGS`; drawing: of the pad; path: of an uploaded picture, which a drawing replaces
    """

    checkpoint: str
    beside: str
    projection: str
    colour: str
    drawing: str
    path: str | None

    @property
    def models(self) -> list[str | Path]:
        """The models whose maps are shown. Raises `CheckpointError` if they are not of the same pictures."""
        first = resolve(self.checkpoint)
        if self.beside in (NOTHING, self.checkpoint, ""):
            return [first]
        second = self.beside if self.beside in (PCA, PIXELS) else resolve(self.beside)
        data = data_of(first)
        if data is None or (second not in (PCA, PIXELS) and data_of(second) != data):
            return [first]  # of other pictures: there is no comparing them
        return [first, second]

    @property
    def clustering(self) -> str:
        """The method whose clusters the table shows."""
        return self.colour if self.colour in features.CLUSTERINGS else features.CLUSTERINGS[0]


def preview(request: FeaturesRequest) -> Results:
    """The drawing on the maps while it is made."""
    models = request.models
    pictures = pictures_of(models[0])
    shown = [show_map(name, pictures, request.projection, lambda share: None, at_once=True) for name in models]
    return {"map": gr.HTML(landed=_landed(request, models[0], shown))}


def full(request: FeaturesRequest, progress: Progress) -> Iterator[Results]:
    """The maps first, then tables and charts, which take a while for a visitor's own run.

    Of that, PCA is shown until the projection that was chosen is made.
    """
    models = request.models
    pictures = pictures_of(models[0])
    if any(isinstance(name, Path) for name in models):
        first = [show_map(name, pictures, request.projection, progress, at_once=True) for name in models]
        if any(each.method not in (request.projection, "plane") for each in first):
            yield {"map": gr.HTML(value=_maps(pictures, first), landed=_landed(request, models[0], first))}
    shown = [show_map(name, pictures, request.projection, progress) for name in models]
    landed = _landed(request, models[0], shown)
    clusters = request.colour, max(2, len(pictures.classes))
    by_class = request.colour not in features.CLUSTERINGS
    if by_class or not are_clusters_known(shown[0], *clusters):
        yield {"map": gr.HTML(value=_maps(pictures, shown), landed=landed)}
    if not by_class:
        groups = publish_groups(clusters_of(shown[0], *clusters), shown[0].place)
        yield {"map": gr.HTML(value=_maps(pictures, shown, groups), landed=landed)}
    data = data_of(models[0]) if len(pictures.classes) else None
    figures = figures_of(models, data, progress)
    error, accuracy = sweep_charts(data, _numbers_of(models[0]), _mse_of(models[0]), figures)
    yield {
        "table": figures_table(figures, request.clustering),
        "labels": labels_chart(figures),
        "noise": noise_table(figures),
        "error": error,
        "accuracy": accuracy,
    }


def _maps(pictures: MapPictures, shown: list[Shown], groups: str | None = None) -> dict[str, Any]:
    maps = [
        {"model": each.name, "projection": PROJECTION_NAMES.get(each.method), **publish_map(each)} for each in shown
    ]
    return code_map_value(maps, publish_pictures(pictures, shown[0].place), groups)


def _landed(request: FeaturesRequest, model: str | Path, shown: list[Shown]) -> dict[str, Any] | None:
    """Where the visitor's picture lies on the maps; None if there is none."""
    pixels = read_picture(None, request.drawing) if request.drawing else read_preview(request.path, PREVIEW_PIXELS)
    if pixels is None:
        return None
    x = prepared(pixels, model)
    return landed_value(to_pixels(x), [land(each, x) for each in shown])


def prepared(pixels: np.ndarray, model: str | Path) -> torch.Tensor:
    """A picture as the pictures on the map are, `(1, C, H, W)` in [0, 1]: digits are centred, as in MNIST."""
    known = inference.get_model(model)
    if data_of(model) is not None:
        subject = DATA_SETS[checkpoints.data_of(model)].subject
        return prepare_digit(pixels, kind=subject or "digit").x
    return inference.prepare(pixels, model, known).x


def _numbers_of(model: str | Path) -> int:
    return int(np.prod(checkpoints.load_outline(model).code_shape))


def _mse_of(model: str | Path) -> float | None:
    """The recorded error of a model that reconstructs; that of a denoiser is of noisy pictures."""
    try:
        recorded = checkpoints.load_metrics(model)["figures"].get("mse")
    except (CheckpointError, KeyError):
        return None
    return recorded if checkpoints.family_of(model).task == "reconstruct" else None


def show_model(checkpoint: str, beside: str) -> tuple[Any, Any]:
    """Another checkpoint: its diagram, and what may be laid beside it."""
    model = resolve(checkpoint)
    return diagram_of(inference.get_model(model)), gr.Dropdown(beside_choices(model), value=_kept(beside, model))


def _kept(beside: str, model: str | Path) -> str:
    return beside if beside in [value for _, value in beside_choices(model)] else NOTHING


def beside_choices(model: str | Path) -> list[tuple[Any, str]]:
    """What may be shown beside a model: nothing, PCA, raw pixels, and the checkpoints of the same data."""
    data = data_of(model)
    choices = [(t("features.nothing"), NOTHING)]
    if data is not None:
        choices += [(t("features.pca"), PCA), (t("features.pixels"), PIXELS)]
        choices += named_models(name for name in _checkpoints_of(data, checkpoints.ROOT) if name != model)
    return choices


@lru_cache(maxsize=8)
def _checkpoints_of(data: str, root: Path) -> list[str]:
    """The checkpoints in a folder, which is read once: there are two dozen files to open."""
    return checkpoints_of(data)
