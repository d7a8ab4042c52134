"""A square to draw a digit or a garment on: white ink on black, as in MNIST.

    drawing = pad(label=t("draw"), elem_id="digit-pad")
    drawing.input(show, drawing, outputs, trigger_mode="always_last", queue=False)

`input` comes when the drawing has changed: at most ten times a second during a stroke, at its end, after undo and
after clear; `release` comes after each of the latter three; `change` also when Python sets the value. Always use
"always_last": Gradio's default drops the events that come while one is being answered, the last one too.

The value is a 140x140 PNG data URI of a few KB, or "" when nothing is drawn: five times MNIST's 28x28, so that
centring and scaling can be done as MNIST did them.
"""

import base64
import binascii
import io

import gradio as gr
import numpy as np
from PIL import Image

from ae_demo.errors import PictureError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import PREFIX

PAD_SIDE = 140  # pixels
MAX_CHARACTERS = 65_536  # a drawing takes some 5,000; noise in every pixel some 27,000


def pad(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make a drawing pad; in the page its canvas is `#<elem_id> canvas`.

    Args:
        label: the title over the pad; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.

    To put a picture on the pad, return a 140x140 PNG data URI from a listener; to clear it, return "".
    """
    return html_component(
        "pad", strings=strings, events=("release",), label=label, elem_id=elem_id, value="", side=PAD_SIDE
    )


def decode_pad(value: str | None) -> np.ndarray | None:
    """Turn a pad's value into pixels.

    Args:
        value: what a listener got from the pad.

    Returns:
        uint8 (140, 140), 0 = black paper, 255 = white ink; None when nothing is drawn.

    Raises:
        PictureError: the value is no drawing of this pad (it can come from anyone who calls the endpoint).
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.startswith(PREFIX):
        raise _bad(f"a {type(value).__name__} that is no PNG data URI")
    if len(value) > MAX_CHARACTERS:
        raise _bad(f"{len(value):,} characters, and {MAX_CHARACTERS:,} are allowed")
    try:
        file = io.BytesIO(base64.b64decode(value[len(PREFIX) :], validate=True))
        with Image.open(file, formats=["PNG"]) as image:
            if image.size != (PAD_SIDE, PAD_SIDE):  # known from the header, before any pixel is unpacked
                raise _bad(f"a picture of {image.width}x{image.height} pixels")
            pixels = np.asarray(image.convert("RGB").convert("L"))
    except (binascii.Error, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, PictureError):
            raise
        raise _bad("a damaged PNG") from error
    return pixels if pixels.any() else None


def _bad(given: str) -> PictureError:
    return PictureError(
        "The drawing pad sent {given}. It must be a {pad_side}x{pad_side} PNG as a data URI; clear it and draw again.",
        given=given,
        pad_side=PAD_SIDE,
    )
