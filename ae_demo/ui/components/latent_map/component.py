"""The plane of a two-dimensional code: decoded in the page, with test pictures on it and other planes beside it.

The page asks `describe` for what the plane needs when the component is first seen and when another model is chosen,
fetches the files named there, and runs decoder and encoder itself: a drag asks the server for nothing. A model that
cannot run in the page, because it is not a multilayer perceptron, is decoded by `decode`, one request at a time. The
parts of the tab communicate within the page (`hub.js`).

    plane = latent_map("vae-mnist", describe=open_plane, decode=picture_at, prepare=prepare)
    choice.change(lambda name: gr.HTML(model=name), choice, plane)
    upload.change(lambda path: gr.HTML(landed=landed_value(prepare(path))), upload, plane)

The value is the point, [z1, z2]; `input` comes when it is let go, by hand or key.
"""

from __future__ import annotations

import base64
import math
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import AEDemoError, ConfigError, Message
from ae_demo.ui.components import Strings, html_component, in_session
from ae_demo.ui.components.data_uri import to_data_uri
from ae_demo.ui.strings.messages import localized, message_of

MAX_COORDINATE = 1e6
MAX_CALLS = 2  # at the same time; Gradio's own limits do not apply to a component's server functions
MAX_DATA_URI = 16_000_000  # characters of a dropped picture


def latent_map(
    model: str,
    describe: Callable[[str], dict[str, Any]],
    decode: Callable[[float, float, str], np.ndarray],
    prepare: Callable[[str, str], np.ndarray],
    strings: Strings | None = None,
    elem_id: str = "latent-map",
) -> gr.HTML:
    """Make the plane, with `#latent-map canvas`, `#latent-coords` and `#latent-decoded canvas` in the page.

    Args:
        model: whose plane it is at first; `gr.HTML(model=...)` changes it.
        describe: called with a model's name; returns the description that `tabs/latent_walk/planes.py` makes.
        decode: `decode(z1, z2, model)` gives the picture there, uint8 (H, W) or (H, W, 3).
        prepare: `prepare(data URI of a picture file, model)` gives the model's input, uint8 (C, H, W).
        strings: see `html_component`; keys in `strings.json`.
        elem_id: the id of the plane; the other ids, also that of the pad that it listens to, have the same stem.

    All three are called in threads, as listeners are (`LocalContext.request` says for whom), with names that anyone
    can send: they raise an `AEDemoError` for one they do not know, whose message is shown.
    """
    stem = elem_id.removesuffix("-map")
    return html_component(
        "latent_map",
        strings=strings,
        elem_id=f"{elem_id}-block",
        server_functions=[in_session(make) for make in (_opener(describe), _decoder(decode), _preparer(prepare))],
        value=[0.0, 0.0],
        model=model,
        landed=None,
        ids={"map": elem_id, "coords": f"{stem}-coords", "decoded": f"{stem}-decoded", "pad": f"{stem}-pad"},
    )


def landed_value(pixels: np.ndarray | None, again: str = "") -> dict[str, str] | None:
    """What `gr.HTML(landed=...)` takes to make a picture, uint8 (C, H, W), land on the plane; None takes it away.

    `again`: the name of the model onto whose plane an earlier picture is placed again; a later drawing replaces it.
    """
    if pixels is None:
        return None
    return {"pixels": base64.b64encode(pixels.astype(np.uint8).tobytes()).decode("ascii"), "again": again}


def read_place(value: object) -> tuple[float, float]:
    """Give (z1, z2) from what the page, or anyone, sent.

    Raises:
        ConfigError: the value is not a pair of finite numbers of at most `MAX_COORDINATE`.
    """
    try:
        x, y = (float(number) for number in value)
    except (TypeError, ValueError, OverflowError):
        x = y = math.nan
    if not (abs(x) <= MAX_COORDINATE and abs(y) <= MAX_COORDINATE):  # nan is not
        raise ConfigError(
            "A place on the plane is two finite numbers, [z1, z2]; this was {given}.", given=str(value)[:80]
        )
    return x, y


def _opener(describe: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    semaphore = threading.Semaphore(MAX_CALLS)

    def open_plane(name: str) -> dict[str, Any]:
        """Called by the page, or by anyone, with a model's name."""
        try:
            with semaphore:
                return describe(str(name))
        except AEDemoError as error:
            return {"error": message_of(error)}

    return open_plane


def _decoder(decode: Callable[[float, float, str], np.ndarray]) -> Callable[[list], str | None]:
    semaphore = threading.Semaphore(MAX_CALLS)

    def decode_at(call: list) -> str | None:
        """Called by the page, or by anyone, with [z1, z2, model]. None tells the page that there is no picture."""
        try:
            *place, model = call
            x, y = read_place(place)
            with semaphore:
                return to_data_uri(decode(x, y, str(model)))
        except (AEDemoError, TypeError, ValueError):
            return None

    return decode_at


def _preparer(prepare: Callable[[str, str], np.ndarray]) -> Callable[[list], dict[str, str]]:
    semaphore = threading.Semaphore(MAX_CALLS)

    def prepare_picture(call: list) -> dict[str, str]:
        """Called by the page, or by anyone, with [data URI, model]."""
        try:
            uri, model = call
            if not isinstance(uri, str) or not uri.startswith("data:image/") or len(uri) > MAX_DATA_URI:
                raise ConfigError(
                    "Drop a picture file of at most {megabytes} MB.", megabytes=MAX_DATA_URI * 3 // 4000000
                )
            with semaphore:
                return landed_value(prepare(uri, str(model)))
        except AEDemoError as error:
            return {"error": message_of(error)}
        except (TypeError, ValueError):
            return {"error": localized(Message("Drop one picture file, or two."))}

    return prepare_picture
