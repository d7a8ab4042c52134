"""Where a tab's picture comes from: a model to choose, an upload or a drawing, and examples one click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gradio as gr
import numpy as np

from ... import checkpoints
from ..components.pad import pad
from ..strings import t
from .examples import example_row, examples_of
from .picture_input import picture_input, read_picture, read_preview
from .user_runs import MY_RUN, find


class Source(NamedTuple):
    """The components; `_asdict()` gives them by the names of the fields of `PictureRequest`."""

    checkpoint: gr.Dropdown
    kind: gr.Radio
    path: gr.Image
    drawing: gr.HTML


def model_choice(name: str, choices: list[str], first: str, serves: Callable[[Path], bool]) -> gr.Dropdown:
    """The list of a tab's models; with the visitor's own run, if there is one that `serves` when the tab is opened."""
    checkpoint = gr.Dropdown(choices, value=first, label=t("checkpoint"), elem_id=f"{name}-checkpoint")

    def offer(chosen: str, request: gr.Request) -> gr.Dropdown:
        folder = find(request.session_hash)
        if folder and serves(folder):
            return gr.Dropdown([*choices, (t("my_run"), MY_RUN)])
        return gr.Dropdown(choices, value=first) if chosen == MY_RUN else gr.Dropdown(choices)

    page = checkpoint.parent
    while not isinstance(page, gr.Tab):
        page = page.parent
    page.select(offer, checkpoint, checkpoint, queue=False, show_progress="hidden", api_visibility="private")
    return checkpoint


def build_source(tab: str, choices: list[str], first: str, task: str) -> Source:
    """Make the head of a tab's input column, with an example, for models of `task`, a visitor's run among them."""
    given = examples_of(tab, choices)
    checkpoint = model_choice(tab, choices, first, lambda run: checkpoints.family_of(run).task == task)
    kinds = [(t("from_upload"), "upload"), (t("from_draw"), "draw")]
    kind = gr.Radio(kinds, value="upload", label=t("from"), elem_id=f"{tab}-source")
    image = picture_input(t("picture"), f"{tab}-picture", value=str(given[0][0]) if given else None)
    drawing = pad(label=t("draw_digit"), elem_id=f"{tab}-pad")
    drawing.visible = "hidden"
    example_row(tab, given, image, checkpoint, kind)
    kind.change(show_kind, kind, [image, drawing], queue=False, api_visibility="private")
    return Source(checkpoint, kind, image, drawing)


def show_kind(kind: str) -> tuple:
    """Either the upload or the pad is seen; what is in the other stays."""
    return gr.update(visible=kind == "upload"), gr.update(visible=True if kind == "draw" else "hidden")


@dataclass(frozen=True)
class PictureRequest:
    """What a visitor asks of a tab with a `Source`: a model, and the picture chosen by `kind`, "upload" or "draw"."""

    checkpoint: str
    kind: str
    path: str | None
    drawing: str

    def read(self, max_pixels: int) -> np.ndarray | None:
        """The pixels, reduced to `max_pixels` where larger, with a notice; None where there are none.

        Raises `PictureError`.
        """
        return (
            read_picture(None, self.drawing) if self.kind == "draw" else read_picture(self.path, max_pixels=max_pixels)
        )

    def read_preview(self, max_pixels: int) -> np.ndarray | None:
        """The same, reduced without a notice, and kept in memory."""
        return read_picture(None, self.drawing) if self.kind == "draw" else read_preview(self.path, max_pixels)
