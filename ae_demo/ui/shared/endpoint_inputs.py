"""Inputs of the named endpoints: hidden components that define the names and types of the parameters."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
from gradio.components import Component

from ... import checkpoints
from ...errors import CheckpointError, ConfigError
from ...inference.arguments import shown
from ..toasts import toast
from .picture_input import read_picture


def checkpoint_input(default: str) -> gr.Dropdown:
    """A parameter `checkpoint`."""
    names = checkpoints.list_checkpoints()
    return gr.Dropdown(names, value=default if default in names else None, label="checkpoint")


def unchecked(inputs: list[Component]) -> list[Component]:
    """Let the components of an endpoint pass on values as they are sent, so that the endpoint can explain errors.

    Gradio's own check rejects a value of the wrong JSON type without a message. Files are checked as Gradio does, so
    that only uploads are read, but with a message.
    """
    for component in inputs:
        info = component.api_info()
        if not info.get("type", True):  # {}, of gr.JSON, which is no valid JSON schema
            del info["type"]
        component.api_info = lambda info=info: info  # derived from the data model, which is removed below
        component.preprocess = _reader_of(component)
        component.data_model = None
    return inputs


def _reader_of(component: Component) -> Any:
    model, preprocess = component.data_model, component.preprocess
    if model is None or isinstance(component, gr.JSON):
        return lambda payload: payload

    def read(payload: Any) -> Any:
        if payload is None:
            return None
        try:
            return preprocess(model.model_validate(payload, context={"validate_meta": True}))
        except gr.Error:
            raise
        except (TypeError, ValueError) as error:  # of pydantic and of Gradio
            name = component.label
            raise toast(
                ConfigError(
                    "{name} is {given}; send an uploaded file, as `handle_file` of the client does.",
                    name=name,
                    given=shown(payload),
                )
            ) from error

    return read


def given_picture(image: str | None, path: str | None = None) -> np.ndarray:
    """The pixels of the parameter `image`, or of `path`, its former name.

    Raises `ConfigError` without either, and `PictureError` for a file that cannot be read.
    """
    pixels = read_picture(image if image is not None else path)
    if pixels is None:
        raise ConfigError("No picture was given. Send one as `image`.")
    return pixels


def given_checkpoint(name: Any) -> str:
    """The parameter `checkpoint`. Raises `CheckpointError` unless it is a name of the server's list, never a path."""
    names = checkpoints.list_checkpoints()
    if not isinstance(name, str) or name not in names:
        raise CheckpointError(
            "checkpoint is {given}; choose one of {choices}.", given=shown(name), choices=", ".join(names) or "none yet"
        )
    return name
