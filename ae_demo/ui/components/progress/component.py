"""The controls and the progress of a run: buttons, a bar, a line of figures, and the settings that may change in it.

status = progress(elem_id="run-status")
status.seen(welcome)     # when a visitor first sees it; "visitor": who it is, also after a reload; "linked": the page's
                         # address says how a run is to be made
status.run(start, inputs, outputs)      # gr.EventData._data["what"]: "start", "step" or "epoch"
status.press(act)                       # "pause", "go", "stop", "reset", or "steer" with "name" and "value"
yield {"state": "running", "epoch": 2.4, "epochs": 10, "speed": 5200.0, "left": 31.0, "device": "cpu"}

Each button has the id `<elem_id>-<what>`.
"""

import gradio as gr

from ae_demo.ui.components import Strings, html_component

STATES = ("idle", "waiting", "starting", "running", "paused", "stopping", "stopped", "finished", "failed", "loaded")


def progress(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the controls; the value is a dict, of which only `state` must be there.

    `state`: one of `STATES`; `name`: of what was loaded; `ahead`: how many runs must end before this one; `stage`: what
    a run that starts is doing, see `Preparing`; `waited`: seconds since it was asked for; `settings`: the query of its
    settings, with which Start is disabled while the form (a `link` in the page) has the same; `epoch`,
    `epochs`: done (a fraction) and in all; `step`: of which epoch; `phase`: of those a stacked model has; `speed`:
    pictures per second; `left`, `seconds`: left and taken; `device`; `live`: [[name, value], ...] of what may change
    during the run; `reason`: a key of `strings.json`; `notice`, `message`: sentences as they stand, the second of what
    went wrong. A page that is loaded again while a run goes on says that this ended it.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component(
        "progress",
        strings=strings,
        events=("run", "press", "seen"),
        elem_id=elem_id,
        value={"state": "idle"},
        prefix=elem_id or "run",
    )
