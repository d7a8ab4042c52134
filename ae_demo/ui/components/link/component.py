"""A button that copies a link to the page as it is set. The address bar has it too, so that a reload keeps settings.

share = link(elem_id="share")
control.change(lambda: "tab=train&family=vae", None, share)     # the query of the link
page.load(lambda: link_ignored("beta is 'x'; give a number."), None, share)
"""

from typing import Any

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def link(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the button; its value is the query, without a question mark, or a `link_ignored`.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("link", strings=strings, elem_id=elem_id, value="")


def link_ignored(reason: str) -> dict[str, Any]:
    """The page was opened with a link that could not be followed: the reason stays until the settings are changed."""
    return {"reason": reason}
