"""The endpoint /colorize."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from .... import inference
from ...components.data_uri import save_png
from ...shared.endpoint_inputs import given_picture, unchecked
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /colorize its parameters."""
    factors = [gr.Number(1.0, label="saturation"), gr.Number(0.0, label="warmth")]
    inputs = [picture_input("image"), *factors, gr.JSON([], label="hints"), picture_input("path")]
    gr.Button().click(colorize, unchecked(inputs), gr.Image(label="result", format="png"), api_name="colorize")


@toast_errors
def colorize(
    image: str | None = None,
    saturation: float = 1.0,
    warmth: float = 0.0,
    hints: list | None = None,
    path: str | None = None,
) -> Path:
    """Colorize a grey picture; colours of a coloured one are replaced. Its lightness stays as it is.

    Args:
        image: the picture
        saturation: factor of the colours' saturation; 0: grey
        warmth: from -1, colder colours, to 1, warmer ones
        hints: known colours, [[x, y, [red, green, blue]], …]: x and y from 0 to 1 as shares of width and height
        path: former name of `image`

    Returns:
        the picture in predicted colours
    """
    pixels = given_picture(image, path)
    given = () if hints is None else hints
    return save_png(inference.colorize(pixels, saturation=saturation, warmth=warmth, hints=given))
