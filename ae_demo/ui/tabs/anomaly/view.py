"""What the Anomaly tab shows: PCA's answer at once, then the chosen model's, with the others beside it in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import gradio as gr

from ....analysis.anomaly import QUANTILE
from ....analysis.detection import judge_scores
from ....analysis.reconstructors import Network
from ....models import DEFAULT_FAMILY
from ...components.cards import card
from ...components.detection import detection_value
from ...components.diagram import diagram_value
from ...components.table import table_value
from ...live import Progress, Results
from ...shared.model_view import Given, diagram_of
from .detail import describe
from .fitting import AnomalyRequest, Fitted, fit, is_fitted
from .sources import RECORD

BASELINES = ("pca", "neighbors")  # beside the chosen model


def full(request: AnomalyRequest, progress: Progress) -> Iterator[Results]:
    """PCA's answer; the chosen model's; and the table with nearest neighbours and, if it is trained, the network."""
    if request.source() is None:
        yield None
        return
    rows: dict[str, Fitted] = {}
    if not is_fitted(request, request.model):
        rows["pca"] = fit(request, "pca", progress)
        yield {**shown(request, rows["pca"], "pca"), "table": compare(request, rows)}
    chosen = rows[request.model] = fit(request, request.model, progress)
    yield {**shown(request, chosen, request.model), "table": compare(request, rows)}
    for model in (*BASELINES, DEFAULT_FAMILY):
        if model in BASELINES or is_fitted(request, model):
            rows[model] = fit(request, model, progress)
    # Complete, since of results that follow one another at once the page may see the last alone.
    yield {**shown(request, chosen, request.model), "table": compare(request, rows)}


def shown(request: AnomalyRequest, fitted: Fitted, model: str) -> dict[str, Any]:
    """The histogram with its galleries, the most unusual sample, and the picture of the model."""
    worst = int(fitted.scores.argmax())
    found = detection_value(
        fitted.scores,
        fitted.detector.normal_scores,
        labels=fitted.labels,
        names=fitted.names,
        sheet=fitted.sheet,
        model=f"model.{model}",
        measure=f"score.{request.score_of(model)}",
        chosen=worst,
        meanwhile=model != request.model,
    )
    strip = gr.HTML(value=picture_of(fitted), sample=worst)
    return {"found": found, **describe(fitted, worst), "diagram": strip}


def picture_of(fitted: Fitted) -> dict[str, Any]:
    """The diagram of the model: the layers of an autoencoder, or samples, numbers, and samples again."""
    reconstructor = fitted.detector.reconstructor
    if isinstance(reconstructor, Network) and reconstructor.model is not None:
        return diagram_of(reconstructor.model)
    shape = [side for side in fitted.x.shape[1:] if side > 1]
    sample = ("×".join(map(str, shape)), math.prod(shape))
    return {**diagram_value([sample], (str(reconstructor.numbers), reconstructor.numbers), [sample]), "closed": True}


def layer_input(request: AnomalyRequest, sample: int | None) -> Given | None:
    """The chosen model and a sample, for the activations of its layers."""
    if request.source() is None or not is_fitted(request, request.model):
        return None
    fitted = fit(request, request.model, lambda share: None)
    reconstructor = fitted.detector.reconstructor
    if not isinstance(reconstructor, Network) or reconstructor.model is None:
        return None
    index = min(len(fitted.x) - 1, max(0, int(sample or 0)))
    return reconstructor.model, reconstructor.model_input(fitted.x[index : index + 1])


def compare(request: AnomalyRequest, rows: dict[str, Fitted]) -> dict[str, Any] | None:
    """The table of models at the default threshold. Its note says whether a baseline wins, or that labels are missing.

    Without labels it has the flags alone.
    """
    found, areas = [], {}
    for model in sorted(rows, key=lambda name: (name != request.model, name)):
        fitted, role = rows[model], "output" if model == request.model else "other"
        threshold, seconds = fitted.detector.threshold(QUANTILE), fitted.seconds
        if fitted.labels is None:
            flags = f"{int((fitted.scores > threshold).sum()):,} / {len(fitted.scores):,}"
            found.append(card(role, f"model.{model}", flags=flags, seconds=seconds))
            continue
        figures = judge_scores(fitted.scores, fitted.labels, threshold)
        areas[model] = figures.auroc
        about = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1, "seconds": seconds}
        found.append(card(role, f"model.{model}", auroc=figures.auroc, **about))
    if not areas:
        return table_value(found, "no_labels_of_record" if request.data == RECORD else "no_labels")
    others = [areas[model] for model in BASELINES if model != request.model and areas.get(model) is not None]
    own = areas.get(request.model)
    wins = None if own is None or not others else "baseline_wins" if max(others) > own else "model_wins"
    return table_value(found, wins)
