"""Representations of pictures to compare: codes of models, PCA, raw pixels.

`measure` evaluates a representation by labels, `measure_noise` with noise. Encoders do not see labels; classifiers are
fitted to labelled pictures of the training set, and metrics are computed on the test set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..data import DATA_SETS, Samples
from ..functional.noise import Noise, corrupt
from ..inference import encode, get_model
from . import features
from .baselines import principal_axes

Array = np.ndarray
Encode = Callable[[Tensor], Array]
Progress = Callable[[float], None]
PCA, PIXELS = "pca", "pixels"
PCA_NUMBERS = 32  # like the codes of the shipped checkpoints of digits and garments
MAP_PARTS = 4  # a code that is a map is averaged over a grid of 4 × 4
NOISES = {
    "gaussian": Noise(gaussian=0.5),
    "salt_and_pepper": Noise(salt_and_pepper=0.4),
    "mask": Noise(mask=0.6),
}
NOISE_LABELS = 100
LABELLED = 10_000  # maximum number of labelled training pictures
NOISE_POOL = 1000  # noisy training pictures, from which each seed draws 100
BATCH = 500


@dataclass(frozen=True)
class Representation:
    """A function from pictures to vectors.

    name: a checkpoint's name, `PCA` or `PIXELS`
    encode: pictures `(N, C, H, W)`, uint8 or floats in [0, 1], to codes `(N, D)`
    """

    name: str
    encode: Encode


def of_checkpoint(checkpoint: str | Path, progress: Progress = lambda share: None) -> Representation:
    """The codes of a model (the mean codes of a variational one); maps are averaged over a grid of 4 × 4.

    Raises `CheckpointError` when it encodes if the checkpoint is missing or damaged.
    """
    name = checkpoint if isinstance(checkpoint, str) else checkpoint.name
    return Representation(name, lambda x: encode(x, checkpoint, pool=MAP_PARTS, progress=progress))


def of_pca(train: Tensor, numbers: int = PCA_NUMBERS) -> Representation:
    """The leading principal components of training pictures `(N, C, H, W)`."""
    mean, axes = principal_axes(train, numbers)
    return Representation(PCA, lambda x: ((_floats(x).flatten(1) - mean) @ axes.T).numpy())


def of_pixels() -> Representation:
    """The pixels themselves, in [0, 1]."""
    return Representation(PIXELS, lambda x: _floats(x).flatten(1).numpy())


def _floats(x: Tensor) -> Tensor:
    return x.float() / 255 if x.dtype == torch.uint8 else x


def checkpoints_of(data: str) -> list[str]:
    """Names of the checkpoints trained without labels on the pictures of the full data set `data`, such as "mnist"."""
    found = []
    for name in checkpoints.list_checkpoints():
        entry = DATA_SETS.get(checkpoints.data_of(name))
        unlabelled = not checkpoints.family_of(name).takes_labels
        if entry and entry.full == data and checkpoints.takes_pictures(name) and unlabelled:
            found.append(name)
    return found


def denoiser_of(data: str) -> str | None:
    """The checkpoint that removes noise from pictures of the data set; None if there is none."""
    return next((name for name in checkpoints_of(data) if checkpoints.family_of(name).task == "denoise"), None)


def measure(
    representation: Representation,
    data: Samples,
    *,
    labelled: int = LABELLED,
    seeds: int = features.SEEDS,
    counts: tuple[int, ...] = features.LABEL_COUNTS,
    clusterings: tuple[str, ...] = features.CLUSTERINGS,
    progress: Progress = lambda share: None,
) -> dict[str, Any]:
    """Metrics of a representation on the test set of labelled pictures.

    Returns a dict:

    numbers: size of a code
    probe, knn: accuracies with all `labelled` training pictures
    kmeans, gaussian, hdbscan: agreement with the labels, see `features.cluster_figures`
    labels: by classifier, the accuracy against the number of labels, see `features.label_curve`
    """
    assert data.train_labels is not None
    assert data.test_labels is not None
    y, y_test = data.train_labels[:labelled].numpy(), data.test_labels.numpy()
    x, x_test = representation.encode(data.train[:labelled]), representation.encode(data.test)
    progress(0.3)
    counts = tuple(count for count in counts if count <= len(x))
    result: dict[str, Any] = {"numbers": int(x.shape[1])}
    for name in features.CLASSIFIERS:
        result[name] = features.accuracy(name, x, y, x_test, y_test)
    progress(0.4)
    for method in clusterings:
        assigned = features.cluster(x_test, method, len(np.unique(y_test)))
        result[method] = features.cluster_figures(assigned, y_test)
    progress(0.5)
    result["labels"] = {}
    for number, name in enumerate(features.CLASSIFIERS):
        result["labels"][name] = features.label_curve(
            x,
            y,
            x_test,
            y_test,
            counts=counts,
            seeds=seeds,
            classifier=name,
            progress=lambda share, number=number: progress(0.5 + (number + share) / 4),  # type: ignore[misc]
        )
    return result


@dataclass(frozen=True)
class NoisyPictures:
    """Labelled training and test pictures with noise, floats in [0, 1]; see `add_noise`."""

    train: Tensor
    test: Tensor
    train_labels: Array
    test_labels: Array


def add_noise(data: Samples, kind: str, denoiser: str | Path | None = None) -> NoisyPictures:
    """At most 1,000 training pictures and all test pictures with the noise `kind`, a key of `NOISES`.

    denoiser: a checkpoint that then removes the noise
    """
    assert data.train_labels is not None
    assert data.test_labels is not None
    noise = NOISES[kind]
    model = None if denoiser is None else get_model(denoiser)

    @torch.inference_mode()
    def prepare(x: Tensor, seed: int) -> Tensor:
        x = corrupt(x.float() / 255, noise, seed=seed)
        return x if model is None else torch.cat([model.reconstruct(part).cpu() for part in x.split(BATCH)])

    return NoisyPictures(
        prepare(data.train[:NOISE_POOL], 1),
        prepare(data.test, 2),
        data.train_labels[:NOISE_POOL].numpy(),
        data.test_labels.numpy(),
    )


def measure_noise(
    representation: Representation, noisy: NoisyPictures, seeds: int = features.SEEDS
) -> dict[str, float]:
    """The accuracy of a probe with 100 labels on noisy training and test pictures: "mean" and "std" over the seeds."""
    x, x_test = representation.encode(noisy.train), representation.encode(noisy.test)
    counts = (min(NOISE_LABELS, len(x)),)
    point = features.label_curve(x, noisy.train_labels, x_test, noisy.test_labels, counts=counts, seeds=seeds)[0]
    return {"mean": point["mean"], "std": point["std"]}
