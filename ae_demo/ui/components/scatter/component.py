"""The latent plane while a model learns: held-out pictures as dots that move to where they are encoded now.

    plane = scatter(label=t("plane"), elem_id="plane")
    yield scatter_value([[0.1, -1.2, 3], ...], names=["0", "1", ...])

The component takes no room while it has no points.
"""

from collections.abc import Sequence

import gradio as gr

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component

MAX_POINTS = 2000


def scatter(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the plane; it shows when a listener returns `scatter_value(...)`, and hides on None.

    Args:
        label: the title over the plane; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("scatter", strings=strings, label=label, elem_id=elem_id, value=None)


def scatter_value(
    points: Sequence[Sequence[float]] | None, names: Sequence[str] = (), epoch: float = 0.0
) -> dict | None:
    """Give points in the form the plane takes.

    Args:
        points: [z₁, z₂, class] each, at most 2,000, the same pictures in the same order each time; None for no plane.
        names: what the classes are called; none for no legend.
        epoch: when they were there, for going back through a run (see `preview`).

    Raises:
        ShapeError: too many points, or one without three numbers.
    """
    if points is None:
        return None
    if len(points) > MAX_POINTS or any(len(point) != 3 for point in points):
        raise ShapeError(
            "A plane got {count} points. Give at most {most}, each as [z1, z2, class].",
            count=len(points),
            most=MAX_POINTS,
        )
    return {"points": [[float(x), float(y), int(kind)] for x, y, kind in points], "names": list(names), "epoch": epoch}
