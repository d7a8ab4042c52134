"""The event of a tab's opening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

# The first tab is in the page at once, but it is not built where the address names another one, until it is seen again:
# of two parts of the page that are sent at the same time one may lose its listeners.
UNLESS_ANOTHER_IS_NAMED = """
const named = new URLSearchParams(location.search).get('tab');
const panel = element.closest('[role=tabpanel]');
if (!named || panel.id === `tab-${named}` || !document.getElementById(`tab-${named}-button`)) {
    trigger('submit');
} else {
    let left = false;
    const observer = new IntersectionObserver(([{ isIntersecting }]) => {
        if (isIntersecting && left) {
            observer.disconnect();
            trigger('submit');
        }
        left ||= !isIntersecting;
    });
    observer.observe(panel);
}
"""


def appearance(first: bool = False) -> gr.HTML:
    """An empty component whose event `submit` happens once, when it is first in the page: when its tab is opened.

    first: it stands in the tab that is open unless the address names another one
    """
    script = UNLESS_ANOTHER_IS_NAMED if first else "trigger('submit');"
    return invisible(script)


def invisible(script: str | None = None) -> gr.HTML:
    """An empty component that takes no room, with a script that runs when it is first in the page."""
    return gr.HTML(js_on_load=script, elem_classes=["ae-appearance"], apply_default_css=False)


def on_each_opening(page: gr.Tab, listener: Callable, inputs: Any, outputs: Any) -> None:
    """Call a listener whenever a tab is opened, also for the first time. For `build_tab`."""
    opened = [appearance().submit, page.select]
    gr.on(opened, listener, inputs, outputs, queue=False, api_visibility="private")
