"""The picture input of every tab: upload, webcam or paste, read by `load_picture`, which explains what is wrong."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import ImageData
from gradio.processing_utils import save_base64_to_cache
from gradio.utils import get_upload_folder

from ...data import ASSETS
from ...data.pictures import load_picture
from ...errors import PictureError
from ..components.pad import decode_pad
from ..toasts import toast
from .preprocess import with_preprocess

MAX_DATA_URI = 16_000_000  # characters; uploads are bounded by launch(max_file_size=...)


def picture_input(label: Any, elem_id: str | None = None, **settings: Any) -> gr.Image:
    """A picture from a file, the clipboard or the webcam; listeners get its path, for `read_picture`.

    Gradio does not open the file, since it shows no message for a file that is not a picture.
    """
    image = gr.Image(
        label=label,
        elem_id=elem_id,
        sources=["upload", "clipboard", "webcam"],
        type="filepath",
        format="png",
        height=220,
        elem_classes="ae-picture",
        **settings,
    )
    return with_preprocess(image, _path_of)


def _path_of(image: gr.Image, payload: ImageData | None) -> str | None:
    if payload is None:
        return None
    if payload.url and payload.url.startswith("data:"):
        if len(payload.url) > MAX_DATA_URI:
            raise toast(
                PictureError(
                    "The picture has {count:,} characters; {most:,} are allowed. Give a smaller one.",
                    count=len(payload.url),
                    most=MAX_DATA_URI,
                )
            )
        try:
            return save_base64_to_cache(payload.url, get_upload_folder(), file_name="picture")
        except ValueError as error:  # or binascii.Error
            raise toast(PictureError("The picture's data URI is damaged; upload the picture as a file.")) from error
    if payload.path and not any(Path(payload.path).resolve().is_relative_to(root) for root in _readable()):
        raise toast(
            PictureError("The picture was not uploaded: upload it, since no other file of this machine is read.")
        )
    return payload.path


def _readable() -> list[Path]:
    """The folders that pictures are read from. Gradio checks only paths that are declared as files."""
    return [Path(folder).resolve() for folder in (get_upload_folder(), ASSETS)]


def read_picture(path: str | None, drawing: str | None = None, max_pixels: int = 12_000_000) -> np.ndarray | None:
    """The pixels of a drawing if there is one, else of an upload, else None.

    uint8 `(H, W)` or `(H, W, 3)`, reduced to at most `max_pixels`. A notice is shown if it is reduced, or if its
    values are scaled to their range in the file. Raises `PictureError`.
    """
    if drawing:
        return decode_pad(drawing)
    if path is None:
        return None
    picture = load_picture(path, max_pixels=max_pixels)
    if picture.reduced:
        given, kept = (f"{width} × {height}" for height, width in (picture.original_size, picture.pixels.shape[:2]))
        gr.Info(f"{given} → {kept}", title="↓")
    if picture.value_range:
        gr.Info("{:g} … {:g} → 0 … 255".format(*picture.value_range), title="☀")
    return picture.pixels


def read_preview(path: str | None, max_pixels: int) -> np.ndarray | None:
    """Like `read_picture`, without a notice and cached, since a dragged slider asks for it sixty times a second."""
    if path is None:
        return None
    return _read_small(path, os.stat(path).st_mtime_ns if os.path.isfile(path) else 0, max_pixels)


@lru_cache(maxsize=32)
def _read_small(path: str, modified: int, max_pixels: int) -> np.ndarray:
    pixels = load_picture(path, max_pixels=max_pixels).pixels
    pixels.flags.writeable = False  # the cached array is shared
    return pixels
