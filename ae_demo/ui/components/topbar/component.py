"""What concerns the whole page: its language and its theme.

Both are kept in the address and remembered by the browser; `early.js` applies them when the page is loaded.
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def topbar(strings: Strings | None = None) -> gr.HTML:
    """Make the bar.

    Args:
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("topbar", strings=strings, elem_id="ae-topbar")
