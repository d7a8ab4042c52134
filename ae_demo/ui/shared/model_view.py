"""What the tabs show about a model: its diagram, its model card and its source code."""

from __future__ import annotations

import hashlib
import inspect
import math
import os
from collections.abc import Callable
from typing import Any

import gradio as gr
from torch import Tensor

from ...errors import AEDemoError
from ...inference import get_model, layer_outputs
from ...models import Autoencoder
from ..components import notify
from ..components.cards import cards
from ..components.diagram import diagram, diagram_value, layer_value
from ..live import QUIET, LiveView
from ..strings import t
from ..strings.messages import message_of
from ..toasts import toast_errors
from .failures import about, failures
from .recent import Recent
from .user_runs import resolve

Given = tuple[Autoencoder, Tensor]  # a model and its input
_traces: Recent[list[dict[str, Any]]] = Recent(16)


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


def open_layers(
    strip: gr.HTML, view: LiveView[Any], given: Callable[[Any, int | None], Given | None], renewed: list
) -> None:
    """Show a layer's output when the layer is clicked in the diagram, and update it while it is open.

    given: called with the request of the view and the number of the sample that `gr.HTML(sample=...)` has set; gives
        the model and its input `(1, *sample)`, or None if there is nothing to show
    renewed: events that follow a change of the model's input
    """
    strip.props["opens"] = True

    def show_layer(event: gr.EventData, *values: Any) -> Any:
        index = int(event._data["layer"])
        try:
            found = given(view.read(values), event._data.get("sample"))
        except AEDemoError as error:
            return gr.HTML(layer={"index": index, "error": message_of(error)})
        layers = [{}] if found is None else _layer_values(*found)
        return gr.HTML(layer={**layers[min(max(index, 0), len(layers) - 1)], "index": index})

    strip.select(show_layer, list(view.inputs.values()), strip, queue=False, **QUIET)
    gr.on(renewed, js=notify(strip, "renew"))


def _layer_values(model: Autoencoder, x: Tensor) -> list[dict[str, Any]]:
    """What the page shows of each layer; computed once for a model and its input, whichever layer is clicked."""
    key = model, hashlib.sha256(x.numpy().tobytes()).digest()
    return _traces.get(key, lambda: [layer_value(*output) for output in layer_outputs(model, x)])


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


def main_column() -> gr.Column:
    """The part right of a tab's input: the model's diagram above the columns of the code and the output."""
    return gr.Column(elem_classes="ae-main", scale=3)


def no_model(family: type[Autoencoder], data: str) -> list[dict]:
    """Fill a tab that has no checkpoint with the command that trains one. `data` is what follows `--data`.

    Returns the listeners of such a tab, an empty list.
    """
    name, root = family.family, "$AE_CHECKPOINTS" if os.environ.get("AE_CHECKPOINTS") else "checkpoints"
    command = f"python -m ae_demo train {name} --data {data} --out {root}/{name}-{data.split()[0]}"
    gr.Markdown(t("no_model"))
    gr.Markdown(code_block(command, "shell"), buttons=["copy"])
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
    source_fold(t("source_code"), lambda: source_of(*ran))


def source_fold(title: Any, source: Callable[..., str], *inputs: gr.components.Component) -> None:
    """A fold-out with the Python source `source(*values of inputs)`, which is read when the fold-out is opened."""
    with gr.Accordion(title, open=False, elem_classes="ae-source") as fold:
        shown = gr.Markdown(container=True, max_height=600)
    read = toast_errors(lambda *values: code_block(source(*values), "python"))
    hidden = {"queue": False, "api_visibility": "private"}
    fold.expand(read, list(inputs), shown, **hidden)
    if inputs:
        gr.on([each.change for each in inputs], lambda: gr.update(open=False), None, fold, **hidden)


def code_block(code: str, language: str) -> str:
    """Code in Markdown. The fence is longer than any that docstrings contain."""
    return f"`````{language}\n{code}\n`````"


def source_of(*objects: Any) -> str:
    """The source code of functions and classes."""
    return "\n\n".join(inspect.getsource(o) for o in objects)


def source_of_checkpoint(checkpoint: str) -> str:
    """The source code of the module of a checkpoint's family."""
    return inspect.getsource(inspect.getmodule(type(get_model(resolve(checkpoint)))))
