"""What the Colorize tab shows: the picture in its predicted colours, other proposals, and a table of figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np
from torch import Tensor

from .... import inference
from ....data.pictures import to_planes
from ....errors import AEDemoError, PictureError
from ....functional import metrics
from ....inference.colorization import ColorProbabilities, greyed, model_input
from ....inference.scheduler import check_cancelled
from ...components.cards import card
from ...components.hints import hints_value, likely_value, read_hints
from ...components.table import table_value
from ...live import Progress, Results
from ...shared.model_view import Given
from ...shared.picture_input import read_picture, read_preview

MAX_PIXELS = 12_000_000
PREVIEW_PIXELS = 150_000
PROPOSAL_PIXELS = 50_000
LIKELY = 5  # colours that are offered for a hint, at most
RARE = 0.01  # probability below which a colour is not offered
PROPOSALS = {"proposal_cold": -1.0, "proposal_likely": 0.0, "proposal_warm": 1.0}  # name: warmth
GREY_COLOURFULNESS = 2.0  # up to which a picture counts as grey


@dataclass(frozen=True)
class ColorizeRequest:
    """A picture, and how it is to be coloured. `hints`: as the page sends them, see `read_hints`."""

    checkpoint: str
    path: str | None
    saturation: float
    warmth: float
    hints: Any

    def colorize(self, pixels: np.ndarray, warmth: float | None = None) -> np.ndarray:
        """The picture in colour, uint8 `(H, W, 3)`; with another `warmth` than the visitor's where one is given."""
        warmth = self.warmth if warmth is None else warmth
        given = read_hints(self.hints)
        return inference.colorize(pixels, self.checkpoint, saturation=self.saturation, warmth=warmth, hints=given)


def show_hint_picture(path: str | None) -> gr.HTML:
    """The grey picture that hints are put on, without hints. Errors in a file are reported by the view."""
    try:
        pixels = read_preview(path, PREVIEW_PIXELS)
    except PictureError:
        pixels = None
    return hints_value(None if pixels is None else greyed(pixels))


def show_likely_colours(event: gr.EventData, path: str | None, checkpoint: str) -> gr.HTML:
    """The likely colours at the place of the selected hint."""
    if path is None or not os.path.isfile(path):
        return gr.skip()
    x, y = (min(1.0, max(0.0, float(event._data[axis]))) for axis in "xy")
    try:
        found = _color_probabilities(path, os.stat(path).st_mtime_ns, checkpoint)
    except AEDemoError:  # reported by the view
        return gr.skip()
    rgb, probabilities = found.at(x, y, LIKELY)
    count = max(1, int((probabilities >= RARE).sum()))
    return likely_value(x, y, rgb[:count], probabilities[:count])


@lru_cache(maxsize=32)
def _color_probabilities(path: str, modified: int, checkpoint: str) -> ColorProbabilities:
    return inference.color_probabilities(read_preview(path, PREVIEW_PIXELS), checkpoint)


def preview(request: ColorizeRequest) -> Results:
    """A small version, while a slider moves."""
    pixels = read_preview(request.path, PREVIEW_PIXELS)
    return None if pixels is None else {"results": [compare(request, pixels)[0]]}


def layer_input(request: ColorizeRequest, _: int | None) -> Given | None:
    """The model, and the lightness of the picture with the hints as its input, for the activations of its layers."""
    pixels = read_preview(request.path, PREVIEW_PIXELS)
    if pixels is None:
        return None
    return inference.get_model(request.checkpoint), model_input(pixels, request.checkpoint, read_hints(request.hints))


def full(request: ColorizeRequest, progress: Progress) -> Iterator[Results]:
    """The picture at its full size, and then the proposals, small."""
    pixels = read_picture(request.path, max_pixels=MAX_PIXELS)
    if pixels is None:
        yield None
        return
    colorized, rows = compare(request, pixels, progress)
    yield {"results": [colorized], "table": table_value(rows)}
    small = read_preview(request.path, PROPOSAL_PIXELS)
    proposals = [card("output", name, request.colorize(small, warmth)) for name, warmth in PROPOSALS.items()]
    yield {"proposals": [*proposals, card("other", "truth", pixels)] if rows else proposals}


def compare(request: ColorizeRequest, pixels: np.ndarray, progress: Progress | None = None) -> tuple[dict, list[dict]]:
    """The card of before and after; and the rows of the table, which is empty where the upload was grey.

    Without `progress` it is a preview.
    """
    quick, progress = progress is None, progress or (lambda share: None)
    grey = greyed(pixels)
    progress(0.3)
    colorized = request.colorize(pixels)
    progress(0.8)
    x = to_planes(pixels).expand(-1, 3, -1, -1)
    colourfulness = metrics.colourfulness(x).item()
    truth = x if pixels.ndim == 3 and colourfulness > GREY_COLOURFULNESS else None
    shown = card("output", "colorized", colorized, before=grey, quick=quick, **_figures(colorized, truth))
    if truth is None:
        return shown, []
    truth_row = card("other", "truth", colourfulness=colourfulness)
    return shown, [card("input", "grey", **_figures(grey, truth)), shown, truth_row]


def _figures(pixels: np.ndarray, truth: Tensor | None) -> dict:
    check_cancelled()
    x = to_planes(pixels)
    psnr = None if truth is None else metrics.psnr(x, truth).item()
    check_cancelled()
    return {"psnr": psnr, "colourfulness": metrics.colourfulness(x).item()}
