"""The endpoint /denoise."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from .... import inference
from ...components.data_uri import save_png
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, given_picture, unchecked
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /denoise its parameters."""
    level = gr.Number(None, label="level", info="standard deviation of the noise to remove, 0 to 1; null: estimated")
    inputs = [picture_input("image"), checkpoint_input("denoising-photo"), level, picture_input("path")]
    gr.Button().click(denoise, unchecked(inputs), gr.Image(label="result", format="png"), api_name="denoise")


@toast_errors
def denoise(
    image: str | None = None,
    checkpoint: str = "denoising-photo",
    level: float | None = None,
    path: str | None = None,
) -> Path:
    """Remove the noise from a picture with a denoising autoencoder.

    Args:
        image: the noisy picture
        checkpoint: the model; denoising-photo takes photographs of any size
        level: standard deviation of the noise to remove, 0 to 1; without it, it is estimated
        path: former name of `image`

    Returns:
        the picture without its noise
    """
    return save_png(inference.denoise(given_picture(image, path), given_checkpoint(checkpoint), level=level))
