"""Scores of samples with a threshold to drag: histogram, confusion table, figures, ROC curve and galleries, live.

    found = detection(elem_id="anomaly-found")
    yield detection_value(scores, normal_scores, labels=labels, names=names, sheet=Sheet("picture", uri, 28, 28, 100))
    found.select(show, inputs, detail)      # gr.EventData._data: {"index": 7, "threshold": 0.02, "quantile": 0.95}

The threshold begins at the 95 % quantile of the scores of normal samples. Everything that follows from it is computed
in the page: a drag asks the server for nothing. Without labels there is no confusion table and no ROC curve. The flags
can be downloaded as a table.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
import numpy as np

from ae_demo.errors import ShapeError
from ae_demo.ui.components import Strings, html_component

MAX_SAMPLES = 20_000
MAX_NORMAL = 1000  # quantiles of the scores of normal samples that travel to the page


@dataclass(frozen=True)
class Sheet:
    """The samples as small pictures: one picture file with all of them in rows, or lines.

    kind: "picture", or "line"
    data: of pictures the address of the file, a path or a data URI; of lines base64 of uint8 (N, width)
    width, height: of one picture in pixels; of a line the points and 1
    columns: pictures in a row of the file
    """

    kind: str
    data: str
    width: int
    height: int
    columns: int = 1


def line_sheet(lines: np.ndarray) -> Sheet:
    """Lines, uint8 (N, P), 0 at the bottom."""
    return Sheet("line", base64.b64encode(np.ascontiguousarray(lines, np.uint8).tobytes()).decode(), lines.shape[1], 1)


def detection(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the view, empty until a listener returns `detection_value(...)`.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("detection", strings=strings, events=("select",), elem_id=elem_id, value=None)


def detection_value(  # noqa: PLR0913 - keyword arguments of a value
    scores: Sequence[float] | np.ndarray,
    normal_scores: Sequence[float] | np.ndarray,
    *,
    labels: np.ndarray | None = None,
    names: Sequence[str] = (),
    sheet: Sheet | None = None,
    model: str = "",
    measure: str = "",
    chosen: int | None = None,
    meanwhile: bool = False,
) -> dict[str, Any]:
    """Give scores in the form the view takes.

    Args:
        scores: of at most 20,000 samples, finite, higher is more unusual.
        normal_scores: of normal samples, from whose quantiles the threshold is chosen.
        labels: bool (N,), true for anomalies; None if not known.
        names: of the samples, for the table; their numbers by default.
        sheet: what the samples look like.
        chosen: index of the sample that is marked, as if clicked.
        model, measure: keys of `strings.json`, or plain text: whose scores these are, and what they measure.
        meanwhile: whether these scores are shown only until those of the chosen model are known.

    Raises:
        ShapeError: too many scores, none, or one that is not finite; labels or names of another number.
    """
    found, normal = (np.asarray(given, np.float64).ravel() for given in (scores, normal_scores))
    fits = 1 <= len(found) <= MAX_SAMPLES and len(normal) and np.isfinite(found).all() and np.isfinite(normal).all()
    if not fits or any(len(given) not in (0, len(found)) for given in (names, () if labels is None else labels)):
        raise ShapeError(
            "{scores:,} scores, {normal:,} scores of normal samples and {names:,} names were given; give 1 "
            "to {most:,} finite scores, one or more of normal samples, and a name for each or none.",
            scores=len(found),
            normal=len(normal),
            names=len(names),
            most=MAX_SAMPLES,
        )
    shares = np.linspace(0, 1, min(MAX_NORMAL, max(2, len(normal))))
    return {
        "scores": [float(f"{score:.5g}") for score in found],
        "normal": [float(f"{score:.5g}") for score in np.quantile(normal, shares)],
        "labels": None if labels is None else np.asarray(labels).astype(int).tolist(),
        "names": list(names),
        "sheet": asdict(sheet) if sheet else None,
        "model": model,
        "measure": measure,
        "chosen": chosen,
        "meanwhile": meanwhile,
    }
