"""The numbers of a code as bars about a zero line; the pointer or the arrow keys read one of them.

code_bars = bars(label=t("code"), elem_id="code-bars")
button.click(lambda: bars_value(model.encode(x)), None, code_bars)

With an `editable_code`, bars are dragged, switched off and swept, and the output follows: pictures and figures go to
the channel `follow` of the page, which `cards` listens to. A listener of `select` decodes for a model that the page
cannot run: it returns `decoded_value(pixels of read_code(event, code), event)`.
"""

import base64
from collections.abc import Iterable
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component

MAX_BARS = 4096


def bars(
    label="",
    elem_id: str | None = None,
    strings: Strings | None = None,
    code: Iterable[float] = (),
    retiring: bool = False,
    follow: str = "",
) -> gr.HTML:
    """Make a bar chart of a code; empty until a listener returns `bars_value(...)` or `editable_code(...)` to it.

    Args:
        label: the title over the chart; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
        code: the numbers at the start, see `bars_value`.
        retiring: whether the chart is hidden while it has no numbers.
        follow: the channel of the page that gets the output of an edited code.
    """
    value = bars_value(code)
    settings = {"label": label, "elem_id": elem_id, "retiring": retiring, "follow": follow, "decoded": None}
    return html_component("bars", strings=strings, value=value, **settings)


def bars_value(code: Iterable[float]) -> list[float]:
    """Give a code in the form the chart takes.

    Args:
        code: at most `MAX_BARS` finite numbers in any array or tensor on the CPU; its shape is flattened.

    Raises:
        ShapeError: too many numbers, or one that is not finite.
    """
    numbers = np.asarray(code, dtype=float).ravel()
    if numbers.size > MAX_BARS or not np.isfinite(numbers).all():
        raise ShapeError(
            "A bar chart got {count} numbers, {not_finite} of them not finite; at most {most} finite numbers"
            " can be shown. Show a larger code as feature maps.",
            count=numbers.size,
            not_finite=int((~np.isfinite(numbers)).sum()),
            most=MAX_BARS,
        )
    return [float(f"{number:.5g}") for number in numbers]


def editable_code(
    code: np.ndarray,
    x: np.ndarray,
    *,
    span: tuple[np.ndarray, np.ndarray] | None = None,
    model: str | None = None,
    drawn: bool = False,
) -> dict[str, Any]:
    """Give a code whose output follows, in the form the chart takes.

    Args:
        code: float (numbers,), of which the first `MAX_BARS` are shown.
        x: the picture, float (C, H, W) in [0, 1], which the output is compared with.
        span: a low and a high value of each number, between which it is swept, each float (numbers,).
        model: the file of the model, see `export_model`, which the page decodes with; None: a listener does.
        drawn: whether the output of each unit alone is shown; needs `model`.

    Raises:
        ShapeError: see `bars_value`.
    """
    shown = code[:MAX_BARS]
    low, high = (part[:MAX_BARS] for part in span) if span is not None else (np.minimum(shown, 0), np.maximum(shown, 0))
    return {
        "code": bars_value(shown),
        "numbers": int(code.size),
        "low": bars_value(low),
        "high": bars_value(high),
        "x": base64.b64encode((255 * x).round().astype(np.uint8).tobytes()).decode("ascii"),
        "shape": list(x.shape),
        "model": model,
        "drawn": drawn and model is not None,
    }


def read_code(event: gr.EventData, code: np.ndarray) -> np.ndarray:
    """The code that the page asks to decode: `code` `(numbers,)` with the numbers that the page shows replaced.

    Raises:
        ShapeError: the client did not send `count` finite numbers.
    """
    sent = event._data.get("code")
    try:
        shown = np.asarray(sent, dtype=np.float32)
    except (TypeError, ValueError):
        shown = np.empty(0, np.float32)
    count = min(MAX_BARS, code.size)
    if shown.shape != (count,) or not np.isfinite(shown).all():
        raise ShapeError(
            "The page sent {given} as a code; give {count} finite numbers.", given=str(sent)[:80], count=count
        )
    return np.concatenate([shown, code[count:]])


def decoded_value(pixels: np.ndarray, event: gr.EventData) -> gr.HTML:
    """Answer the page with the picture of the code that it asked for, uint8 (C, H, W)."""
    sent = base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode("ascii")
    return gr.HTML(decoded={"pixels": sent, "number": event._data.get("number")})
