"""The values of the tab's controls, and the detectors fitted to them, which are cached for all visitors."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from torch import Tensor

from .... import checkpoints
from ....analysis.anomaly import Detector, anomaly_detector, is_variational
from ....data.heartbeats import load_recording
from ....inference import get_model
from ...components.detection import Sheet
from ...live import Progress
from ...shared.user_runs import MY_RUN, resolve
from .sources import OWN, PICTURE_SETS, Judged, bundled_sheet, load_source, own_sheet, series_sheet, window_names

MAX_FITTED = 12  # detectors of all visitors that are kept
POLL_SECONDS = 0.25  # between two checks whether a waiting visitor has left

_fitted: OrderedDict[tuple, Fitted] = OrderedDict()
_lock = threading.Lock()
_fitting = threading.Semaphore(2)  # detectors fitted at the same time, of all visitors


@dataclass(frozen=True)
class AnomalyRequest:
    """The values of the tab's controls.

    data: one of `SETS`; classes: the ticked normal classes, labels as text
    normal, test: paths of the visitor's files, or None
    model, score, latent_dim: as `anomaly_detector` takes them; the model `MY_RUN` is the visitor's last run
    """

    data: str
    classes: list[str]
    normal: list[str] | None
    test: list[str] | None
    model: str
    score: str
    latent_dim: float

    @property
    def run(self) -> Path | None:
        """The folder of the visitor's run, if it is the chosen model. Raises `CheckpointError` if there is none."""
        return Path(resolve(MY_RUN)) if self.model == MY_RUN else None

    def key(self, model: str) -> tuple:
        """What determines a fitted detector and its scores. Files are known by path, time and size."""
        ticked = tuple(sorted(map(int, self.classes or ()))) if self.data in PICTURE_SETS else ()
        normal = stamps(self.normal) if self.data == OWN else ()
        files = normal, stamps(self.test)
        return self.data, ticked, *files, model, self.score_of(model), int(self.latent_dim or 2), self.run

    def score_of(self, model: str) -> str:
        """The score for a model: that of the request, or the mean squared error where it does not fit."""
        if (self.score == "elbo" and (model in ("", MY_RUN) or not is_variational(model))) or (
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
    x: Tensor  # the samples as the detector compares them, float32 (M, C, H, W)
    labels: np.ndarray | None
    names: tuple[str, ...]
    sheet: Sheet
    seconds: float


def takes_series(checkpoint: str | Path) -> bool:
    """Whether a checkpoint's model takes series (T, F)."""
    return len(checkpoints.load_outline(checkpoint).config.input_shape) == 2


def stamps(paths: list[str] | None) -> tuple[tuple[str, int, int], ...]:
    """Files with their times and sizes; missing ones as they are named."""
    found = []
    for path in paths or ():
        stat = Path(path).stat() if Path(path).exists() else None
        found.append((path, stat.st_mtime_ns, stat.st_size) if stat else (path, 0, 0))
    return tuple(found)


def warm_up() -> None:
    """Find the beats of record 208, which takes seconds."""
    load_recording("208")


def is_fitted(request: AnomalyRequest, model: str) -> bool:
    """Whether `fit` would answer at once."""
    with _lock:
        return request.key(model) in _fitted


def fit(request: AnomalyRequest, model: str, progress: Progress) -> Fitted:
    """The detector of a request with this model, from the cache or fitted now."""
    key = request.key(model)
    with _lock:
        if key in _fitted:
            _fitted.move_to_end(key)
            return _fitted[key]
    while not _fitting.acquire(timeout=POLL_SECONDS):
        progress(0.0)
    try:
        made = _fit(request, model, progress)
    finally:
        _fitting.release()
    with _lock:
        _fitted[key] = made
        while len(_fitted) > MAX_FITTED:
            _fitted.popitem(last=False)
    return made


def _fit(request: AnomalyRequest, model: str, progress: Progress) -> Fitted:
    began = time.monotonic()
    source = request.source()
    trained = get_model(request.run) if request.run else None
    is_run = trained is not None and model == MY_RUN
    detector = anomaly_detector(
        source.normal,
        data=source.kind,
        model=trained if is_run else model,
        window=trained.config.input_shape[0] if trained and not is_run else None,  # baselines judge the same windows
        score=request.score_of(model),
        latent_dim=int(request.latent_dim),
        progress=progress,
    )
    batch = detector.reader.read(source.test)
    scores = detector.score_batch(batch.x).numpy()
    names = source.names
    if batch.starts is not None:
        sheet = series_sheet(batch.x)
        names = window_names(names, batch.starts, batch.window)
    elif request.data in PICTURE_SETS and not request.test:
        sheet = bundled_sheet(request.data)
    else:
        sheet = own_sheet(batch.x)
    return Fitted(detector, scores, batch.x, source.labels, names, sheet, time.monotonic() - began)
