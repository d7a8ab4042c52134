"""The endpoint /encode."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .... import inference
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, given_picture, unchecked
from ...shared.picture_input import picture_input
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /encode its parameters."""
    inputs = [picture_input("image"), checkpoint_input("dense-mnist"), picture_input("path")]
    gr.Button().click(encode, unchecked(inputs), gr.JSON(label="code"), api_name="encode")


@toast_errors
def encode(image: str | None = None, checkpoint: str = "dense-mnist", path: str | None = None) -> dict[str, Any]:
    """Encode a picture with an autoencoder, without decoding it.

    Args:
        image: the picture
        checkpoint: the autoencoder
        path: former name of `image`

    Returns:
        the numbers of the code, nested as its shape is, and that shape
    """
    code = inference.encode([given_picture(image, path)], given_checkpoint(checkpoint))[0]
    return {"code": code.tolist(), "shape": list(code.shape)}
