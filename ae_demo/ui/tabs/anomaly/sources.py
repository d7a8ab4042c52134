"""The samples of the tab: bundled digits, garments and heartbeats, or the visitor's own files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from ....data import get_data_set, load_dataset, prepare_digit
from ....data.heartbeats import RANGE, RATE, load_beats, load_heartbeats
from ....data.named_samples import load_samples
from ....data.series_files import Series
from ....errors import ConfigError, DataError
from ...components.data_uri import to_data_uri
from ...components.detection import Sheet, line_sheet
from ...shared.picture_sheet import SHEET, sheet_of
from ...static_files import publish

PICTURE_SETS = ("digits", "fashion-small")
HEARTBEATS = "heartbeats"
RECORD = "heartbeats-208"  # of MIT-BIH: without annotations
OWN = "own"
SETS = (*PICTURE_SETS, HEARTBEATS, RECORD, OWN)
MAX_SHOWN = 3000  # samples of the visitor's that are judged at once
THUMB = 48  # pixels: side of the small pictures of own samples
LINE_POINTS = 64


@dataclass(frozen=True, eq=False)
class Judged:
    """Samples to fit to and samples to judge.

    kind: "pictures" or "series"
    normal: the normal samples, as `anomaly_detector` takes them
    test: the samples to judge, likewise
    labels: bool (N,), true for anomalies; None if not known
    names: of the samples to judge
    """

    kind: str
    normal: Any
    test: Any
    labels: np.ndarray | None
    names: tuple[str, ...] = ()


def load_source(data: str, classes: tuple[int, ...], normal: tuple[str, ...], test: tuple[str, ...]) -> Judged | None:
    """The samples of a choice; None if files or ticks are missing.

    classes: labels of the normal classes of bundled pictures
    normal, test: paths of the visitor's files; `test` is judged in place of bundled test samples

    Raises `ConfigError` for an unknown choice, `DataError` and `PictureError` for files that cannot be used.
    """
    if data not in SETS:
        raise ConfigError("There are no samples {data!r}; choose one of {allowed}.", data=data, allowed=", ".join(SETS))
    if data == OWN:
        if not normal or not test:
            return None
        given, judged = load_samples(normal), load_samples(test)
        _check_count(len(judged.items))
        kind = "series" if isinstance(given.items[0], Series) else "pictures"
        return Judged(kind, given, judged, None, judged.names)
    if data == HEARTBEATS:
        beats = load_heartbeats("pause")
        normal_beats, beats_to_judge = ((x - 0.5) * 2 * RANGE for x in (beats.train, beats.test))  # millivolts
        if test:
            judged = load_samples(test)
            return Judged("series", normal_beats, judged, None, judged.names)
        return Judged("series", normal_beats, beats_to_judge, beats.test_labels.numpy() != 0)
    if data == RECORD:
        return _load_record(test)
    samples = load_dataset(data)
    chosen = torch.isin(samples.train_labels, torch.tensor(classes, dtype=torch.long))
    if not chosen.any():
        return None
    if test:
        judged = load_samples(test)
        _check_count(len(judged.items))
        kind = get_data_set(data).subject or "digit"
        prepared = torch.cat([prepare_digit(picture, kind).x for picture in judged.pictures()])
        return Judged("pictures", samples.train[chosen], prepared, None, judged.names)
    labels = ~torch.isin(samples.test_labels, torch.tensor(classes, dtype=torch.long))
    names = tuple(f"{samples.classes[label]}, {i}" for i, label in enumerate(samples.test_labels.tolist()))
    return Judged("pictures", samples.train[chosen], samples.test, labels.numpy(), names)


def _load_record(test: tuple[str, ...]) -> Judged:
    """All beats of record 208, to fit to and to judge: what is rare among them is unusual.

    Every beat of this patient differs more from the normal beats of record 100 than these differ from one another, so a
    threshold of that record would flag them all.
    """
    beats, peaks = load_beats("208", "pause")
    if test:
        judged = load_samples(test)
        return Judged("series", beats, judged, None, judged.names)
    names = tuple(f"{int(seconds // 60)}:{seconds % 60:04.1f}" for seconds in peaks / RATE)
    return Judged("series", beats, beats, None, names)


def _check_count(count: int) -> None:
    if count > MAX_SHOWN:
        raise DataError(
            "{count:,} samples were given to judge; {most:,} are allowed here. Take some out.",
            count=count,
            most=MAX_SHOWN,
        )


@lru_cache(maxsize=4)
def bundled_sheet(data: str) -> Sheet:
    """The test pictures of a bundled set, as a file that the page fetches once."""
    pictures = load_dataset(data).test
    path = publish(sheet_of(pictures), "png")
    return Sheet("picture", Path(path).as_posix(), pictures.shape[3], pictures.shape[2], SHEET)


def own_sheet(x: torch.Tensor) -> Sheet:
    """Pictures float32 `(N, C, H, W)` in [0, 1] at most `THUMB` pixels wide and high, in the value itself."""
    share = min(1.0, THUMB / max(x.shape[2:]))
    size = [max(1, round(side * share)) for side in x.shape[2:]]
    small = torch.nn.functional.interpolate(x, size, mode="bilinear", antialias=True).clamp(0, 1)
    pixels = small.mul(255).round().to(torch.uint8)
    return Sheet("picture", to_data_uri(sheet_of(pixels)), size[1], size[0], SHEET)


def series_sheet(x: torch.Tensor) -> Sheet:
    """Windows float32 `(N, F, T, 1)` as lines of the mean channel, each scaled to the range of all."""
    mean = x.mean(1)[:, :, 0]  # (N, T)
    points = torch.nn.functional.interpolate(mean[:, None], LINE_POINTS, mode="linear", align_corners=True)[:, 0]
    low, high = np.quantile(points.numpy(), (0.001, 0.999))
    scaled = ((points - low) / max(high - low, 1e-9)).clamp(0, 1)
    return line_sheet(scaled.mul(255).round().to(torch.uint8).numpy())


def window_names(names: tuple[str, ...], starts: tuple[tuple[int, ...], ...], window: int) -> tuple[str, ...]:
    """The names of windows: of their series, with the first and the last step where a series has several."""
    found = []
    for i, of_series in enumerate(starts):
        name = names[i] if i < len(names) else str(i + 1)
        several = len(of_series) > 1
        found += [f"{name} [{start + 1}–{start + window}]" if several else name for start in of_series]
    return tuple(found)


def enlarge(pixels: np.ndarray, side: int = 224) -> np.ndarray:
    """A small picture with each pixel as a square, so that a contour can be drawn between pixels."""
    factor = max(1, side // max(pixels.shape[:2]))
    return np.asarray(Image.fromarray(pixels).resize((pixels.shape[1] * factor, pixels.shape[0] * factor), 0))
