"""How far a run is: a bar, and a line with epoch, speed, time left and device.

status = progress(elem_id="run-status", prepare=start_early)
yield {"state": "running", "epoch": 2.4, "epochs": 10, "speed": 5200.0, "left": 31.0, "device": "cpu"}
"""

from collections.abc import Callable

import gradio as gr

from ae_demo.ui.components import Strings, html_component

STATES = ("idle", "waiting", "starting", "running", "stopping", "stopped", "finished", "failed")


def progress(
    elem_id: str | None = None, prepare: Callable[[], None] | None = None, strings: Strings | None = None
) -> gr.HTML:
    """Make the line; its value is a dict, of which only `state` must be there.

    `state`: one of `STATES`; `epoch`, `epochs`: done (a fraction) and in all; `phase`: of those a stacked model has;
    `speed`: pictures per second; `left`, `seconds`: left and taken; `device`; `notice`, `message`: sentences as they
    stand, the second of what went wrong.

    Args:
        elem_id: the id in the page.
        prepare: called when a visitor first sees the line, which is when they open its tab.
        strings: see `html_component`; keys in `strings.json`.
    """

    def seen(_: object = None) -> None:
        if prepare:
            prepare()

    return html_component(
        "progress", strings=strings, elem_id=elem_id, value={"state": "idle"}, server_functions=[seen]
    )
