"""Inputs of the named endpoints. Nobody sees these components: they give an endpoint's parameters names and types."""

from __future__ import annotations

import gradio as gr
import numpy as np

from ... import checkpoints
from .picture_input import read_picture


def checkpoint_input(default: str) -> gr.Dropdown:
    """A parameter `checkpoint`."""
    names = checkpoints.list_checkpoints()
    return gr.Dropdown(names, value=default if default in names else None, label="checkpoint")


def given_picture(path: str | None) -> np.ndarray:
    """The pixels of the parameter `image`. Raises `gr.Error` without one, and `PictureError` if it is unreadable."""
    pixels = read_picture(path)
    if pixels is None:
        raise gr.Error("No picture was given. Send one as `image`.")
    return pixels
