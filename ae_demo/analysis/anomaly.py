"""Anomaly detection by reconstruction error.

A model is fitted to normal samples only. It reconstructs others badly, so a large error indicates an anomaly (Sakurada
and Yairi, 2014, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction"). A sample is flagged if
its score is above a quantile of the scores of held-out normal samples, so that about 5 % of normal samples are flagged
at the quantile 0.95.

    mse       mean (x̂ − x)²                ssim   1 − SSIM(x̂, x)
    mae       mean |x̂ − x|                 patch  the largest mean of (x̂ − x)² over a patch
    smooth    mean (G ∗ (x̂ − x))², with G a Gaussian of σ = 1 pixel, which tolerates slightly shifted edges
    relative  smooth / √(mean |G ∗ x|), since errors are small in samples with little ink
    elbo      −ELBO(x) of a variational model, in nats
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..checkpoints import load_metrics
from ..errors import ConfigError, DataError, ShapeError
from ..functional import metrics
from ..inference.arguments import finite, shown
from ..models import DEFAULT_FAMILY, Autoencoder, get_family
from .detector_inputs import Batch, PictureInput, SeriesInput
from .reconstructors import (
    LocalHull,
    Neighbors,
    Network,
    Pca,
    Reconstructor,
    TrainedNetwork,
    network_families,
    smooth,
)

DATA = ("pictures", "series")
CLASSICAL: dict[str, Callable[[int], Reconstructor]] = {"pca": Pca, "neighbors": Neighbors, "hull": LocalHull}
SCORES = ("mse", "mae", "smooth", "relative", "ssim", "patch", "elbo")
LATENT_DIM = 32
HELD_OUT = 0.2  # share of the normal samples that are held out for the threshold
MAX_HELD_OUT = 1000
MIN_TO_HOLD_OUT = 10  # normal samples; with fewer, the threshold is computed from all of them
MIN_MEAN_VALUE = 0.01  # lower bound of the denominator's mean in the score "relative"
PATCH = 5  # pixels: side of the patches of the score "patch"
QUANTILE = 0.95

Progress = Callable[[float], None]


def model_names(data: str = "pictures") -> list[str]:
    """The values of `model` for this kind of data."""
    return [*CLASSICAL, *network_families(series=data == "series")]


class Detector:
    """A model of normal samples, and the distribution of their scores; created by `anomaly_detector`.

    data, score: the arguments of `anomaly_detector`
    normal_scores: float32, the scores of held-out normal samples; of all if there are fewer than 10, or if the model
        has been trained already
    """

    def __init__(self, data: str, reconstructor: Reconstructor, score: str, reader: PictureInput | SeriesInput) -> None:
        self.data, self.reconstructor, self.score, self.reader = data, reconstructor, score, reader
        self.normal_scores = np.zeros(0, np.float32)

    def fit(self, seed: int = 0, progress: Progress = lambda share: None) -> Detector:
        """Fit the model to the normal samples of `reader`, and score the held-out ones; returns the detector."""
        x = self.reader.normal.x
        fits = len(x) >= MIN_TO_HOLD_OUT and not isinstance(self.reconstructor, TrainedNetwork)
        held = min(MAX_HELD_OUT, round(HELD_OUT * len(x))) if fits else 0
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        fitted, rest = (x[order[held:]], x[order[:held]]) if held else (x, x)
        self.reconstructor.fit(fitted, progress)
        self.normal_scores = self.score_batch(rest).numpy()
        return self

    def scores(self, samples: Any) -> np.ndarray:
        """The score of each sample, float32 `(N,)`, or of each step of one long series, `(S,)`; higher is more unusual.

        samples: in one of the forms of `normal` in `anomaly_detector`

        Raises `ShapeError`, `PictureError` and `DataError` for samples that cannot be compared.
        """
        batch = self.reader.read(samples)
        return batch.pool(self.score_batch(batch.x)).numpy()

    def threshold(self, quantile: float = QUANTILE) -> float:
        """The score above which a sample is flagged: this quantile, in [0, 1], of the scores of normal samples.

        Raises `ConfigError` for a quantile outside [0, 1].
        """
        if not 0 <= finite("quantile", quantile) <= 1:
            raise ConfigError("quantile is {quantile}; give a number in [0, 1], such as 0.95.", quantile=quantile)
        return float(np.quantile(self.normal_scores, quantile))

    def flags(self, samples: Any, quantile: float = QUANTILE) -> np.ndarray:
        """Whether the score of each sample is above `threshold(quantile)`, bool `(N,)`."""
        return self.scores(samples) > self.threshold(quantile)

    def reconstruct(self, samples: Any) -> tuple[Tensor, Tensor]:
        """The model's inputs for the samples and their reconstructions, two float32 `(M, C, H, W)`.

        Pictures have the size of the normal ones; series are windows `(M, F, T, 1)`.
        """
        batch: Batch = self.reader.read(samples)
        return batch.x, self.reconstructor.reconstruct(batch.x)

    def score_batch(self, x: Tensor) -> Tensor:
        """The score `(M,)` of each picture or window of a batch of `reader`."""
        if self.score == "elbo":
            assert isinstance(self.reconstructor, Network)
            return self.reconstructor.negative_elbo(x).float()
        return score_errors(self.score, self.reconstructor.reconstruct(x), x)


def anomaly_detector(  # noqa: PLR0913 - public API
    normal: Any,
    *,
    data: str = "pictures",
    model: str | Autoencoder = DEFAULT_FAMILY,
    score: str = "mse",
    latent_dim: int = LATENT_DIM,
    window: int | None = None,
    seed: int = 0,
    progress: Progress = lambda share: None,
) -> Detector:
    """Fit a model to normal samples, to score and flag others. No abnormal samples are needed.

    normal: with data "pictures", an array or tensor `(N, H, W)`, `(N, C, H, W)` or `(N, H, W, C)`, uint8 or floats in
        [0, 1]; or a list of PIL images and uint8 arrays of any sizes, which are resized to the first; or the path of a
        folder or zip. Pictures with a side over 64 pixels are downscaled. With data "series", an array `(N, T)` or
        `(N, T, F)`; a list of `(T,)` or `(T, F)` of any lengths; one long series `(S,)`; or the path of a .csv or .npy
        file or a folder of them. NaN are gaps, which are filled by interpolation
    model: "pca", "neighbors" (the mean of the three nearest normal samples), "hull" (the nearest point of the hull of
        30 neighbours), or the name of an autoencoder's family; or an autoencoder that has been trained on normal
        samples of this shape or on series, such as one of `load`, which is not trained again
    score: "mse", "mae", "smooth" (of the smoothed error), "relative" (that divided by the root of the sample's mean
        value), "ssim" (for pictures), "patch" (of the worst 5 × 5 pixels, or sixteenth of a window) or "elbo" (for a
        variational model); the module's docstring has the formulas
    latent_dim: numbers in the code of a model that is fitted
    window: steps of the windows that series are cut into; None: see `SeriesInput`
    progress: called with the share done, in [0, 1]

    Raises `ConfigError` for an invalid setting, `ShapeError`, `PictureError` or `DataError` for samples that cannot be
    used, `TrainingError` if an autoencoder cannot be trained.
    """
    reconstructor = _build_reconstructor(data, model, score, latent_dim)
    trained = reconstructor if isinstance(reconstructor, TrainedNetwork) else None
    if data == "pictures":
        reader: PictureInput | SeriesInput = PictureInput(normal)
    else:
        reader = SeriesInput(normal, window, trained.steps if trained else None)
    _check_normal(reader, trained)
    return Detector(data, reconstructor, score, reader).fit(seed, progress)


def _build_reconstructor(data: str, model: str | Autoencoder, score: str, latent_dim: int) -> Reconstructor:
    """The model of the arguments of `anomaly_detector`. Raises `ConfigError`."""
    for name, value, allowed in (("data", data, DATA), ("model", model, model_names(data)), ("score", score, SCORES)):
        if name == "model" and isinstance(value, Autoencoder):
            continue
        if not isinstance(value, str) or value not in allowed:
            raise ConfigError(
                "{name} is {given}; choose one of {allowed}.", name=name, given=shown(value), allowed=", ".join(allowed)
            )
    if score == "ssim" and data == "series":
        raise ConfigError("The score ssim compares pictures; choose mse, mae or patch for series.")
    if isinstance(latent_dim, bool) or not isinstance(latent_dim, int) or not 1 <= latent_dim <= 4096:
        raise ConfigError("latent_dim is {latent_dim!r}; give an integer from 1 to 4096.", latent_dim=latent_dim)
    if score == "elbo" and not is_variational(model):
        names = ", ".join(name for name in model_names(data) if is_variational(name))
        raise ConfigError(
            "The score elbo needs a variational model, not {model!r}: choose {choices}.",
            model=model if isinstance(model, str) else model.family,
            choices=names,
        )
    if isinstance(model, Autoencoder):
        _check_trained(data, model)
        return TrainedNetwork(model)
    return CLASSICAL[model](latent_dim) if model in CLASSICAL else Network(model, latent_dim)


def _check_trained(data: str, model: Autoencoder) -> None:
    """Raise `ConfigError` unless the model reconstructs samples of this kind."""
    shape = model.config.input_shape
    if model.task != "reconstruct" or len(shape) != (2 if data == "series" else 3):
        raise ConfigError(
            "The trained model is of the family {family} and takes samples of shape {shape}. For pictures, choose one "
            "that reconstructs pictures (C, H, W); for series, one that reconstructs series (T, F).",
            family=model.family,
            shape=shape,
        )


def _check_normal(reader: PictureInput | SeriesInput, trained: TrainedNetwork | None) -> None:
    """Raise `DataError` for fewer than two normal samples, `ShapeError` if a trained model has other channels."""
    if len(reader.normal.x) < 2 and isinstance(reader, SeriesInput):
        raise DataError(
            "The normal series give {count} window of {window} steps; give "
            "two or more: longer series, or more of them.",
            count=len(reader.normal.x),
            window=reader.window,
        )
    if len(reader.normal.x) < 2:
        raise DataError("There is {count} normal sample; give two or more.", count=len(reader.normal.x))
    if isinstance(reader, SeriesInput) and trained and reader.channels != trained.channels:
        raise ShapeError(
            "The trained model takes series of {features} channels; the normal ones have {channels}. Give series with "
            "the channels that it was trained on, in the same order.",
            features=trained.channels,
            channels=reader.channels,
        )


def is_variational(model: str | Autoencoder) -> bool:
    """Whether the score "elbo" can be computed with this model."""
    if isinstance(model, Autoencoder):
        return model.variational
    return model not in CLASSICAL and get_family(model).variational


def score_errors(score: str, x_hat: Tensor, x: Tensor) -> Tensor:
    """Scores `(B,)` of samples `(B, C, H, W)` from their reconstructions; higher is more unusual."""
    if score == "mae":
        return (x_hat - x).abs().flatten(1).mean(1)
    if score == "ssim":
        return 1 - metrics.ssim(x_hat, x)
    if score == "patch":
        error = (x_hat - x).square().mean(1, keepdim=True)
        height, width = error.shape[2:]
        size = (min(PATCH, height), min(PATCH, width)) if width > 1 else (max(1, height // 16), 1)
        return torch.nn.functional.avg_pool2d(error, size, stride=1).flatten(1).amax(1)
    if score == "smooth":
        return smooth(x_hat - x).square().flatten(1).mean(1)
    if score == "relative":
        error, value = (smooth(each).flatten(1) for each in (x_hat - x, x))
        return error.square().mean(1) / value.abs().mean(1).clamp_min(MIN_MEAN_VALUE).sqrt()
    return metrics.mse(x_hat, x)


def error_percentile(error: float, checkpoint: str | Path) -> float | None:
    """The percentage of test samples with an error below `error`; None if the checkpoint has no record of them.

    Errors are mean squared errors, or for a model of symbols cross-entropies in nats per symbol.

    Raises `CheckpointError` if the checkpoint is missing or damaged.
    """
    quantiles = load_metrics(checkpoint).get("error_quantiles")
    return None if not quantiles else float(np.interp(error, quantiles, np.linspace(0, 100, len(quantiles))))
