"""Sequences beside their reconstructions, decoded in the page: the error by time step, and the walk between two.

    output = sequence(elem_id="sequences-output")
    sequence_code(label=t("the_code"), elem_id="sequences-code")
    recording(elem_id="sequences-recording")
    return sequence_value(model_path, {"x": x, "codes": z, "spread": spread, "scores": mse}, "series", rate=360)

The three share, in the page, the sequences and codes of one `sequence_value`: `sequence_code` shows the code as bars to
drag, `recording` the long series that the sequences are windows of, if there is one. The decoder runs in the page, so
that the output follows a bar without a request. Only one of each may stand in a page.
"""

from __future__ import annotations

import base64
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import ConfigError
from ae_demo.export import write_bundle
from ae_demo.ui.components import Strings, html_component

KINDS = ("series", "words")


def sequence(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the chart, empty until a listener returns `sequence_value(...)`.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("sequence", strings=strings, elem_id=elem_id, value=None)


def sequence_value(
    model: str,
    arrays: dict[str, np.ndarray],
    kind: str,
    selected: int = 0,
    other: int | None = None,
    **about: Any,
) -> dict[str, Any]:
    """Give sequences in the form the components take.

    Args:
        model: the path of a published file of `export_sequence_decoder`.
        arrays: "x", (N, T·F) in [0, 1] or uint8 symbols (N, T); "codes", (N, latent_dim); "spread", (2, latent_dim),
            the lowest and highest value of each bar; "scores", (N,), errors; and, for a recording, "signal", (S,), and
            "starts", int32 (N,). Float16 halves the size of those that are only drawn.
        kind: "series" or "words".
        selected: the item that is shown first.
        other: the item at the other end of the walk; None: there is no walk.
        about: "rate" (steps a second), "unit", "low" and "high" (the values that 0 and 1 stand for), "length" (steps of
            the recording in a window), "threshold" (the score above which an item counts as unusual), "quantiles" (the
            0th to 100th percentile of test errors), "pca" (for each item, the MSE or the word of PCA with as many
            numbers), "names" (a name for each item) and "marks" ([[item, text], ...], shown over the recording).

    Raises:
        ConfigError: another kind.
    """
    if kind not in KINDS:
        raise ConfigError("kind is {kind!r}; choose one of {choices}.", kind=kind, choices=", ".join(KINDS))
    items = base64.b64encode(write_bundle({}, arrays)).decode("ascii")
    return {"model": model, "items": items, "kind": kind, "selected": selected, "other": other, **about}
