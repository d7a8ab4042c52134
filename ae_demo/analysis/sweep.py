"""The sweep over the size of the code: an autoencoder is trained for each size, and compared with PCA of that size.

PCA is the best linear autoencoder (Baldi and Hornik, 1989, "Neural Networks and Principal Component Analysis"), so the
gap between the two curves is the gain of the nonlinear layers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from ..data import Samples
from ..errors import ConfigError
from ..inference.encoding import encode_batch
from ..models import get_family
from ..training import Event, RunSettings, evaluate, run_to_end, train
from ..training.evaluation import to_input
from . import features
from .baselines import principal_axes

SIZES = (2, 4, 8, 16, 32, 64)
LABELLED = 5000  # training samples that the probe is fitted to
BATCH = 500  # samples encoded at a time


@dataclass(frozen=True)
class SweepPoint:
    """One size of the code: metrics of an autoencoder and of PCA on held-out samples.

    latent_dim: numbers in the code, also its size in bytes at 8 bits per number
    mse, pca_mse: reconstruction error of values in [0, 1]
    probe, pca_probe: accuracy of logistic regression on the codes; None for samples without labels
    parameters: number of parameters of the autoencoder
    seconds: its training time
    """

    latent_dim: int
    mse: float
    pca_mse: float
    probe: float | None
    pca_probe: float | None
    parameters: int
    seconds: float

    def to_dict(self) -> dict[str, float | int | None]:
        """Values that JSON can represent, by field name."""
        return asdict(self)


def ignore(latent_dim: int, event: Event) -> None:
    """Do nothing with an event."""


def sweep(
    family: str,
    data: Samples,
    sizes: Sequence[int] = SIZES,
    settings: Mapping[str, Any] | None = None,
    on_event: Callable[[int, Event], None] = ignore,
    each: Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]] = map,
) -> Iterator[SweepPoint]:
    """Train an autoencoder of `family` for each size of the code, and yield each point when it is done.

    sizes: numbers in the code
    settings: other fields of the family's config and of the training options
    on_event: called with the size and each event of its run
    each: how the runs are executed: `map`, one after another, or `cluster.map_tasks`, all at the same time,
        with `on_event` called on the nodes

    Raises `ConfigError` for a family without `latent_dim` or that cannot be trained on the samples, and for invalid
    sizes and settings; `TrainingError` for a run that fails.
    """
    kind = get_family(family)
    if "latent_dim" not in kind.Config.__dataclass_fields__ or kind.takes_labels:
        raise ConfigError(
            "The code of {family} is not latent_dim numbers to sweep over; choose another family.", family=family
        )
    if data.train.dtype == torch.int64 or not kind.takes(data.sample_shape):
        raise ConfigError(
            "{family} cannot be swept on {data}; choose pictures or series that it can learn.",
            family=family,
            data=data.name,
        )
    flat = {**(settings or {}), "input_shape": data.sample_shape}
    runs = [RunSettings.from_flat(family, data.name, {**flat, "latent_dim": size}) for size in sizes]
    mean, axes = principal_axes(data.train, max(sizes, default=1))
    point = partial(sweep_point, data, _Linear(mean, axes), on_event)
    yield from each(point, list(zip(sizes, runs, strict=True)))


def sweep_point(
    data: Samples, pca: _Linear, on_event: Callable[[int, Event], None], sized: tuple[int, RunSettings]
) -> SweepPoint:
    """Train an autoencoder and compare it with PCA. `sized`: the size of the code, and the run's settings."""
    (size, run), began = sized, time.monotonic()
    torch.manual_seed(run.options.seed)
    model = run.build_model(data.sample_shape)
    run_to_end(train(model, data, run.options), partial(on_event, size))
    seconds = time.monotonic() - began
    model.eval()
    train_codes, test_codes = (
        np.concatenate([encode_batch(model, part) for part in x.split(BATCH)]).reshape(len(x), -1)
        for x in (data.train[:LABELLED], data.test)
    )
    pca = _Linear(pca.mean, pca.axes[:size])
    return SweepPoint(
        latent_dim=size,
        mse=evaluate(model, data.test)["mse"],
        pca_mse=pca.mse(data.test),
        probe=_probe(data, train_codes, test_codes),
        pca_probe=_probe(data, pca.encode(data.train[:LABELLED]), pca.encode(data.test)),
        parameters=model.parameter_count(),
        seconds=round(seconds, 1),
    )


@dataclass(frozen=True)
class _Linear:
    """PCA with the given axes."""

    mean: torch.Tensor
    axes: torch.Tensor

    def encode(self, samples: torch.Tensor) -> np.ndarray:
        """Float32 `(N, components)`."""
        return ((to_input(samples, torch.device("cpu")).flatten(1) - self.mean) @ self.axes.T).numpy()

    def mse(self, samples: torch.Tensor) -> float:
        """The mean squared error, with reconstructions clamped to [0, 1]."""
        total = 0.0
        for part in samples.split(BATCH):
            x = to_input(part, torch.device("cpu")).flatten(1)
            x_hat = ((x - self.mean) @ self.axes.T @ self.axes + self.mean).clamp(0, 1)
            total += (x_hat - x).square().mean(1).sum().item()
        return total / len(samples)


def _probe(data: Samples, codes: np.ndarray, test_codes: np.ndarray) -> float | None:
    if data.train_labels is None or data.test_labels is None:
        return None
    labels, test_labels = data.train_labels[:LABELLED].numpy(), data.test_labels.numpy()
    return features.accuracy("probe", codes, labels, test_codes, test_labels)


def write_table(points: Sequence[SweepPoint]) -> str:
    """The points as a Markdown table."""
    lines = [
        "| numbers (bytes) | MSE | MSE, PCA | probe | probe, PCA | parameters | training |",
        "|---|---|---|---|---|---|---|",
    ]
    for p in points:
        probes = ("–" if each is None else f"{each:.1%}" for each in (p.probe, p.pca_probe))
        lines.append(
            f"| {p.latent_dim} | {p.mse:.5f} | {p.pca_mse:.5f} | {' | '.join(probes)} | {p.parameters:,} | "
            f"{p.seconds:.0f} s |"
        )
    return "\n".join(lines)


def write_json(points: Sequence[SweepPoint], **about: Any) -> str:
    """The points, and `about` (what was swept), as JSON."""
    return json.dumps({**about, "points": [point.to_dict() for point in points]}, indent=2) + "\n"
