"""The event of a tab's opening."""

from __future__ import annotations

import gradio as gr


def appearance() -> gr.HTML:
    """An empty component whose event `submit` happens once, when it is first in the page: when its tab is opened."""
    return gr.HTML(js_on_load="trigger('submit');", elem_classes=["ae-appearance"], apply_default_css=False)
