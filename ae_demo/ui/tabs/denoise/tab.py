"""Denoise: adds adjustable noise and compares the model with classical filters, live."""

from __future__ import annotations

import gradio as gr

from .... import checkpoints
from ....inference import denoise, get_model, run_tiled
from ....models.denoising import DenoisingAutoencoder
from ...components.busy import busy
from ...components.cards import cards
from ...components.table import table
from ...live import QUIET, LiveView
from ...shared.controls import bounded, slider
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
    show_diagram,
)
from ...shared.source import build_source
from ...strings import t
from .view import MAX_SEED, NOISES, DenoiseRequest, full, layer_input, preview

NAME = "denoise"
TASK = "denoise"
DEFAULT = "denoising-photo"
TRIES = {
    "strong": "gaussian=0.5",
    "salt": "gaussian=0&salt_and_pepper=0.5",
    "mask": "example=digit-5&checkpoint=denoising-mnist&gaussian=0&mask=0.5",
}


takes_models(NAME)(of_task(TASK))


def build_tab(page: gr.Tab) -> list[dict]:
    """Input and noise, the model, and the results. Returns the listeners for the time when the tab is opened."""
    choices = checkpoints.list_checkpoints(task=TASK)
    if not choices:
        return no_model(DenoisingAutoencoder, "mnist")
    first = DEFAULT if DEFAULT in choices else choices[0]
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            source = build_source(page, NAME, choices, first, TASK)
            levels = {name: noise_slider(name, maximum, value) for name, maximum, value in NOISES}
            noisy_already = gr.Checkbox(False, label=t("denoise.already"), elem_id="denoise-already")
            estimated = gr.Checkbox(True, label=t("denoise.estimated"), elem_id="denoise-estimated")
            level = slider(0, 0.5, 0.1, step=0.01, label=t("denoise.level"), elem_id="denoise-level", visible="hidden")
            with gr.Row():
                seed = bounded(
                    gr.Number(0, precision=0, minimum=0, maximum=MAX_SEED, label=t("seed"), elem_id="denoise-seed")
                )
                reroll = gr.Button(t("reroll"), elem_id="denoise-reroll")
        with main_column():
            diagram = model_diagram(get_model(first), "denoise-diagram")
            gr.Markdown(t("denoise.code"), elem_classes="ae-caption")
            with column("output"):
                bar = busy("denoise-busy")
                outputs = {
                    "results": cards("denoise-results"),
                    "filters": cards("denoise-filters"),
                    "table": table("denoise-table"),
                }
                model_card(NAME, source.checkpoint)
    explanation(NAME, denoise, run_tiled)
    source.checkpoint.change(show_diagram, source.checkpoint, diagram, **QUIET)
    reroll.click(lambda n: (n or 0) % MAX_SEED + 1, seed, seed, queue=False, api_visibility="private")
    shown = lambda estimated: gr.update(visible="hidden" if estimated else True)  # noqa: E731
    estimated.change(shown, estimated, level, queue=False, api_visibility="private")
    inputs = {
        **source._asdict(),
        "already_noisy": noisy_already,
        "estimated": estimated,
        "level": level,
        "seed": seed,
        **levels,
    }
    moving = ["drawing", "level", *levels]
    links = TabLink(NAME, {name: control for name, control in inputs.items() if name != "drawing"}, line)
    outputs["link"] = links.share
    view = LiveView(DenoiseRequest, inputs, outputs, bar, full=links.after(full), preview=preview, moving=moving)
    open_layers(diagram, view, layer_input, [outputs["results"].change])
    return links.when_opened(view)


def noise_slider(name: str, maximum: float, value: float) -> gr.Slider:
    """The slider of one kind of noise."""
    elem_id = f"noise-{name.replace('_', '-')}"
    return slider(0, maximum, value, step=0.01, label=t(f"denoise.noise.{name}"), elem_id=elem_id)
