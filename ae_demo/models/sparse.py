"""The sparse autoencoder: each unit of the code is silent for most pictures.

To ‖x̂ − x‖² is added  weight · Σ_j KL(ρ ‖ ρ̂_j),  where ρ̂_j is unit j's mean activation over the batch and ρ the
wanted one (Ng, 2011, CS294A lecture notes, "Sparse autoencoder"). The divergence is one between Bernoulli
distributions, so the activations must be probabilities: the code is a sigmoid's, in (0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..functional import losses
from .base import Output, option
from .dense import DenseAutoencoder, DenseConfig


@dataclass(frozen=True, kw_only=True)
class SparseConfig(DenseConfig):
    """A dense autoencoder's sizes, the wanted activation and the price of missing it."""

    rho: float = option(
        0.1, "wanted mean activation ρ of each unit", minimum=0.001, maximum=0.999, label="ρ", live=True
    )
    sparsity_weight: float = option(1e-4, "weight β of the sparsity term", minimum=0.0, maximum=10.0, live=True)


class SparseAutoencoder(DenseAutoencoder):
    """A dense autoencoder whose code `(B, latent_dim)` lies in (0, 1) and is mostly near 0."""

    Config = SparseConfig
    family = "sparse"
    code_activation = "sigmoid"

    def encode(self, x: Tensor) -> Tensor:
        return super().encode(x).sigmoid()

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        parts = super().loss(output, target)
        sparsity = losses.kl_sparsity(output.z.float().mean(0), self.config.rho)
        return {**parts, "loss": parts["loss"] + self.config.sparsity_weight * sparsity, "sparsity": sparsity}

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        z = self.encode(x)
        return {**super().measure(x), "activation": z.mean(1), "active_share": (z > 0.5).float().mean(1)}
