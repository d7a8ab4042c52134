"""How far long work is: a bar with the share and the time left, unseen while there is none.

waiting = busy(elem_id="denoise-busy")
yield busy_value(0.4, seconds=6.0)      # and None when it is done
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def busy(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the bar; its value is None or a `busy_value`. `strings`: see `html_component`; keys in `strings.json`."""
    return html_component("busy", strings=strings, elem_id=elem_id, value=None)


def busy_value(share: float, seconds: float) -> dict[str, float | None]:
    """The share done, in [0, 1], after so many seconds; the time left is guessed from both."""
    left = seconds * (1 - share) / share if share > 0 else None
    return {"share": share, "left": left}
