"""Models of normal samples that reconstruct others: PCA, nearest neighbours, their local hull, and autoencoders.

Each is fitted to normal samples only; a sample that it reconstructs badly is unusual.

    PCA                x̂ = m + V Vᵀ (x − m), V the leading principal axes (Baldi and Hornik, 1989)
    neighbours         x̂ = mean of the k normal samples whose PCA codes are nearest to that of x
    local hull         x̂ = n + Σ aᵢ (nᵢ − n) over the k nearest normal samples nᵢ with mean n, where a minimises
                       ‖x − x̂‖² + λ ‖a‖² (Vincent and Bengio, 2002, "K-Local Hyperplane and Convex Distance Nearest
                       Neighbor Algorithms"): a linear autoencoder fitted around each sample
    autoencoder        x̂ = g(f(x)), trained to minimise its family's loss
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data import Samples
from ..functional import losses
from ..inference.model_cache import device_of
from ..models import FAMILIES, Autoencoder, build_model, get_family
from ..models.base import FullyConvolutionalConfig
from ..training import Event, Stepped, TrainOptions, run_to_end, train
from .baselines import principal_axes

NEIGHBORS = 3
HULL_NEIGHBORS = 30  # which span the local hull
SIGMA = 1.0  # pixels: width of the smoothing before samples are compared
RIDGE = 0.5  # λ, as a share of the mean squared distance of the neighbours from their mean
BATCH = 500
HIDDEN = (256, 128)  # of autoencoders with hidden layers; small, so that training takes seconds
SAMPLES_SEEN = 30_000  # by an autoencoder during training, including repetitions
EPOCH_LIMITS = (10, 200)
BATCH_SIZE = 64

Progress = Callable[[float], None]


class Reconstructor(Protocol):
    """A model of normal samples. `numbers` is the size of a sample's code."""

    numbers: int

    def fit(self, x: Tensor, progress: Progress) -> None:
        """Fit to normal samples `(N, C, H, W)`; `progress` is called with the share done."""

    def reconstruct(self, x: Tensor) -> Tensor:
        """The reconstructions of samples `(B, C, H, W)`; same shape."""


class Pca:
    """Principal component analysis with `numbers` components."""

    def __init__(self, numbers: int) -> None:
        self.numbers = numbers

    def fit(self, x: Tensor, progress: Progress) -> None:
        flat = x.flatten(1)
        self.mean, self.axes = principal_axes(flat, min(self.numbers, len(flat) - 1 or 1))

    def encode(self, x: Tensor) -> Tensor:
        """The code `(B, numbers)`."""
        return (x.flatten(1) - self.mean) @ self.axes.T

    def reconstruct(self, x: Tensor) -> Tensor:
        return (self.encode(x) @ self.axes + self.mean).view_as(x)


class Neighbors:
    """The mean of the nearest normal samples, found by their PCA codes of `numbers` components."""

    def __init__(self, numbers: int) -> None:
        self.numbers = numbers
        self.pca = Pca(numbers)

    def fit(self, x: Tensor, progress: Progress) -> None:
        self.pca.fit(x, progress)
        self.normal, self.codes = x, self.pca.encode(x)

    def reconstruct(self, x: Tensor) -> Tensor:
        return torch.cat(
            [self.normal[nearest(self.pca.encode(b), self.codes, NEIGHBORS)].mean(1) for b in x.split(BATCH)]
        )


class LocalHull:
    """The nearest point, with ridge regularisation, in the hull of the nearest normal samples.

    Distances are between smoothed samples, see `smooth`; the reconstruction itself is sharp.
    """

    def __init__(self, numbers: int) -> None:
        self.numbers = HULL_NEIGHBORS

    def fit(self, x: Tensor, progress: Progress) -> None:
        self.normal, self.smoothed = x.flatten(1), smooth(x).flatten(1)

    def reconstruct(self, x: Tensor) -> Tensor:
        return torch.cat([self._project(batch) for batch in smooth(x).flatten(1).split(BATCH)]).view_as(x)

    def _project(self, x: Tensor) -> Tensor:
        """Smoothed samples `(B, D)` to their sharp reconstructions `(B, D)`."""
        near = nearest(x, self.smoothed, HULL_NEIGHBORS)  # (B, k)
        neighbors = self.smoothed[near]  # (B, k, D)
        mean = neighbors.mean(1, keepdim=True)
        centred = neighbors - mean
        gram = centred @ centred.mT  # (B, k, k)
        ridge = RIDGE * gram.diagonal(dim1=1, dim2=2).mean(1).clamp_min(1e-9)
        gram = gram + ridge[:, None, None] * torch.eye(gram.shape[1])
        a = torch.linalg.solve(gram, centred @ (x[:, None] - mean).mT)  # (B, k, 1)
        weights = a - a.mean(1, keepdim=True) + 1 / a.shape[1]  # of the uncentred neighbours; they sum to 1
        return (weights.mT @ self.normal[near])[:, 0]


