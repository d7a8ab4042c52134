"""The endpoint /reconstruct."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from .... import inference
from ...components.data_uri import save_png
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, given_picture, unchecked
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /reconstruct its parameters."""
    settings = [checkpoint_input("conv-photo"), gr.Number(0, precision=0, label="channels")]
    refinements = gr.Number(None, precision=0, label="refinements")
    inputs = [picture_input("image"), *settings, picture_input("path"), refinements]
    outputs = [gr.Image(label="result", format="png"), gr.JSON(label="figures")]
    gr.Button().click(reconstruct, unchecked(inputs), outputs, api_name="reconstruct")


@toast_errors
def reconstruct(
    image: str | None = None,
    checkpoint: str = "conv-photo",
    channels: int | None = 0,
    path: str | None = None,
    refinements: int | None = None,
) -> tuple[Path, dict]:
    """Reconstruct a picture: encode it with an autoencoder, and decode the code. Shows what the code keeps.

    Args:
        image: the picture; a digit or a garment for models of those
        checkpoint: the autoencoder; conv-photo takes pictures of any size
        channels: with conv-photo, how many channels of the code to keep, from 1; 0: all
        path: former name of `image`
        refinements: with conv-photo, steps of gradient descent that adapt the code to the picture; by default 12 for
            small pictures if channels are left out

    Returns:
        the reconstruction, and its figures against the picture: mse, psnr (dB), ssim, the numbers in the code
    """
    kept = None if channels is None or channels == 0 else channels
    result = inference.reconstruct(
        given_picture(image, path), given_checkpoint(checkpoint), channels=kept, refinements=refinements
    )
    figures = {name: getattr(result, name) for name in ("mse", "psnr", "ssim")}
    return save_png(result.image), {**figures, "numbers": result.code.size, "code_shape": list(result.code.shape)}
