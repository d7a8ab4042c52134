"""Style: the style of one picture, carried over to every class by a class-conditional model that runs in the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import torch

from .... import inference
from ....data.pictures import as_pixels
from ....errors import AEDemoError
from ....models.cvae import ConditionalVAE
from ...components.latent_map import landed_value
from ...components.pad import pad
from ...components.style_sheet import style_sheet
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import takes_models
from ...shared.model_view import column, explanation, model_diagram, no_model
from ...shared.picture_input import picture_input, read_picture
from ...strings import t
from ...strings.messages import message_of
from ...toasts import toast_errors
from .sheets import describe, list_models

NAME = "style"
TRIES = {
    "slanted": "label=4&z=2_0_0_0_0_0_0_0",
    "bold": "label=8&z=0_0_0_0_0_2.2_0_0",
    "mean": "label=3&z=0_0_0_0_0_0_0_0",
}


@takes_models(NAME)
def serves(checkpoint: str | Path) -> bool:
    """Whether the tab takes a checkpoint."""
    return str(checkpoint) in list_models()[:1]  # the tab has no choice of models


def build_tab(page: gr.Tab) -> list[dict]:
    """What the style is taken from; the style, and every class in it. Returns no listener for the tab's opening."""
    names = list_models()
    if not names:
        return no_model(ConditionalVAE, "mnist")
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input", 1):
            pad(label=t("draw_digit"), elem_id="style-pad")
            image = picture_input(t("picture"), "style-picture")
        with gr.Column(scale=4):
            model_diagram(inference.get_model(names[0]), "style-diagram")
            sheet = style_sheet(describe(names[0]))
    explanation(NAME, ConditionalVAE, inference.transfer_style)
    hidden = {"api_visibility": "private"}
    image.change(land_picture, image, sheet, **hidden)
    TabLink(NAME, {"sheet": sheet}, line).renew_by(sheet.input)
    return []


@toast_errors
def land_picture(path: str | None) -> Any:
    """An uploaded picture as the model's input, for the page to encode, or why it cannot be used."""
    try:
        pixels = read_picture(path)
    except AEDemoError as error:
        yield gr.HTML(landed={"error": message_of(error)})
        raise
    if pixels is None:
        yield gr.skip()
        return
    name = list_models()[0]
    x = inference.prepare(as_pixels(pixels), name, inference.get_model(name)).x
    yield gr.HTML(landed=landed_value(x[0].mul(255).round().to(torch.uint8).numpy()))
