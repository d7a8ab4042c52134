"""The picture that is chosen on a `code_map`, and the pictures whose codes are nearest to its code, on each map.

They are found in the page (`code_map/hub.js`); the server is asked for nothing.
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def code_neighbours(label="", elem_id: str = "code-neighbours", strings: Strings | None = None) -> gr.HTML:
    """Make the list; on a page without a `code_map` it stays empty. It has no value.

    Args:
        label: the title over the list; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("code_neighbours", strings=strings, label=label, elem_id=elem_id, value="")
