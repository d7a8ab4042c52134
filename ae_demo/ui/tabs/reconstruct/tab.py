"""Reconstruct: any picture through a code and back, beside PCA, JPEG and WebP."""

from __future__ import annotations

import gradio as gr

from .... import checkpoints, codec
from ....analysis.code_ranges import code_range
from ....inference import get_model, reconstruct
from ....models.conv import ConvAutoencoder
from ...components.bars import bars
from ...components.busy import busy
from ...components.cards import cards
from ...components.chart import chart
from ...components.table import table
from ...live import QUIET, LiveView
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import of_task, takes_models
from ...shared.model_view import (
    column,
    explanation,
    main_column,
    model_card,
    model_diagram,
    no_model,
    open_layers,
    source_fold,
    source_of_checkpoint,
)
from ...shared.source import build_source
from ...strings import t, texts_under
from .photographs import fit_checkpoint
from .view import ReconstructRequest, full, layer_input, most_channels, preview, show_edited, show_model

NAME = "reconstruct"
TASK = "reconstruct"
DEFAULT = "conv-mnist"
TRIES = {
    "channels": "example=coffee&checkpoint=conv-photo&channels=4",
    "step": "example=astronaut&checkpoint=conv-photo&channels=32&step=1",
    "unusual": "example=bag&checkpoint=conv-mnist",
    "draw": "kind=draw&checkpoint=vae-mnist",
}


takes_models(NAME)(of_task(TASK))


def build_tab(page: gr.Tab) -> list[dict]:
    """Input, code, output. Returns the listeners for the time when the tab is opened."""
    choices = [name for name in checkpoints.list_checkpoints(task=TASK) if checkpoints.takes_pictures(name)]
    if not choices:
        return no_model(ConvAutoencoder, "mnist")
    first = DEFAULT if DEFAULT in choices else choices[0]
    model = get_model(first)
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            source = build_source(page, NAME, choices, first, TASK)
        with main_column():
            diagram = model_diagram(model, "reconstruct-diagram")
            with gr.Row():
                with column("code"):
                    code = bars(label=t("the_code"), elem_id="reconstruct-code", follow=NAME)
                    channels = gr.Slider(
                        1,
                        most_channels(),
                        most_channels(),
                        step=1,
                        label=t("channels"),
                        visible=False,
                        elem_id="reconstruct-channels",
                    )
                    step = gr.Slider(
                        0.05, 1, 0.3, step=0.05, label=t("step"), visible=False, elem_id="reconstruct-step"
                    )
                    refine = gr.Checkbox(
                        False,
                        label=t("reconstruct.refine"),
                        info=t("reconstruct.refine.info"),
                        visible=False,
                        elem_id="reconstruct-refine",
                    )
                    facts = cards("reconstruct-facts")
                    threshold = gr.Slider(50, 100, 95, step=1, label=t("threshold"), elem_id="reconstruct-threshold")
                    code_map = cards("reconstruct-map")
                    model_card(NAME, source.checkpoint)
                with column("output", 2):
                    bar = busy("reconstruct-busy")
                    results = cards("reconstruct-results", channel=NAME)
                    figures = table("reconstruct-table")
                    rate = chart(t("reconstruct.rate"), "reconstruct-rate", texts_under("reconstruct.rate."))
    explanation(NAME, reconstruct, codec.compress)
    source_fold(t("model_code"), source_of_checkpoint, source.checkpoint)

    inputs = {**source._asdict(), "channels": channels, "step": step, "threshold": threshold, "refine": refine}
    outputs = {"results": results, "code": code, "map": code_map, "facts": facts, "table": figures, "rate": rate}
    linked = {name: inputs[name] for name in ("checkpoint", "kind", "path", "channels", "step", "threshold", "refine")}
    links = TabLink(NAME, linked, line, kept=["channels"])
    moving = ["drawing", "channels", "step", "threshold"]
    shown = {**outputs, "link": links.share}
    view = LiveView(ReconstructRequest, inputs, shown, bar, full=links.after(full), preview=preview, moving=moving)
    of_model = [diagram, code, channels, step, refine, threshold]
    view.before(source.checkpoint.change, show_model, [source.checkpoint, channels], of_model)
    view.before(source.path.input, fit_checkpoint, [source.path, source.checkpoint], source.checkpoint)
    one_by_one = {**QUIET, "trigger_mode": "multiple"}  # the page waits for each answer
    code.select(show_edited, list(inputs.values()), code, queue=False, **one_by_one)
    open_layers(diagram, view, layer_input, [outputs["results"].change])
    return links.when_opened(view)


def warm_up() -> None:
    """Measure the code of the model that the tab begins with, before the first visit."""
    if DEFAULT in checkpoints.list_checkpoints():
        code_range(DEFAULT)
