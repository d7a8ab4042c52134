"""Rows of small pictures, one under the other: held-out pictures, the model's input, and its output.

pictures = preview(label=t("held_out"), elem_id="pictures")
yield preview_value(png, ["truth", "reconstruction"])
"""

from collections.abc import Sequence

import gradio as gr
import numpy as np

from ae_demo.errors import ConfigError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import to_data_uri

ROWS = ("truth", "given", "reconstruction")


def preview(label="", elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the rows, empty until a listener returns `preview_value(...)`.

    Args:
        label: the title over the pictures; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("preview", strings=strings, label=label, elem_id=elem_id, value=None)


def preview_value(picture: np.ndarray | bytes | str, rows: Sequence[str], epoch: float = 0.0, run: int = 0) -> dict:
    """Give pictures in the form the component takes.

    Args:
        picture: all rows in one, of equal height; anything that `to_data_uri` takes.
        rows: what they are, from the top; of `ROWS`.
        epoch: when they were made.
        run: a number that tells runs apart: the page goes back through the pictures of one.

    Raises:
        ConfigError: a row of another name.
    """
    if not rows or set(rows) - set(ROWS):
        raise ConfigError(
            "The rows are {given}; name each one of {choices}.", given=list(rows), choices=", ".join(ROWS)
        )
    return {"uri": to_data_uri(picture), "rows": list(rows), "epoch": epoch, "run": run}
