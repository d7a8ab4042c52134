"""The head of a tab's input column: the choice of a model, an upload or a drawing, and examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from gradio.context import LocalContext

from ... import checkpoints
from ..components.pad import pad
from ..strings import load_strings, t
from .examples import example_row, examples_of
from .picture_input import picture_input, read_picture, read_preview
from .user_runs import MY_RUN, find


class Source(NamedTuple):
    """The components, by the names of the fields of `PictureRequest`."""

    checkpoint: gr.Dropdown
    kind: gr.Radio
    path: gr.Image
    drawing: gr.HTML


def named_models(names: Iterable[str]) -> list[tuple[Any, str]]:
    """Choices of a list of models: the shipped ones by what they are and their names, others by their names alone."""
    texts = load_strings("en")
    return [(t(f"model.{name}") if f"model.{name}" in texts else name, name) for name in names]


def model_choice(page: gr.Tab, tab: str, choices: list[str], first: str, serves: Callable[[Path], bool]) -> gr.Dropdown:
    """The list of a tab's models. When the tab is opened, the visitor's last run is added if it `serves` the tab."""
    my_run = (t("my_run"), MY_RUN)

    def offered(visitor: gr.Request | None) -> list[tuple[Any, str]]:
        run = find(visitor.session_hash) if visitor else None
        own = [my_run] if run and serves(run) else []
        return [*named_models(choices), *own]

    def offer(chosen: str, visitor: gr.Request) -> gr.Dropdown:
        now = offered(visitor)
        gone = chosen == MY_RUN and my_run not in now
        return gr.Dropdown(now, value=first) if gone else gr.Dropdown(now)

    visitor = LocalContext.request.get(None)  # who has just opened the tab, where it is built for one
    checkpoint = gr.Dropdown(offered(visitor), value=first, label=t("checkpoint"), elem_id=f"{tab}-checkpoint")
    page.select(offer, checkpoint, checkpoint, queue=False, show_progress="hidden", api_visibility="private")
    return checkpoint


def build_source(page: gr.Tab, tab: str, choices: list[str], first: str, task: str) -> Source:
    """Build the head of a tab's input column, with an example, for models of `task` and the visitor's run."""
    given = examples_of(tab, choices)
    kinds = [(t("from_upload"), "upload"), (t("from_draw"), "draw")]
    kind = gr.Radio(kinds, value="upload", label=t("from"), elem_id=f"{tab}-source", elem_classes="ae-switch")
    image = picture_input(t("picture"), f"{tab}-picture", value=str(given[0][0]) if given else None)
    drawing = pad(label=t("draw_digit"), elem_id=f"{tab}-pad")
    drawing.visible = "hidden"
    chosen = example_row(tab, given)
    checkpoint = model_choice(
        page,
        tab,
        choices,
        first,
        lambda run: checkpoints.family_of(run).task == task and checkpoints.takes_pictures(run),
    )
    chosen(image, checkpoint, kind)
    kind.change(show_kind, kind, [image, drawing], queue=False, api_visibility="private")
    return Source(checkpoint, kind, image, drawing)


def show_kind(kind: str) -> tuple:
    """Show either the upload or the drawing pad; the hidden one keeps its content."""
    return gr.update(visible=kind == "upload"), gr.update(visible=True if kind == "draw" else "hidden")


@dataclass(frozen=True)
class PictureRequest:
    """The values of a `Source`. `kind`: "upload" or "draw"."""

    checkpoint: str
    kind: str
    path: str | None
    drawing: str

    def read(self, max_pixels: int) -> np.ndarray | None:
        """The pixels, reduced to at most `max_pixels`, with a notice; None if there is no picture.

        Raises `PictureError`.
        """
        return (
            read_picture(None, self.drawing) if self.kind == "draw" else read_picture(self.path, max_pixels=max_pixels)
        )

    def read_preview(self, max_pixels: int) -> np.ndarray | None:
        """The same without a notice, and cached."""
        return read_picture(None, self.drawing) if self.kind == "draw" else read_preview(self.path, max_pixels)
