"""The style of one picture as every class, with a class-conditional model that runs in the page.

    sheet = style_sheet(describe("cvae-mnist"))
    upload.change(lambda path: gr.HTML(landed=landed_value(prepare(path))), upload, sheet)

Drawings of the pad, the label that is inferred or corrected, sliders, the grid of styles and classes, and samples of
the prior ask the server for nothing. The value is what is shown, {"label": 3, "z": [...]}, with an empty z the first
example; `input` comes at rest.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def style_sheet(about: dict[str, Any], strings: Strings | None = None, elem_id: str = "style-sheet") -> gr.HTML:
    """Make the sheet.

    Args:
        about: "file" and "examples", published bundles of the model (`export_model`) and of example pictures, uint8
            "pictures" (N, C, H, W) and "labels" (N,); "classes", their names; "drawing", how a drawing is prepared;
            "accuracy" of the inferred label in [0, 1], or None.
        strings: see `html_component`; keys in `strings.json`.
        elem_id: the id in the page; the pad that is listened to has "-pad" in place of "-sheet".

    `gr.HTML(landed=...)`, see `landed_value` of the latent map, makes a picture the source.
    """
    return html_component(
        "style_sheet",
        strings=strings,
        elem_id=elem_id,
        value={"label": 0, "z": []},
        about=about,
        landed=None,
        pad=f"{elem_id.removesuffix('-sheet')}-pad",
    )
