"""Steps to try in a tab: a button for each, which sets the tab's controls, and what to look for.

row = steps("blur", {"more": "sigma=8"}, elem_id="blur-steps", strings=texts_under("blur.try."))
row.input(apply, row, controls)     # the query of the step that was clicked
"""

from collections.abc import Mapping

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def steps(tab: str, queries: Mapping[str, str], elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the row; its value is the query of the step that was clicked last. Presenter mode steps through it.

    Args:
        tab: the tab's name.
        queries: for each step the query of its settings.
        elem_id: the id in the page.
        strings: see `html_component`; for each step its text under its name, and under `<name>.see` what one sees.
    """
    return html_component("steps", strings=strings, elem_id=elem_id, value=None, tab=tab, queries=dict(queries))
