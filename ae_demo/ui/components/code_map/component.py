"""Maps of the codes of thousands of pictures, one or two side by side, panned and zoomed in the page.

The page fetches codes, points and pictures once, as files named by their hashes; panning, zooming, the picture under
the pointer and nearest neighbours ask the server for nothing. `code_neighbours` shows the neighbours of the chosen
picture.

    plane = code_map(elem_id="features-map")
    choice.change(show, choice, plane)      # returns code_map_value(...)
    drawing.input(land, drawing, plane)     # returns gr.HTML(landed=landed_value(...)), or landed=None
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import to_data_uri

MAX_MAPS = 2


def code_map(label="", elem_id: str = "code-map", strings: Strings | None = None) -> gr.HTML:
    """Make the maps, empty until a listener returns `code_map_value(...)`. Each canvas is `#<elem_id> canvas`.

    Args:
        label: the title over the maps; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("code_map", strings=strings, label=label, elem_id=elem_id, value=None, landed=None)


def code_map_value(
    maps: Sequence[dict[str, Any]],
    pictures: dict[str, Any],
    groups: str | None = None,
) -> dict[str, Any]:
    """Give maps in the form the component takes.

    Args:
        maps: at most two, each a dict of "model", a key of the strings or a name as it stands, "projection", a name or
            None, and the paths of published bundles: "codes" (int8 `(N, D)` "codes" with a "scale" `(D,)`) and "points"
            (float32 `(N, 2)` "points").
        pictures: what all maps are of: "file", a bundle with "labels", uint8 `(N,)`; "sheet", the path of a PNG with
            "columns" pictures of "shape" (C, H, W) in a row; "classes", names by label, none for no labels.
        groups: the path of a bundle with "groups", int32 `(N,)`, −1 for none, by which the points are coloured in place
            of the labels.

    Raises:
        ShapeError: no map, or more than two.
    """
    if not 1 <= len(maps) <= MAX_MAPS:
        raise ShapeError("{count} maps were given; give one or two.", count=len(maps))
    return {"maps": list(maps), "pictures": pictures, "groups": groups}


def landed_value(pixels: np.ndarray, places: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    """What `gr.HTML(landed=...)` takes to put a visitor's picture on the maps.

    Args:
        pixels: as the model sees it, uint8 `(H, W)` or `(H, W, 3)`.
        places: for each map, its code `(D,)` and its point `(2,)`.
    """
    return {
        "uri": to_data_uri(pixels),
        "places": [
            {"code": [float(f"{n:.5g}") for n in code], "point": [float(n) for n in point]} for code, point in places
        ],
    }
