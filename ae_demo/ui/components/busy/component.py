"""A bar for long work, with the share done and the time left, hidden while there is none; it also starts the work.

waiting = busy(elem_id="denoise-busy")
when_still([slider.change, image.change], waiting, show, inputs, outputs)
yield busy_value(0.4, seconds=6.0)      # and None when it is done, or busy_ended(…), or busy_failed(…)

Any change of a control, by pointer, keys, a typed number or another listener, starts the work once nothing has changed
for `REST_SECONDS`: never during a drag, and once after it. Until it is done, the blocks marked stale are dimmed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from ae_demo.ui.components import Strings, html_component, notify

REST_SECONDS = 0.3  # without a change, after which the controls are at rest


def busy(elem_id: str, strings: Strings | None = None) -> gr.HTML:
    """Make the bar; its value is None or a `busy_value`.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("busy", strings=strings, elem_id=elem_id, value=None, stale=[], still=1000 * REST_SECONDS)


def mark_stale(bar: gr.HTML, elem_ids: Sequence[str]) -> None:
    """Set the blocks that are dimmed from a change on until the work is done, because they are out of date."""
    bar.props["stale"] = list(elem_ids)


def when_still(changes: list, waiting: gr.HTML, fn: Callable, inputs: list, outputs: list, **settings: Any) -> None:
    """Start `fn` once none of `changes` (events) has happened for `REST_SECONDS`; the page waits, not the server.

    It starts even while earlier work is under way, which `LiveView` then cancels.
    """
    gr.on(changes, js=notify(waiting, "ask"))
    begun = waiting.submit(fn, inputs, outputs, **{**settings, "trigger_mode": "multiple"})
    _afterwards(begun, notify(waiting, "done"))


def not_before(change: Callable, waiting: gr.HTML, first: Callable, inputs: Any, outputs: Any, **settings: Any) -> None:
    """Answer a change (an event) by `first`, which sets inputs of the work; the work waits for it."""
    change(js=notify(waiting, "hold"))
    _afterwards(change(first, inputs, outputs, **settings), notify(waiting, "free"))


def shown_by(begun: Any, waiting: gr.HTML) -> None:
    """The results of a listener, which has not been started by `when_still`, are no longer out of date."""
    _afterwards(begun, notify(waiting, "shown"))


def _afterwards(begun: Any, script: str) -> None:
    """Run a script when a listener is done, with or without an error: `then` does not run after an error."""
    begun.success(js=script)
    begun.failure(js=script)


def busy_value(share: float, seconds: float) -> dict[str, float | None]:
    """The share done, in [0, 1], after `seconds`; the time left is estimated from both."""
    left = seconds * (1 - share) / share if share > 0 else None
    return {"share": share, "left": left}


def busy_failed(reason: str) -> dict[str, Any]:
    """The work has failed: the reason stays in place of the results until the next work."""
    return {"reason": reason}


def busy_ended(by_preview: bool) -> dict[str, Any]:
    """The work has been cancelled by a preview, or by newer work, which now owns the bar.

    If nothing has changed since, the preview came late, and the page asks again.
    """
    return {"ended": time.time()} if by_preview else gr.skip()  # a new value each time: an unchanged one is not sent
