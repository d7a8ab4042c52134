"""Settings of the whole page: language, theme, and presenter mode, which shows one tab at a time.

All three are kept in the address. The browser remembers language and theme; `early.js` applies them when the page is
loaded. The bar is on every page, so its script also fetches the files of all components once the page is idle.
"""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from ae_demo.ui.components import Strings, component_names, html_component, in_session
from ae_demo.ui.components.topbar.join import join


def topbar(tabs: Sequence[str], strings: Strings | None = None) -> gr.HTML:
    """Make the bar.

    Args:
        tabs: the names of the page's tabs, in their order.
        strings: see `html_component`; keys in `strings.json`.
    """
    settings = {"tabs": list(tabs), "components": component_names(), "server_functions": [in_session(join)]}
    return html_component("topbar", strings=strings, elem_id="ae-topbar", **settings)
