"""What the tab's tables and charts show: figures measured ahead, or of a visitor's run on the bundled pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from ....analysis import code_maps
from ....analysis import representations as r
from ....data import Samples, get_data_set, load_dataset
from ...components.cards import card
from ...components.chart import chart_value, line
from ...components.table import table_value
from ...shared import user_runs

Row = dict[str, Any]
Progress = Callable[[float], None]
SEEDS = 5  # of figures measured while a visitor waits
HIGHER = dict.fromkeys(("probe", "knn", "accuracy", "nmi", "ari", "none", *r.NOISES), max)
HUES = ("--ae-output", "--ae-code", "--ae-input", "--ae-muted")
_own: dict[Path, Row] = {}
_lock = threading.Lock()


class Figures:
    """The rows of the tables, in order, and what they were measured on.

    rows: (name, figures) of the chosen model, the one beside it, PCA and raw pixels, each once
    ahead: whether they are of the official test part, measured ahead; else of the bundled pictures, measured now
    denoiser: the row of the denoising model, for noisy pictures, if it is none of `rows`
    """

    def __init__(self, rows: list[tuple[str, Row]], ahead: bool, denoiser: tuple[str, Row] | None = None) -> None:
        self.rows, self.ahead, self.denoiser = rows, ahead, denoiser


def figures_of(names: list[str | Path], data: str | None, progress: Progress) -> Figures:
    """Figures of representations of a full data set, of PCA and of raw pixels; none for pictures without labels."""
    if data is None:
        return Figures([], ahead=False)
    wanted = list(dict.fromkeys([*names, r.PCA, r.PIXELS]))
    stored = code_maps.load_figures(data)
    if all(name in stored for name in wanted):
        name = _denoiser_of(data)
        denoiser = (name, stored[name]) if name in stored and name not in wanted else None
        return Figures([(str(name), stored[name]) for name in wanted], ahead=True, denoiser=denoiser)
    rows = []
    for number, name in enumerate(wanted):
        rows.append(
            (_name_of(name), _measured(name, data, lambda share, n=number: progress((n + share) / len(wanted))))
        )
    return Figures(rows, ahead=False)


@lru_cache(maxsize=4)
def _denoiser_of(data: str) -> str | None:
    return r.denoiser_of(data)


def _name_of(name: str | Path) -> str:
    return name if isinstance(name, str) else user_runs.MY_RUN


def _measured(name: str | Path, data: str, progress: Progress) -> Row:
    if isinstance(name, str):
        return _shipped(name, data)
    if _forget not in user_runs.on_remove:
        user_runs.on_remove.append(_forget)
    if name not in _own:
        row = _measure(r.of_checkpoint(name), data, progress)
        with _lock:
            _own[name] = row
    return _own.get(name) or row


def _forget(folder: Path) -> None:
    with _lock:
        _own.pop(folder, None)


@lru_cache(maxsize=32)
def _shipped(name: str, data: str) -> Row:
    return _measure(code_maps.representation_of(name, data), data, lambda share: None)


def _measure(representation: r.Representation, data: str, progress: Progress) -> Row:
    samples = _bundled(data)
    row = r.measure(representation, samples, seeds=SEEDS, progress=lambda share: progress(0.7 * share))
    row["noise"] = {}
    for number, kind in enumerate(r.NOISES):
        row["noise"][kind] = r.measure_noise(representation, _noisy(data, kind), SEEDS)
        progress(0.7 + 0.3 * (number + 1) / len(r.NOISES))
    return row


@lru_cache(maxsize=2)
def _bundled(data: str) -> Samples:
    return load_dataset(get_data_set(data).bundled or data)


@lru_cache(maxsize=8)
def _noisy(data: str, kind: str) -> r.NoisyPictures:
    return r.add_noise(_bundled(data), kind)


def figures_table(figures: Figures, clustering: str) -> dict[str, Any] | None:
    """Accuracies with all labels, and how the clusters of one method agree with the classes."""
    cards = []
    for name, row in figures.rows:
        agreement = {each: row[clustering][each] for each in ("accuracy", "nmi", "ari")}
        cards.append(_row(name, {each: row[each] for each in ("numbers", "probe", "knn")} | agreement))
    return table_value(cards, "ahead" if figures.ahead else "now", HIGHER)


def noise_table(figures: Figures) -> dict[str, Any] | None:
    """Accuracy with 100 labels where all pictures are noisy, and after the denoising model."""
    cards = []
    for name, row in [*figures.rows, *([figures.denoiser] if figures.denoiser else [])]:
        shares = {"none": _without_noise(row)} | {kind: row["noise"][kind] for kind in r.NOISES}
        cards.append(_row(name, {kind: share["mean"] for kind, share in shares.items()}, shares))
    for name, row in figures.rows:
        cleaned = {kind: row["noise"].get(f"{kind}_denoised") for kind in r.NOISES}
        if all(cleaned.values()):
            means = {kind: each["mean"] for kind, each in cleaned.items() if each}
            cards.append({**_row(name, means, cleaned), "group": "denoised"})
    return table_value(cards, "noise_note", HIGHER)


def _without_noise(row: Row) -> dict[str, float]:
    """The point of the chart with as many labels as the noisy pictures have."""
    return next(point for point in row["labels"]["probe"] if point["labels"] == r.NOISE_LABELS)


def _row(name: str, numbers: dict[str, float], spread: dict[str, Any] | None = None) -> dict[str, Any]:
    """A row of a table: shares in per cent, with their spread where it is known."""
    shown = {}
    for key, value in numbers.items():
        if key == "numbers":
            shown[key] = f"{value:,}"
        elif key in ("nmi", "ari"):
            shown[key] = f"{value:.3f}"
        else:
            more = f" ± {100 * spread[key]['std']:.1f}" if spread else ""
            shown[key] = f"{100 * value:.1f}{more} %"
    role = "other" if name in (r.PCA, r.PIXELS) else "output"
    return {**card(role, name, None, **shown), "numbers": numbers}


def labels_chart(figures: Figures) -> dict[str, Any] | None:
    """Accuracy of a probe against the number of labels."""
    lines = [
        line(name, hue, [(p["labels"], p["mean"], p["std"]) for p in row["labels"]["probe"]])
        for (name, row), hue in zip(figures.rows, HUES, strict=False)
    ]
    return chart_value(lines, x="labels", log_x=True, percent=True)


def sweep_charts(data: str | None, numbers: int, mse: float | None, figures: Figures) -> tuple[Any, Any]:
    """Reconstruction error and accuracy of a probe against the size of the code, with the chosen model marked."""
    points = code_maps.load_sweep(data) if data else []
    if not points:
        return None, None
    sizes = {"x": "numbers", "log_x": True}
    inside = points[0]["latent_dim"] <= numbers <= points[-1]["latent_dim"]
    error = chart_value(
        [
            line("autoencoder", "--ae-output", [(p["latent_dim"], p["mse"]) for p in points]),
            line("pca_plain", "--ae-input", [(p["latent_dim"], p["pca_mse"]) for p in points]),
        ],
        log_y=True,
        mark=(numbers, mse) if inside and mse else None,
        **sizes,
    )
    probe = figures.rows[0][1]["probe"] if figures.rows and figures.ahead else None
    labelled = [p for p in points if p["probe"] is not None]
    accuracy = chart_value(
        [
            line("autoencoder", "--ae-output", [(p["latent_dim"], p["probe"]) for p in labelled]),
            line("pca_plain", "--ae-input", [(p["latent_dim"], p["pca_probe"]) for p in labelled]),
        ],
        percent=True,
        mark=(numbers, probe) if inside and probe else None,
        **sizes,
    )
    return error, accuracy
