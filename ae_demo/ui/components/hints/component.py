"""A grey picture on which a click sets a colour hint. Hints can be dragged, recoloured and removed.

    known = hints(elem_id="colorize-hints")
    known.release(show, [image, known], result)          # its value: [[x, y, "#rrggbb"], …], x and y in [0, 1]
    image.change(lambda path: hints_value(grey_of(path)), image, known)
    known.select(lambda event, path: likely_value(*read_place(event), *colours_at(path)), image, known)

`input` comes while a hint moves, too, `release` after each change; `select` when the likely colours at a place,
`event._data["x"]` and `["y"]`, are to be offered.
"""

from __future__ import annotations

import re
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import ConfigError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import to_data_uri


def hints(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the picture, empty until a listener returns `hints_value(...)`. `strings`: see `html_component`."""
    return html_component(
        "hints", strings=strings, elem_id=elem_id, events=("release",), value=[], picture="", likely=None
    )


def hints_value(pixels: np.ndarray | None) -> gr.HTML:
    """Another picture, uint8 (H, W) or (H, W, 3), without hints."""
    return gr.HTML(value=[], picture="" if pixels is None else to_data_uri(pixels))


def likely_value(x: float, y: float, rgb: np.ndarray, probabilities: np.ndarray) -> gr.HTML:
    """Offer colours uint8 `(n, 3)`, the likeliest first, with their probabilities `(n,)`, for a hint at `x`, `y`."""
    colours = [[f"#{bytes(colour).hex()}", float(share)] for colour, share in zip(rgb, probabilities, strict=True)]
    return gr.HTML(likely={"at": [x, y], "colours": colours})


def read_hints(value: Any) -> list[tuple[float, float, tuple[int, int, int]]]:
    """What the page sent as `(x, y, (red, green, blue))`. Raises `ConfigError` for what the page never sends."""
    try:
        return [(float(x), float(y), _rgb(colour)) for x, y, colour in value or []]
    except (TypeError, ValueError) as error:
        raise ConfigError("The hints are {given}; give a list of [x, y, '#rrggbb'].", given=str(value)[:80]) from error


def _rgb(colour: str) -> tuple[int, int, int]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(colour)
    return tuple(bytes.fromhex(colour[1:]))
