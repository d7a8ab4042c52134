"""The head of a tab's input column: the choice of a model, an upload or a drawing, and examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from ...inference.scheduler import scheduler
from ..components.pad import pad
from ..strings import t
from .appearance import on_each_opening
from .examples import example_row, examples_of
from .model_tabs import of_task
from .model_texts import choices as choice_texts
from .picture_input import picture_input, read_picture, read_preview
from .user_runs import MY_RUN, find

PREVIEW_PIXELS = 100_000
CROWDED_PIXELS = 25_000


class Source(NamedTuple):
    """The components, by the names of the fields of `PictureRequest`."""

    checkpoint: gr.Dropdown
    kind: gr.Radio
    path: gr.Image
    drawing: gr.HTML


def named_models(names: Iterable[str]) -> list[tuple[Any, str]]:
    """Choices of a list of models: shipped ones with description and name, others with their name only."""
    texts = choice_texts("en")  # by subject, then by family
    by_subject = sorted(
        names, key=lambda name: list(texts).index(f"model.{name}") if f"model.{name}" in texts else len(texts)
    )
    return [(t(f"model.{name}") if f"model.{name}" in texts else name, name) for name in by_subject]


def model_choice(page: gr.Tab, tab: str, choices: list[str], first: str, serves: Callable[[Path], bool]) -> gr.Dropdown:
    """The list of a tab's models. When the tab is opened, the visitor's last run is added if it `serves` the tab."""

    def offer(chosen: str, visitor: gr.Request) -> gr.Dropdown:
        own = my_run_choice(visitor, serves)
        now = [*named_models(choices), *own]
        return gr.Dropdown(now, value=first) if chosen == MY_RUN and not own else gr.Dropdown(now)

    checkpoint = gr.Dropdown(named_models(choices), value=first, label=t("checkpoint"), elem_id=f"{tab}-checkpoint")
    on_each_opening(page, offer, checkpoint, checkpoint)
    return checkpoint


def my_run_choice(visitor: gr.Request, serves: Callable[[Path], bool]) -> list[tuple[Any, str]]:
    """The choice of the visitor's last run, in a list; an empty list if there is none, or if it does not serve."""
    run = find(visitor.session_hash)
    return [(t("my_run"), MY_RUN)] if run and serves(run) else []


def build_source(page: gr.Tab, tab: str, choices: list[str], first: str, task: str) -> Source:
    """Build the head of a tab's input column, with an example, for models of `task` and the visitor's run."""
    given = examples_of(tab, choices)
    kinds = [(t("from_upload"), "upload"), (t("from_draw"), "draw")]
    kind = gr.Radio(kinds, value="upload", label=t("from"), elem_id=f"{tab}-source", elem_classes="ae-switch")
    image = picture_input(t("picture"), f"{tab}-picture", value=str(given[0][0]) if given else None)
    drawing = pad(label=t("drawing"), elem_id=f"{tab}-pad")
    drawing.visible = "hidden"
    chosen = example_row(tab, given)
    checkpoint = model_choice(page, tab, choices, first, of_task(task))
    chosen(image, checkpoint, kind)
    kind.change(show_kind, kind, [image, drawing], queue=False, api_visibility="private")
    return Source(checkpoint, kind, image, drawing)


def show_kind(kind: str) -> tuple:
    """Show either the upload or the drawing pad; the hidden one keeps its content."""
    return gr.update(visible=kind == "upload"), gr.update(visible=True if kind == "draw" else "hidden")


def preview_pixels() -> int:
    """The most pixels of a preview: fewer while other work waits."""
    return CROWDED_PIXELS if scheduler.crowded else PREVIEW_PIXELS


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
