"""The numbers of a code as bars about a zero line; the pointer or the arrow keys read one of them.

code_bars = bars(label=t("code"), elem_id="code-bars")
button.click(lambda: bars_value(model.encode(x)), None, code_bars)
"""

from collections.abc import Iterable

import gradio as gr
import numpy as np

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component

MAX_BARS = 512


def bars(
    label="",
    elem_id: str | None = None,
    strings: Strings | None = None,
    code: Iterable[float] = (),
    retiring: bool = False,
) -> gr.HTML:
    """Make a bar chart of a code; empty until a listener returns `bars_value(...)` to it.

    Args:
        label: the title over the chart; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
        code: the numbers at the start, see `bars_value`.
        retiring: whether the chart takes no room while it has no numbers.
    """
    value = bars_value(code)
    return html_component("bars", strings=strings, label=label, elem_id=elem_id, value=value, retiring=retiring)


def bars_value(code: Iterable[float]) -> list[float]:
    """Give a code in the form the chart takes.

    Args:
        code: at most 512 finite numbers in any array or tensor on the CPU; its shape is flattened.

    Raises:
        ShapeError: too many numbers, or one that is not finite.
    """
    numbers = np.asarray(code, dtype=float).ravel()
    if numbers.size > MAX_BARS or not np.isfinite(numbers).all():
        raise ShapeError(
            f"A bar chart got {numbers.size} numbers, {int((~np.isfinite(numbers)).sum())} of them not finite; at most "
            f"{MAX_BARS} finite numbers can be shown. Show a larger code as feature maps."
        )
    return [float(f"{number:.5g}") for number in numbers]
