"""The endpoint /colorize."""

from __future__ import annotations

import gradio as gr
import numpy as np

from .... import inference
from ...shared.endpoint_inputs import given_picture
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /colorize its parameters."""
    factors = [gr.Number(1.0, label="saturation"), gr.Number(0.0, label="warmth")]
    inputs = [picture_input("image"), *factors, gr.JSON([], label="hints")]
    gr.Button().click(colorize, inputs, gr.Image(label="result", format="png"), api_name="colorize")


@toast_errors
def colorize(path: str, saturation: float, warmth: float, hints: list | None) -> np.ndarray:
    """A picture in predicted colours. `hints`: [[x, y, [red, green, blue]], …], x and y as shares of the picture."""
    return inference.colorize(given_picture(path), saturation=saturation, warmth=warmth, hints=hints or ())
