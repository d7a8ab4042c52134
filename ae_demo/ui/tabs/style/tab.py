"""Style: the style of one picture, carried over to every class by a class-conditional model that runs in the page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import gradio as gr
import torch

from .... import inference
from ....data.pictures import as_pixels
from ....models.cvae import ConditionalVAE
from ...components.latent_map import landed_value
from ...components.link import link
from ...components.pad import pad
from ...components.style_sheet import style_sheet
from ...shared.model_tabs import takes_models
from ...shared.model_view import column, explanation, model_diagram, no_model
from ...shared.picture_input import picture_input, read_picture
from ...strings import t
from ...toasts import toast_errors
from .sheets import describe, list_models

NAME = "style"
FAR = 100.0  # a style is nearer to the origin


@takes_models(NAME)
def serves(checkpoint: str | Path) -> bool:
    """Whether the tab takes a checkpoint."""
    return str(checkpoint) in list_models()[:1]  # the tab has no choice of models


def build_tab(page: gr.Tab) -> list[dict]:
    """What the style is taken from; the style, and every class in it. Returns the listener for the tab's opening."""
    names = list_models()
    if not names:
        return no_model(ConditionalVAE, "mnist")
    with gr.Row():
        with column("input", 1):
            pad(label=t("draw_digit"), elem_id="style-pad")
            image = picture_input(t("picture"), "style-picture")
        with gr.Column(scale=4):
            model_diagram(inference.get_model(names[0]), "style-diagram")
            sheet = style_sheet(describe(names[0]))
            share = link(elem_id="style-link")
    explanation(NAME, ConditionalVAE, inference.transfer_style)
    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    image.change(land_picture, image, sheet, **hidden)
    sheet.input(to_query, sheet, share, queue=False, trigger_mode="always_last", **hidden)
    return [{"fn": restore, "inputs": None, "outputs": sheet}]


@toast_errors
def land_picture(path: str | None) -> Any:
    """An uploaded picture as the model's input, for the page to encode."""
    pixels = read_picture(path)
    if pixels is None:
        return gr.skip()
    name = list_models()[0]
    x = inference.prepare(as_pixels(pixels), name, inference.get_model(name)).x
    return gr.HTML(landed=landed_value(x[0].mul(255).round().to(torch.uint8).numpy()))


def to_query(shown: dict[str, Any] | None) -> str:
    """The query of a link to what is shown, `{"label", "z"}`; empty for anything else."""
    try:
        label, z = int(shown["label"]), [float(v) for v in shown["z"][:4096]]
    except (TypeError, KeyError, ValueError, OverflowError):
        return ""
    return f"tab={NAME}&label={label}&z={','.join(f'{v:.2f}' for v in z)}"


def restore(request: gr.Request) -> Any:
    """The style and label of the link that the page was opened with."""
    query = dict(request.query_params)
    if query.get("tab") != NAME or "z" not in query:
        return gr.skip()
    try:
        label, z = int(query.get("label", "0")), [float(v) for v in query["z"].split(",")]
    except ValueError:
        return gr.skip()
    if label < 0 or not all(math.isfinite(v) and abs(v) < FAR for v in z):
        return gr.skip()
    return gr.HTML(start={"label": label, "z": z})
