"""The endpoint /reconstruct."""

from __future__ import annotations

import gradio as gr
import numpy as np

from .... import inference
from ...shared.endpoint_inputs import checkpoint_input, given_picture
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /reconstruct its parameters."""
    inputs = [picture_input("image"), checkpoint_input("conv-photo"), gr.Number(0, precision=0, label="channels")]
    outputs = [gr.Image(label="result", format="png"), gr.JSON(label="figures")]
    gr.Button().click(reconstruct, inputs, outputs, api_name="reconstruct")


@toast_errors
def reconstruct(path: str, checkpoint: str, channels: int) -> tuple[np.ndarray, dict]:
    """A picture through a checkpoint's code and back; its figures against the picture given. `channels` 0: all."""
    result = inference.reconstruct(given_picture(path), checkpoint, channels=int(channels or 0) or None)
    figures = {name: getattr(result, name) for name in ("mse", "psnr", "ssim")}
    return result.image, {**figures, "numbers": result.code.size, "code_shape": list(result.code.shape)}
