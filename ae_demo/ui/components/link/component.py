"""A button that copies a link to the page as it is set. The address bar has it too, so that a reload keeps settings.

share = link(elem_id="share")
control.change(lambda: "tab=train&family=vae", None, share)     # the query of the link
"""

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def link(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the button; its value is the query, without a question mark.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("link", strings=strings, elem_id=elem_id, value="")
