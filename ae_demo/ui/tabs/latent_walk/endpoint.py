"""The endpoint /decode."""

from __future__ import annotations

import gradio as gr
import numpy as np

from .... import inference
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, unchecked
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /decode its parameters."""
    inputs = [gr.Number(0.0, label="x"), gr.Number(0.0, label="y"), checkpoint_input("vae-mnist")]
    gr.Button().click(decode, unchecked(inputs), gr.Image(label="result", format="png"), api_name="decode")


@toast_errors
def decode(x: float, y: float, checkpoint: str) -> np.ndarray:
    """Decode a point of a latent plane, the code of two numbers, to a picture.

    Args:
        x: the first number of the code, about -3 to 3 for a variational model
        y: the second one
        checkpoint: an autoencoder whose code has two numbers, such as vae-mnist

    Returns:
        the picture at that point
    """
    return inference.decode(x, y, given_checkpoint(checkpoint))
