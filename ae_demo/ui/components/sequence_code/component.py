"""The code of the sequence that is shown, as bars to drag; the output follows. See `sequence`, with which it works."""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def sequence_code(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the bars, empty until `sequence` has a value.

    Args:
        label: the title over the bars; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("sequence_code", strings=strings, label=label, elem_id=elem_id)
