"""The endpoint /denoise."""

from __future__ import annotations

import gradio as gr
import numpy as np

from .... import inference
from ...shared.endpoint_inputs import checkpoint_input, given_picture
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /denoise its parameters."""
    inputs = [picture_input("image"), checkpoint_input("denoising-photo")]
    gr.Button().click(denoise, inputs, gr.Image(label="result", format="png"), api_name="denoise")


@toast_errors
def denoise(path: str, checkpoint: str) -> np.ndarray:
    """A noisy picture without its noise."""
    return inference.denoise(given_picture(path), checkpoint)
