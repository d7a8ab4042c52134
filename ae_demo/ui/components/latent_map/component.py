"""The plane of a two-dimensional code: decoded pictures, the test set's encodings, and a point to move about.

The canvas shows exactly [-3.2, 3.2] x [-3.2, 3.2], z1 to the right and z2 upward; the prior N(0, I) is drawn as
circles of 1, 2 and 3 standard deviations. The value is the point, [z1, z2].

    plane = latent_map(grid, {"x": mu[:, 0], "y": mu[:, 1], "label": y}, decode=picture_at)
    plane.input(show, plane, outputs, trigger_mode="always_last", show_progress="hidden")    # moved by hand
    encode.click(lambda x: move_marker(*encode(x)), picture, plane)                          # moved by Python
    choice.change(lambda name: latent_map_value(*plane_of(name), model=name), choice, plane)

`input` comes when the point is let go, by hand or key. (Not `select`: Gradio loses the data of a postponed event, but
never a value.)
"""

import math
import threading
from collections.abc import Callable, Mapping

import gradio as gr
import numpy as np

from ae_demo.errors import ConfigError, ShapeError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import to_data_uri

EXTENT = 3.2
CLASSES = 10  # as many as there are colours
AT_ONCE = 2  # decodings; Gradio's own limits do not hold for a component's server functions

Picture = np.ndarray | bytes | str  # uint8 (H, W) or (H, W, 3), a PNG file's bytes, or a data URI


def latent_map(
    grid_uri: Picture,
    points: Mapping,
    decode: Callable[..., Picture],
    strings: Strings | None = None,
    elem_id: str = "latent-map",
    model: str = "",
) -> gr.HTML:
    """Make the plane, with `#latent-map canvas`, `#latent-coords` and `#latent-decoded canvas` in the page.

    A drag asks `decode` for the picture under the point, one request at a time, the last place winning. Coordinates
    read `z = (0.12, -1.30)`.

    Args:
        grid_uri: the picture that fills the plane, its top left corner at z = (-3.2, 3.2).
        points: `x`, `y`: (N,) numbers; `label`: (N,) whole numbers in [0, 9]; and, if wanted, `names`: what the classes
            are called in the legend, a list, or one list a locale. `{}` for none.
        decode: called in a thread as `decode(z1, z2)`, both in [-3.2, 3.2]; or, where the plane has a `model`, as
            `decode(z1, z2, model)`. It must raise for a model that it does not know: anyone can send any name.
        strings: see `html_component`; keys in `strings.json`.
        elem_id: the id of the plane; the other two ids begin as it does.
        model: which model's plane this is.

    Raises:
        ShapeError: `x`, `y` and `label` have different lengths, or a label is out of range.
    """
    stem = elem_id.removesuffix("-map")
    return html_component(
        "latent_map",
        strings=strings,
        elem_id=f"{elem_id}-block",
        server_functions=[_decoder(decode)],
        value=[0.0, 0.0],
        plane=_plane(grid_uri, points, model),
        ids={"map": elem_id, "coords": f"{stem}-coords", "decoded": f"{stem}-decoded"},
        extent=EXTENT,
    )


def latent_map_value(grid_uri: Picture, points: Mapping, model: str = "") -> gr.HTML:
    """Give the update that shows another model's plane; the point stays. Arguments and errors as for `latent_map`."""
    return gr.HTML(plane=_plane(grid_uri, points, model))


def move_marker(x: float, y: float) -> list[float]:
    """Give the value that puts the point at z = (x, y) and decodes it there; a place outside goes to the border."""
    return [_clamp(float(x)), _clamp(float(y))]


def read_place(value: object) -> tuple[float, float]:
    """Give (z1, z2), each in [-3.2, 3.2], from what a listener got from the plane.

    Raises:
        ConfigError: the value is no pair of finite numbers (it can come from anyone who calls the endpoint).
    """
    try:
        x, y = (float(number) for number in value)
    except (TypeError, ValueError, OverflowError):
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ConfigError(f"A place on the plane is two finite numbers, [z1, z2]; this was {str(value)[:80]}.")
    return _clamp(x), _clamp(y)


def _clamp(number: float) -> float:
    return max(-EXTENT, min(EXTENT, number))


def _plane(grid_uri: Picture, points: Mapping, model: str) -> dict:
    x, y = (np.asarray(points.get(key, ()), dtype=float).ravel() for key in "xy")
    label = np.asarray(points.get("label", ()), dtype=int).ravel()
    if not len(x) == len(y) == len(label) or (label.size and not 0 <= label.min() <= label.max() < CLASSES):
        raise ShapeError(
            f"The plane got {len(x)} x, {len(y)} y and {len(label)} labels. Give as many of each, and labels from 0 to "
            f"{CLASSES - 1}."
        )
    return {
        "grid": to_data_uri(grid_uri),
        "x": x.round(3).tolist(),
        "y": y.round(3).tolist(),
        "label": label.tolist(),
        "names": points.get("names"),
        "model": model,
    }


def _decoder(decode: Callable[..., Picture]) -> Callable[[list], str | None]:
    turnstile = threading.Semaphore(AT_ONCE)

    def decode_at(call: list) -> str | None:
        """Called by the page, or by anyone, with [z1, z2, model]. None tells the page that there is no picture."""
        try:
            *place, model = call
            x, y = read_place(place)
        except (ConfigError, TypeError, ValueError):
            return None
        with turnstile:
            return to_data_uri(decode(x, y, str(model)) if model else decode(x, y))

    return decode_at
