"""Loss curves that grow during training: the total and its parts, on training and on held-out pictures.

    losses = curve(label=t("curve"), elem_id="loss")
    yield curve_value({"loss": {"training": [[0.1, 0.2], [0.2, 0.15]], "held_out": [[1, 0.16]]}})

The y axis is logarithmic where all values are above zero and span more than a decade. The pointer, a finger or the
arrow keys read the values. A new value redraws in about a millisecond. The page keeps the last eight runs and shows one
of them for comparison. The epoch chosen in `preview` is marked.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from ae_demo.ui.components import Strings, html_component

MAX_POINTS = 400  # of one series that travel to the page

Points = Sequence[Sequence[float]]  # [[epoch, value], ...], epochs rising


def curve(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the chart, empty until a listener returns `curve_value(...)`.

    Args:
        label: the title over the chart; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; the names of the series are keys of `strings.json`.
    """
    value = curve_value({})
    return html_component("curve", strings=strings, label=label, elem_id=elem_id, value=value)


def curve_value(
    parts: Mapping[str, Mapping[str, Points]],
    end: float | None = None,
    marks: Sequence[Sequence[Any]] = (),
    run: int = 0,
    name: str = "",
    kind: str = "",
) -> dict:
    """Give curves in the form the chart takes, each thinned to at most 400 points.

    Args:
        parts: of each quantity ("loss" and its parts) the points of "training" and "held_out"; those that are not
            finite are left out.
        end: the epoch at the right border; as far as the points go by default.
        marks: [epoch, name] where something changed in the run.
        run: a number that tells runs apart; 0 for none, which is not kept to be compared with.
        name: the name of the run.
        kind: the objective; an earlier run with the same one is compared automatically, others when chosen.
    """
    thinned = {part: {name: thin(points) for name, points in series.items()} for part, series in parts.items()}
    return {
        "parts": thinned,
        "end": end,
        "marks": [list(mark) for mark in marks],
        "run": run,
        "name": name,
        "kind": kind,
    }


def thin(points: Points, most: int = MAX_POINTS) -> list[list[float]]:
    """Every 2ᵏ-th of the points and the last, at most `most`, so that those kept stay the same as the curve grows."""
    finite = [[float(f"{n:.5g}") for n in point] for point in points if all(math.isfinite(n) for n in point)]
    step = 1
    while len(finite) / step > most - 1:
        step *= 2
    kept = finite[::step]
    return kept if not finite or kept[-1] == finite[-1] else [*kept, finite[-1]]
