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
    """The picture at a point of a latent plane."""
    return inference.decode(x, y, given_checkpoint(checkpoint))
