"""What the Reconstruct tab shows: of a model of one size, and of one whose code is a map, different results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from ....checkpoints import list_checkpoints
from ....data.pictures import to_tensor
from ....errors import AEDemoError
from ....facts import describe_model
from ....inference import get_model, prepare
from ....inference.model_cache import takes_any_size
from ....inference.pixels import with_channels
from ....inference.refinement import REFINEMENTS
from ....inference.scheduler import scheduler
from ....models import Autoencoder
from ...live import Progress, Results
from ...shared.model_view import Given, diagram_of
from ...shared.source import PREVIEW_PIXELS, PictureRequest, preview_pixels
from ...shared.user_runs import resolve
from ...toasts import toast_errors
from .compression_view import compressed_results
from .fixed_size_view import decode_edited, fixed_size_results
from .rate_curve import rate_curve

MAX_PIXELS = 4_000_000


@dataclass(frozen=True)
class ReconstructRequest(PictureRequest):
    """A picture; the channels kept of a map and its quantization step; the percentile that counts as unusual.

    refine: whether the code of a map is adapted to the picture by gradient descent, except in previews
    """

    channels: float
    step: float
    threshold: float
    refine: bool = False

    @property
    def model(self) -> str | Path:
        """The checkpoint, as `inference` takes it."""
        return resolve(self.checkpoint)

    @property
    def refinements(self) -> int:
        """Steps that adapt the code to the picture."""
        return REFINEMENTS if self.refine else 0


@toast_errors
def show_model(checkpoint: str, channels: float) -> tuple:
    """Another checkpoint: its diagram, bars and sliders; as many channels are kept as were, if it has them."""
    model = get_model(resolve(checkpoint))
    is_map, count = has_map(model), getattr(model.config, "code_channels", 1)
    kept = min(int(channels), count) if is_map else most_channels()
    channels = gr.update(visible=is_map, maximum=max(2, count) if is_map else most_channels(), value=kept)
    bars, threshold = (gr.update(visible="hidden" if is_map else True) for _ in range(2))
    return diagram_of(model), bars, channels, gr.update(visible=is_map), gr.update(visible=is_map), threshold


def most_channels() -> int:
    """What the slider of channels stands at while the model has none: all of the shipped model that has the most.

    So another model begins with all of its channels, and a shipped one with the number that it keeps.
    """
    every = (describe_model(name) for name in list_checkpoints())
    return max((facts.code_shape[0] for facts in every if facts.any_size and facts.task == "reconstruct"), default=2)


def has_map(model: Autoencoder) -> bool:
    """Whether the code of a picture is a map of channels, so that pictures may have any size."""
    return len(model.code_shape) == 3


def preview(request: ReconstructRequest) -> Results:
    """A small version of a photograph, or a drawing as it is."""
    pixels = request.read_preview(preview_pixels())
    is_map = pixels is not None and has_map(get_model(request.model))
    with scheduler.turn(pixels.shape[0] * pixels.shape[1] if is_map else 0):
        return next(results(request, pixels, None))


def full(request: ReconstructRequest, progress: Progress) -> Iterator[Results]:
    """Everything that follows from the picture, at its full size."""
    pixels = request.read(MAX_PIXELS)
    yield from results(request, pixels, progress)
    if pixels is not None and has_map(get_model(request.model)):
        yield {"rate": rate_curve(pixels, request.model, request.step, request.refinements, progress)}


def layer_input(request: ReconstructRequest, _: int | None) -> Given | None:
    """The model, and a small version of the picture as its input, for the activations of its layers."""
    pixels = request.read_preview(PREVIEW_PIXELS)
    if pixels is None:
        return None
    model = get_model(request.model)
    if takes_any_size(model):
        return model, with_channels(to_tensor(pixels), model.config.input_shape[0])
    return model, prepare(pixels, request.model, model).x


def show_edited(event: gr.EventData, *values: Any) -> gr.HTML:
    """The listener of an edited code, for a model that the page cannot run."""
    request = ReconstructRequest(*values)
    try:
        pixels = request.read_preview(PREVIEW_PIXELS)
        if pixels is None or has_map(get_model(request.model)):
            return gr.skip()
        return decode_edited(pixels, request.model, event)
    except AEDemoError:  # the picture is one that the view cannot read, and says so
        return gr.skip()


def results(request: ReconstructRequest, pixels: np.ndarray | None, progress: Progress | None) -> Iterator[Results]:
    """The values of the outputs, as they come; without `progress`, once, quickly and without comparisons."""
    if pixels is None:
        yield None
    elif has_map(model := get_model(request.model)):
        channels = min(int(request.channels), model.config.code_channels)
        refinements = 0 if progress is None else request.refinements
        yield from compressed_results(pixels, request.model, channels, request.step, progress, refinements)
    else:
        with scheduler.turn():
            shown = fixed_size_results(pixels, request.model, request.threshold)
        yield shown
