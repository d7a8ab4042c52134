"""The endpoint /style."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from .... import inference
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, given_picture, unchecked
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /style its parameters."""
    inputs = [
        picture_input("image"),
        gr.Number(None, precision=0, label="label"),
        checkpoint_input("cvae-mnist"),
    ]
    outputs = [gr.Image(label="result", format="png"), gr.JSON(label="figures")]
    gr.Button().click(style, unchecked(inputs), outputs, api_name="style")


@toast_errors
def style(
    image: str | None = None, label: int | None = None, checkpoint: str = "cvae-mnist"
) -> tuple[np.ndarray, dict[str, Any]]:
    """Write all ten digits in the style of one handwritten digit.

    Args:
        image: a picture of one handwritten digit
        label: which digit it is, 0 to 9; without it, it is inferred
        checkpoint: a class-conditional model

    Returns:
        the ten digits side by side, and figures: the label, the style z, the negative ELBO for each label
    """
    result = inference.transfer_style(given_picture(image), label, given_checkpoint(checkpoint))
    figures = {"label": result.label, "z": result.z.tolist(), "negative_elbo": result.scores.tolist()}
    return np.concatenate(list(result.images), axis=1), figures
