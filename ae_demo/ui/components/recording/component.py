"""A long series with the windows that a model has seen: each window's error, a playhead, and a button that plays it.

It shows the recording of the `sequence_value` that the component `sequence` has, and is hidden if there is none.
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def recording(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the strip.

    Args:
        label: the title over the strip; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("recording", strings=strings, label=label, elem_id=elem_id)
