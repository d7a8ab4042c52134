"""How well scores and flags separate anomalies: confusion matrix, precision, recall, F1 and AUROC.

    precision = TP / (TP + FP)      recall = TP / (TP + FN)      F1 = 2 · precision · recall / (precision + recall)

with anomalies as the positive class. AUROC is the area under the ROC curve: recall against the share of normal samples
flagged, over all thresholds (Fawcett, 2006, "An introduction to ROC analysis").
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError
from ..functional.metrics import auroc

DEVIATIONS = 2.5  # robust standard deviations of the errors' logarithms above the median: the limit for outliers
NORMAL_WORDS = frozenset({"0", "0.0", "false", "no", "normal", "good", "ok", "n"})
ANOMALY_WORDS = frozenset({"1", "1.0", "true", "yes", "abnormal", "anomaly", "anomalous", "bad", "defect", "-1"})


def outlier_threshold(scores: np.ndarray) -> float:
    """The error above which a sample is an outlier among `scores` `(N,)`, non-negative errors without labels.

        exp(median(log s) + 2.5 · 1.4826 · MAD(log s))

    with MAD the median absolute deviation, which holds while most samples are normal (Leys et al., 2013, "Detecting
    outliers: Do not use standard deviation around the mean, use absolute deviation around the median").
    """
    logs = np.log(np.maximum(scores.astype(np.float64), 1e-12))
    median = np.median(logs)
    return float(np.exp(median + DEVIATIONS * 1.4826 * np.median(np.abs(logs - median))))


@dataclass(frozen=True)
class DetectionFigures:
    """Metrics of flags against labels; those with a denominator of 0 are 0.

    auroc: None if all samples are normal, or all are anomalies
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: float
    recall: float
    f1: float
    auroc: float | None

    def to_dict(self) -> dict[str, float | int | None]:
        """Values that JSON can represent, by field name."""
        return asdict(self)


def judge_scores(scores: np.ndarray, is_anomaly: np.ndarray, threshold: float) -> DetectionFigures:
    """Metrics of flagging scores above `threshold`; `scores` `(N,)`, `is_anomaly` bool `(N,)`.

    Raises `DataError` if they differ in length.
    """
    if len(scores) != len(is_anomaly):
        raise DataError(
            "There are {labels:,} labels for {count:,} samples: give one for each.",
            labels=len(is_anomaly),
            count=len(scores),
        )
    flags, labels = scores > threshold, is_anomaly.astype(bool)
    tp, fp = int((flags & labels).sum()), int((flags & ~labels).sum())
    fn, tn = int((~flags & labels).sum()), int((~flags & ~labels).sum())
    area = auroc(torch.from_numpy(scores), torch.from_numpy(labels)) if 0 < labels.sum() < len(labels) else None
    return DetectionFigures(
        true_positives=tp,
        false_positives=fp,
        false_negatives=fn,
        true_negatives=tn,
        precision=tp / max(1, tp + fp),
        recall=tp / max(1, tp + fn),
        f1=2 * tp / max(1, 2 * tp + fp + fn),
        auroc=area,
    )


def load_labels(path: str | Path, names: Sequence[str]) -> np.ndarray:
    """Labels of samples, bool `(N,)`, true for anomalies, from a .npy or CSV file.

    names: the names of the samples, in order

    A CSV has either a label in each row, in the order of the samples, or a name and a label; a header is skipped.
    Labels are 0 or 1, or words such as normal and anomaly. Raises `DataError`, naming the row, for anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("There is no file {path}: give a .csv or .npy file of labels.", path=path)
    if path.suffix.lower() == ".npy":
        try:
            array = np.load(path, allow_pickle=False)
        except Exception as error:  # NumPy raises different exceptions for damaged files
            raise DataError("{name} is not a file of numbers: save it with numpy.save.", name=path.name) from error
        return _checked(array.ravel().astype(bool), path.name, len(names))
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        rows = [(number, row) for number, row in enumerate(csv.reader(stream), 1) if any(cell.strip() for cell in row)]
    if rows and _label(rows[0][1][-1]) is None:
        rows = rows[1:]
    labels = []
    for number, row in rows:
        label = _label(row[-1])
        if label is None:
            raise DataError(
                "{name}, row {number}: {given!r} is not a label; give 0 or 1, normal or anomaly.",
                name=path.name,
                number=number,
                given=row[-1].strip()[:40],
            )
        labels.append(label)
    if rows and all(len(row) > 1 for _, row in rows):
        return _by_name(dict(zip((row[0].strip() for _, row in rows), labels, strict=True)), names, path.name)
    return _checked(np.array(labels, bool), path.name, len(names))


def _label(cell: str) -> bool | None:
    word = cell.strip().lower()
    return True if word in ANOMALY_WORDS else False if word in NORMAL_WORDS else None


def _checked(labels: np.ndarray, name: str, count: int) -> np.ndarray:
    if len(labels) != count:
        raise DataError(
            "{name} has {labels:,} labels for {count:,} samples: give one for each, in their order.",
            name=name,
            labels=len(labels),
            count=count,
        )
    return labels


def _by_name(by_name: dict[str, bool], names: Sequence[str], file: str) -> np.ndarray:
    """Labels in the order of the samples; names in the file may omit the folder."""
    found = [by_name.get(name, by_name.get(Path(name).name)) for name in names]
    if None in found:
        raise DataError(
            "{file} has no label for {name}: give a name and a label for each sample.",
            file=file,
            name=names[found.index(None)],
        )
    return np.array(found, bool)
