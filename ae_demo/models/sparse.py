"""The sparse autoencoder: each unit of the code is inactive for most pictures.

The loss is  ‖x̂ − x‖² + β Σ_j KL(ρ ‖ ρ̂_j),  where ρ̂_j is the mean activation of unit j over the batch and ρ the
target (Ng, 2011, CS294A lecture notes, "Sparse autoencoder"). The divergence is between Bernoulli distributions, so
activations must be probabilities: the code's activation is a sigmoid.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..functional import losses
from .base import Output
from .dense import DenseAutoencoder, DenseConfig
from .options import option


@dataclass(frozen=True, kw_only=True)
class SparseConfig(DenseConfig):
    """Sizes of a dense autoencoder, the target activation and the weight of the sparsity term."""

    rho: float = option(
        0.1, "target mean activation ρ of each unit", minimum=0.001, maximum=0.999, label="ρ", live=True
    )
    sparsity_weight: float = option(1e-4, "weight β of the sparsity term", minimum=0.0, maximum=10.0, live=True)


class SparseAutoencoder(DenseAutoencoder):
    """A dense autoencoder whose code `(B, latent_dim)` lies in (0, 1) and is mostly near 0."""

    Config = SparseConfig
    family = "sparse"
    code_activation = "sigmoid"
    config: SparseConfig

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
