"""Colorize: the lightness of a picture in, its colours guessed; before and after under one slider."""

from __future__ import annotations

import gradio as gr
import torch

from ... import checkpoints, color, metrics, pipelines
from ...data.pictures import to_pixels, to_tensor
from ..components.cards import card, cards
from ..examples import example_row, examples_of
from ..model_view import column, explanation, model_diagram
from ..picture import picture_input, read_picture, told
from ..strings import t

NAME = "colorize"


def build_tab() -> dict:
    """Input, the model, and the colours. Returns what to do at the first sight."""
    choices = [c for c in checkpoints.list_checkpoints() if c.startswith("colorization")]
    given = examples_of(NAME, choices)
    with gr.Row():
        with column("input"):
            image = picture_input(t("picture"), "colorize-picture", value=str(given[0][0]) if given else None)
            checkpoint = gr.Dropdown(choices, value=choices[0], label=t("checkpoint"), visible=len(choices) > 1)
            example_row(given, image, checkpoint)
            saturation = gr.Slider(0, 2, 1, step=0.05, label=t("saturation"), elem_id="colorize-saturation")
        with column("code"):
            model_diagram(pipelines.get_model(choices[0]), "colorize-diagram")
            gr.Markdown(t("colorize.code"))
        with column("output", 2):
            slider = gr.ImageSlider(
                label=t("colorize.slider"),
                type="numpy",
                format="png",
                interactive=False,
                elem_id="colorize-slider",
            )
            results = cards(elem_id="colorize-results")
    explanation(NAME, pipelines.colorize)
    inputs, outputs = [image, saturation, checkpoint], [slider, results]
    hidden = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    gr.on([image.change, saturation.release, checkpoint.change], show, inputs, outputs, **hidden)
    return {"fn": show, "inputs": inputs, "outputs": outputs}


@told
def show(path: str | None, saturation: float, checkpoint: str) -> tuple:
    """The pair for the slider, and the pictures with their figures; the truth where the upload was in colour."""
    pixels = read_picture(path, max_pixels=4_000_000)
    if pixels is None:
        return None, []
    x = to_tensor(pixels).expand(-1, 3, -1, -1)
    lightness = color.rgb_to_lab(x)[:, :1]
    grey = color.lab_to_rgb(torch.cat([lightness, torch.zeros_like(x[:, :2])], dim=1))
    colorized = pipelines.colorize(pixels, checkpoint, saturation=saturation)
    x_hat = to_tensor(colorized)
    in_color = pixels.ndim == 3 and metrics.colourfulness(x).item() > 2
    shown = [card("input", "grey", to_pixels(grey), psnr=metrics.psnr(grey, x).item() if in_color else None)]
    figures = {"psnr": metrics.psnr(x_hat, x).item()} if in_color else {}
    shown.append(card("output", "colorized", colorized, **figures, colourfulness=metrics.colourfulness(x_hat).item()))
    if in_color:
        shown.append(card("other", "truth", pixels, colourfulness=metrics.colourfulness(x).item()))
    return (to_pixels(grey), colorized), shown