def smooth(x: Tensor, sigma: float = SIGMA) -> Tensor:
    """Samples `(B, C, H, W)` convolved with a Gaussian of `sigma` pixels, with repeated edges; same shape."""
    radius = math.ceil(3 * sigma)
    kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma).square())
    kernel = (kernel / kernel.sum()).to(x)
    flat = x.flatten(0, 1)[:, None]  # (B C, 1, H, W)
    flat = F.conv2d(F.pad(flat, (0, 0, radius, radius), mode="replicate"), kernel.view(1, 1, -1, 1))
    flat = F.conv2d(F.pad(flat, (radius, radius, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1))
    return flat.view_as(x)


def nearest(x: Tensor, normal: Tensor, count: int) -> Tensor:
    """Indices `(B, min(count, N))` of the rows of `normal` `(N, D)` nearest to each row of `x` `(B, D)`."""
    return torch.cdist(x, normal).topk(min(count, len(normal)), largest=False).indices


class Network:
    """An autoencoder of a family, with `numbers` numbers in the code, trained by the training engine."""

    def __init__(self, family: str, numbers: int, seed: int = 0) -> None:
        self.family, self.numbers, self.seed = family, numbers, seed
        self.model: Autoencoder | None = None

    def fit(self, x: Tensor, progress: Progress) -> None:
        epochs = int(np.clip(SAMPLES_SEEN // len(x), *EPOCH_LIMITS))
        options = TrainOptions(epochs=epochs, batch_size=BATCH_SIZE, lr=2e-3, seed=self.seed)
        settings = {"input_shape": tuple(x.shape[1:]), "latent_dim": self.numbers}
        if "hidden" in get_family(self.family).Config.__dataclass_fields__:
            settings["hidden"] = HIDDEN
        torch.manual_seed(self.seed)
        self.model = build_model(self.family, **settings)

        def report(event: Event) -> None:
            if isinstance(event, Stepped):
                progress(event.epoch / epochs)

        data = Samples("normal", x, x[:0])  # no test samples: an evaluation would take longer than the epoch before it
        run_to_end(train(self.model, data, options, device="cpu"), report)
        self.model.eval()

    def model_input(self, x: Tensor) -> Tensor:
        """Samples `(B, C, H, W)` as the model takes them."""
        return x

    @torch.inference_mode()
    def reconstruct(self, x: Tensor) -> Tensor:
        assert self.model is not None
        return torch.cat([self.model.reconstruct(batch) for batch in x.split(BATCH)])

    @torch.inference_mode()
    def negative_elbo(self, x: Tensor) -> Tensor:
        """−ELBO `(B,)` in nats of a variational model, from the mean code."""
        assert self.model is not None
        parts = []
        for batch in x.split(BATCH):
            output = self.model(batch)
            target = batch.clamp(0, 1)
            error = F.binary_cross_entropy_with_logits(output.raw.float(), target, reduction="none")
            parts.append(error.flatten(1).sum(1) + losses.kl_divergence(output.mu, output.logvar))
        return torch.cat(parts)


class TrainedNetwork(Network):
    """An autoencoder that has been trained already, and is not trained again: of pictures, or of series `(T, F)`."""

    def __init__(self, model: Autoencoder) -> None:
        super().__init__(model.family, math.prod(model.code_shape))
        self.model = model
        shape = model.config.input_shape
        self.steps = shape[0] if len(shape) == 2 else None  # T of series
        self.channels = shape[-1] if len(shape) == 2 else shape[0]

    def fit(self, x: Tensor, progress: Progress) -> None:
        pass

    def model_input(self, x: Tensor) -> Tensor:
        return x if self.steps is None else x[..., 0].mT  # windows (B, F, T, 1) to (B, T, F)

    @torch.inference_mode()
    def reconstruct(self, x: Tensor) -> Tensor:
        assert self.model is not None
        given = self.model_input(x).to(device_of(self.model))
        x_hat = super().reconstruct(given).cpu()
        return x_hat if self.steps is None else x_hat.mT[..., None]


def network_families(series: bool = False) -> list[str]:
    """Families that reconstruct small pictures from a code of `latent_dim` numbers, without labels.

    series: only families that also take windows `(F, T, 1)`, which are too narrow for strided convolutions
    """
    return [
        name
        for name, cls in FAMILIES.items()
        if cls.task == "reconstruct"
        and cls.takes((1, 28, 28))
        and not cls.takes_labels
        and "latent_dim" in cls.Config.__dataclass_fields__
        and not (series and issubclass(cls.Config, FullyConvolutionalConfig))
    ]
