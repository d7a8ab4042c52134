"""What the Anomaly tab shows: PCA's answer at once, then the chosen model's, with the others beside it in a table."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ....analysis.anomaly import QUANTILE, Detector, anomaly_detector, is_variational
from ....analysis.detection import judge_scores
from ...components.cards import card
from ...components.detection import Sheet, detection_value
from ...components.table import table_value
from ...live import Progress, Results
from .sources import OWN, PICTURE_SETS, Judged, bundled_sheet, load_source, own_sheet, series_sheet, window_names

BASELINES = ("pca", "neighbors")  # beside the chosen model
KEPT = 12  # detectors of all visitors
WAIT = 0.25  # seconds between two looks whether a waiting visitor has left

_fitted: OrderedDict[tuple, Fitted] = OrderedDict()
_lock = threading.Lock()
_turnstile = threading.Semaphore(2)  # detectors fitted at the same time, of all visitors


@dataclass(frozen=True)
class AnomalyRequest:
    """The values of the tab's controls.

    data: one of `SETS`; classes: the ticked normal classes, labels as text
    normal, test: paths of the visitor's files, or None
    model, score, latent_dim: as `anomaly_detector` takes them
    """

    data: str
    classes: list[str]
    normal: list[str] | None
    test: list[str] | None
    model: str
    score: str
    latent_dim: float

    def key(self, model: str) -> tuple:
        """What determines a fitted detector and its scores. Files are known by path, time and size."""
        ticked = tuple(sorted(map(int, self.classes or ()))) if self.data in PICTURE_SETS else ()
        normal = stamps(self.normal) if self.data == OWN else ()
        return self.data, ticked, normal, stamps(self.test), model, self.score_of(model), int(self.latent_dim or 2)

    def score_of(self, model: str) -> str:
        """The score for a model: that of the request, or the mean squared error where it does not fit."""
        if (self.score == "elbo" and not (model and is_variational(model))) or (
            self.score == "ssim" and self.data not in PICTURE_SETS
        ):
            return "mse"
        return self.score

    def source(self) -> Judged | None:
        """The samples; see `load_source`. Files are read once."""
        data, ticked, normal, test, *_ = self.key("")
        return _load(data, ticked, normal, test)


@lru_cache(maxsize=4)
def _load(data: str, ticked: tuple, normal: tuple, test: tuple) -> Judged | None:
    return load_source(data, ticked, *(tuple(path for path, _, _ in files) for files in (normal, test)))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A detector with the scores of the samples to judge, `(M,)`, and what is shown of them."""

    detector: Detector
    scores: np.ndarray
    x: object  # the samples as the detector compares them, float32 (M, C, H, W)
    labels: np.ndarray | None
    names: tuple[str, ...]
    sheet: Sheet
    seconds: float


def stamps(paths: list[str] | None) -> tuple[tuple[str, int, int], ...]:
    """Files with their times and sizes; missing ones as they are named."""
    found = []
    for path in paths or ():
        stat = Path(path).stat() if Path(path).exists() else None
        found.append((path, stat.st_mtime_ns, stat.st_size) if stat else (path, 0, 0))
    return tuple(found)


def full(request: AnomalyRequest, progress: Progress) -> Iterator[Results]:
    """PCA's answer; the chosen model's; and the table with nearest neighbours."""
    if request.source() is None:
        yield None
        return
    pca = fit(request, "pca", progress)
    rows = {"pca": pca}
    yield {"found": shown(request, pca, "pca"), "table": compare(request, rows)}
    if request.model not in rows:
        rows[request.model] = fit(request, request.model, progress)
        yield {"found": shown(request, rows[request.model], request.model), "table": compare(request, rows)}
    for model in BASELINES:
        if model not in rows:
            rows[model] = fit(request, model, progress)
    yield {"table": compare(request, rows)}


def fit(request: AnomalyRequest, model: str, progress: Progress) -> Fitted:
    """The detector of a request with this model, from the cache or fitted now."""
    key = request.key(model)
    with _lock:
        if key in _fitted:
            _fitted.move_to_end(key)
            return _fitted[key]
    while not _turnstile.acquire(timeout=WAIT):
        progress(0.0)
    try:
        made = _fit(request, model, progress)
    finally:
        _turnstile.release()
    with _lock:
        _fitted[key] = made
        while len(_fitted) > KEPT:
            _fitted.popitem(last=False)
    return made


def _fit(request: AnomalyRequest, model: str, progress: Progress) -> Fitted:
    began = time.monotonic()
    source = request.source()
    detector = anomaly_detector(
        source.normal,
        data=source.kind,
        model=model,
        score=request.score_of(model),
        latent_dim=int(request.latent_dim),
        progress=progress,
    )
    batch = detector.reader.read(source.test)
    scores = detector.score_batch(batch.x).numpy()
    names = source.names
    if batch.starts is not None:
        sheet = series_sheet(batch.x)
        names = window_names(names, batch.starts, batch.x.shape[2])
    elif request.data in PICTURE_SETS and not request.test:
        sheet = bundled_sheet(request.data)
    else:
        sheet = own_sheet(batch.x)
    return Fitted(detector, scores, batch.x, source.labels, names, sheet, time.monotonic() - began)


def shown(request: AnomalyRequest, fitted: Fitted, model: str) -> dict:
    """The value of the histogram with its galleries."""
    return detection_value(
        fitted.scores,
        fitted.detector.normal_scores,
        labels=fitted.labels,
        names=fitted.names,
        sheet=fitted.sheet,
        model=f"model.{model}",
        measure=f"score.{request.score_of(model)}",
    )


def compare(request: AnomalyRequest, rows: dict[str, Fitted]) -> dict | None:
    """The table of models at the default threshold; None without labels. Its note says whether a baseline wins."""
    found, areas = [], {}
    for model in sorted(rows, key=lambda name: (name != request.model, name)):
        fitted = rows[model]
        if fitted.labels is None:
            return None
        figures = judge_scores(fitted.scores, fitted.labels, fitted.detector.threshold(QUANTILE))
        areas[model] = figures.auroc
        about = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1, "seconds": fitted.seconds}
        role = "output" if model == request.model else "other"
        found.append(card(role, f"model.{model}", auroc=figures.auroc, **about))
    others = [area for model, area in areas.items() if model != request.model and area is not None]
    own = areas.get(request.model)
    wins = None if own is None or not others else "baseline_wins" if max(others) > own else "model_wins"
    return table_value(found, wins)
