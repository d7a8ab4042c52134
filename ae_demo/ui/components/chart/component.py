"""Lines over numbers, each with its spread as a band: accuracy against labels, error against the size of the code.

    figure = chart(label=t("title"), elem_id="labels-chart")
    return chart_value([line("PCA", "--ae-muted", [(10, 0.41, 0.02), (100, 0.77, 0.01)])], log_x=True, percent=True)

The pointer or the arrow keys read the values; a line's button in the legend hides it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gradio as gr

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component

MAX_POINTS = 1000  # of one line
HUES = ("--ae-output", "--ae-code", "--ae-input", "--ae-error", "--ae-muted")
DASHES = {
    "--ae-output": [],
    "--ae-code": [8, 3],
    "--ae-input": [2, 3],
    "--ae-error": [8, 3, 2, 3],
    "--ae-muted": [5, 5],
}


def chart(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the chart, which takes no room until a listener returns `chart_value(...)`.

    Args:
        label: the title over the chart; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; names of lines and axes may be keys of it.
    """
    return html_component("chart", strings=strings, label=label, elem_id=elem_id, value=None)


def line(name: str, hue: str, points: Sequence[Sequence[float]]) -> dict[str, Any]:
    """One line, in the form `chart_value` takes.

    Args:
        name: a key of the chart's strings, or a name as it stands.
        hue: one of `HUES`, which also gives the dashes: colour alone does not distinguish lines.
        points: (x, y) or (x, y, spread) each, x rising; those that are not finite are left out.

    Raises:
        ShapeError: more than 1,000 points, or one that is not two or three numbers.
    """
    if len(points) > MAX_POINTS or any(len(point) not in (2, 3) for point in points):
        raise ShapeError(
            "The line {name!r} has {count} points; give at most {most} of (x, y[, spread]).",
            name=name,
            count=len(points),
            most=MAX_POINTS,
        )
    finite = [[float(f"{n:.5g}") for n in point] for point in points if all(math.isfinite(n) for n in point)]
    return {"name": name, "hue": hue, "dash": DASHES.get(hue, []), "points": finite}


def chart_value(
    lines: Sequence[dict[str, Any]],
    *,
    x: str = "",
    y: str = "",
    log_x: bool = False,
    log_y: bool = False,
    percent: bool = False,
    mark: Sequence[float] | None = None,
) -> dict[str, Any] | None:
    """Lines in the form the chart takes; None if none of them has points.

    Args:
        lines: from `line`.
        x, y: what the axes show, keys of the strings or words as they stand.
        log_x, log_y: logarithmic axes, for numbers above 0.
        percent: y is a share, shown in per cent.
        mark: a point (x, y) that is marked, such as the model that is chosen.
    """
    shown = [each for each in lines if each["points"]]
    if not shown:
        return None
    axes = {"x": x, "y": y, "logX": log_x, "logY": log_y, "percent": percent}
    return {"lines": shown, **axes, "mark": list(mark) if mark else None}
