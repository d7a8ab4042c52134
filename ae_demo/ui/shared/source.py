"""Where a tab's picture comes from: a model to choose, an upload or a drawing, and examples one click away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import gradio as gr
import numpy as np

from ..components.pad import pad
from ..strings import t
from .examples import example_row, examples_of
from .picture_input import picture_input, read_picture, read_preview
from .user_runs import MINE, find


class Source(NamedTuple):
    """The components, in the order in which a listener gets their values."""

    checkpoint: gr.Dropdown
    kind: gr.Radio
    image: gr.Image
    drawing: gr.HTML


def model_choice(name: str, choices: list[str], first: str, serves: Callable[[Path], bool]) -> gr.Dropdown:
    """The list of a tab's models; with the visitor's own run, if there is one that `serves` when the tab is opened."""
    checkpoint = gr.Dropdown(choices, value=first, label=t("checkpoint"), elem_id=f"{name}-checkpoint")

    def offer(chosen: str, request: gr.Request) -> gr.Dropdown:
        folder = find(request.session_hash)
        if folder and serves(folder):
            return gr.Dropdown([*choices, (t("my_run"), MINE)])
        return gr.Dropdown(choices, value=first) if chosen == MINE else gr.Dropdown(choices)

    page = checkpoint.parent
    while not isinstance(page, gr.Tab):
        page = page.parent
    page.select(offer, checkpoint, checkpoint, queue=False, show_progress="hidden", api_visibility="private")
    return checkpoint


def build_source(tab: str, choices: list[str], first: str, serves: Callable[[Path], bool]) -> Source:
    """Make the head of a tab's input column, for models of one's own that `serves` takes; an example stands in it."""
    given = examples_of(tab, choices)
    checkpoint = model_choice(tab, choices, first, serves)
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


def read_source(kind: str, path: str | None, drawing: str, max_pixels: int, preview: bool = False) -> np.ndarray | None:
    """The pixels of the upload or of the drawing, whichever is chosen. Raises `PictureError`.

    A `preview` is made smaller to `max_pixels` without a word, and read but once.
    """
    if kind == "draw":
        return read_picture(None, drawing)
    return read_preview(path, max_pixels) if preview else read_picture(path, max_pixels=max_pixels)
