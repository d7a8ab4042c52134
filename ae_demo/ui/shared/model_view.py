"""What the tabs show about a model: its diagram, its model card and its source code."""

from __future__ import annotations

import inspect
import math
import os
from typing import Any

import gradio as gr

from ...inference import get_model
from ...models import FAMILIES, Autoencoder
from ..components.cards import cards
from ..components.diagram import diagram, diagram_value
from ..strings import t
from ..toasts import toast_errors
from .failures import about, failures
from .user_runs import resolve


def model_diagram(model: Autoencoder, elem_id: str) -> gr.HTML:
    """A diagram of a model's layers with their sizes; values of `diagram_of` show another model."""
    return diagram(*_stations(model), elem_id=elem_id)


def diagram_of(model: Autoencoder) -> dict[str, Any]:
    """The value of a diagram that shows this model."""
    return diagram_value(*_stations(model))


@toast_errors
def show_diagram(checkpoint: str) -> dict[str, Any]:
    """The listener that shows the diagram of another checkpoint."""
    return diagram_of(get_model(resolve(checkpoint)))


def _stations(model: Autoencoder) -> tuple:
    layers = list(model.layers())
    at = next(i for i, (name, _) in enumerate(layers) if name == "code")
    shown = [(label_of(name, shape), math.prod(shape)) for name, shape in layers]
    return shown[:at], shown[at], shown[at + 1 :]


def label_of(name: str, shape: tuple[int, ...]) -> str:
    """`Conv 32×14×14`; of input, code and output, which position and colour distinguish, only the size."""
    size = "×".join(map(str, shape))
    return size if name in ("input", "code", "output") else f"{name} {size}"


def column(role: str, scale: int = 1) -> gr.Column:
    """A column of a tab with its heading; `role` is "input", "code" or "output"."""
    with gr.Column(elem_classes=f"ae-column ae-{role}", scale=scale) as made:
        gr.Markdown(t(f"column.{role}"), elem_classes=f"ae-title ae-{role}")
    return made


def no_model(family: type[Autoencoder], data: str) -> list[dict]:
    """Fill a tab that has no checkpoint with the command that trains one. `data` is what follows `--data`.

    Returns the listeners of such a tab, an empty list.
    """
    name, root = family.family, "$AE_CHECKPOINTS" if os.environ.get("AE_CHECKPOINTS") else "checkpoints"
    command = f"python -m ae_demo train {name} --data {data} --out {root}/{name}-{data.split()[0]}"
    gr.Markdown(t("no_model"))
    gr.Code(command, language="shell", interactive=False, show_label=False)
    return []


def model_card(tab: str, checkpoint: gr.components.Component) -> None:
    """A fold-out with the training data, figures and known failures of the chosen checkpoint, computed when opened."""
    with gr.Accordion(t("model_card"), open=False, elem_id=f"{tab}-about") as fold:
        shown = cards(elem_id=f"{tab}-failures")
    fold.expand(show_card, checkpoint, shown, show_progress="minimal", api_visibility="private")
    closed = gr.update(open=False)
    checkpoint.change(lambda: ([], closed), None, [shown, fold], queue=False, api_visibility="private")


@toast_errors
def show_card(checkpoint: str) -> list[dict]:
    """The listener that fills the fold-out of `model_card`."""
    checkpoint = resolve(checkpoint)
    return [about(checkpoint), *failures(checkpoint)]


def explanation(tab: str, *ran: Any) -> None:
    """A tab's fold-outs: an explanation with its formula, and the source of the code that runs, `ran`."""
    with gr.Accordion(t("explain"), open=False, elem_classes="ae-explain"):
        gr.Markdown(t(f"{tab}.explain"), latex_delimiters=[{"left": "$", "right": "$", "display": False}])
    with gr.Accordion(t("source_code"), open=False):
        gr.Code(source_of(*ran), language="python", interactive=False, show_label=False, max_lines=30)


def source_of(*objects: Any) -> str:
    """The source code of functions and classes."""
    return "\n\n".join(inspect.getsource(o) for o in objects)


def source_of_family(family: str) -> str:
    """The source code of a family's module."""
    return inspect.getsource(inspect.getmodule(FAMILIES[family]))
