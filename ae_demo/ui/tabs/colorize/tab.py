"""Colorize: predicts the colours of a grey picture; its lightness stays as it is."""

from __future__ import annotations

import gradio as gr

from .... import checkpoints
from ....inference import colorize, get_model
from ....inference.color_hints import spread_hints
from ....models.colorization import ColorizationAutoencoder
from ...components.busy import busy
from ...components.cards import cards
from ...components.hints import hints
from ...components.table import table
from ...live import QUIET, LiveView
from ...shared.controls import slider
from ...shared.examples import example_row, examples_of
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import of_task, takes_models
from ...shared.model_view import column, explanation, main_column, model_card, model_diagram, no_model, open_layers
from ...shared.picture_input import picture_input
from ...shared.source import named_models
from ...strings import t
from .view import ColorizeRequest, full, layer_input, preview, show_hint_picture, show_likely_colours

NAME = "colorize"
TASK = "colorize"
MOVING = ("saturation", "warmth", "hints")
TRIES = {
    "warm": "example=china&warmth=1",
    "vivid": "example=rocket&saturation=2",
    "grey": "example=grey-coffee",
}


takes_models(NAME)(of_task(TASK))


def build_tab(page: gr.Tab) -> list[dict]:
    """Input, the model, and the colours. Returns the listeners for the time when the tab is opened."""
    choices = checkpoints.list_checkpoints(task=TASK)
    if not choices:
        return no_model(ColorizationAutoencoder, "folder --data-dir photos")
    given = examples_of(NAME, choices)
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            path = picture_input(t("picture"), "colorize-picture", value=str(given[0][0]) if given else None)
            checkpoint = gr.Dropdown(
                named_models(choices), value=choices[0], label=t("checkpoint"), visible=len(choices) > 1
            )
            example_row(NAME, given)(path, checkpoint)
            saturation = slider(0, 2, 1, step=0.05, label=t("saturation"), elem_id="colorize-saturation")
            warmth = slider(-1, 1, 0, step=0.05, label=t("warmth"), elem_id="colorize-warmth")
        with main_column():
            diagram = model_diagram(get_model(choices[0]), "colorize-diagram")
            gr.Markdown(t("colorize.code"), elem_classes="ae-caption")
            with gr.Row():
                with column("output", 3):
                    bar = busy("colorize-busy")
                    outputs = {
                        "results": cards("colorize-results"),
                        "proposals": cards("colorize-proposals"),
                        "table": table("colorize-table"),
                    }
                with column("input", 2):
                    known = hints(elem_id="colorize-hints")
                    model_card(NAME, checkpoint)
    explanation(NAME, colorize, spread_hints)
    path.change(show_hint_picture, path, known, **QUIET)
    inputs = {"checkpoint": checkpoint, "path": path, "saturation": saturation, "warmth": warmth, "hints": known}
    known.select(show_likely_colours, [path, checkpoint], known, queue=False, **QUIET)
    links = TabLink(NAME, {name: control for name, control in inputs.items() if name != "hints"}, line)
    outputs["link"] = links.share
    view = LiveView(ColorizeRequest, inputs, outputs, bar, full=links.after(full), preview=preview, moving=MOVING)
    open_layers(diagram, view, layer_input, [outputs["results"].change])
    return [{"fn": show_hint_picture, "inputs": path, "outputs": known}, *links.when_opened(view)]
