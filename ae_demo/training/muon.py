"""The Muon optimizer: orthogonalized momentum for weight matrices, Adam for all other parameters.

    M ← μ M + G,    W ← W - 0.2 η √max(m, n) · orthogonal(G + μ M),    orthogonal(U Σ Vᵀ) = U Vᵀ

Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks". The factor 0.2 √max(m, n), which gives
steps the size of Adam's, is from Liu et al., 2025, "Muon is Scalable for LLM Training". The weights `(m, k, h, w)` of a
convolution are treated as a matrix `(m, k·h·w)`. Convolutional models need about a third of Adam's steps; for wide
dense layers, the orthogonalization takes more time than it saves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
MIN_SIDE = 16  # matrices with a shorter side are left to Adam


class Muon(torch.optim.Optimizer):
    """Muon for matrices and convolutions, Adam at the same `lr` for biases and small layers."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})
        all_parameters = [p for group in self.param_groups for p in group["params"]]
        self.matrices = [p for p in all_parameters if p.ndim > 1 and min(len(p), p[0].numel()) >= MIN_SIDE]
        others = {*all_parameters} - {*self.matrices}
        self.adam = torch.optim.Adam([p for p in all_parameters if p in others], lr=lr) if others else None

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update the parameters that have a gradient. `closure` is not supported."""
        lr = self.param_groups[0]["lr"]
        for p in self.matrices:
            if p.grad is None:
                continue
            momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
            momentum.mul_(MOMENTUM).add_(p.grad)
            matrix = p.grad.add(momentum, alpha=MOMENTUM).flatten(1)
            step = orthogonalize(matrix).view(p.shape)
            p.add_(step, alpha=-0.2 * lr * max(matrix.shape) ** 0.5)
        if self.adam:
            self.adam.state = self.state  # shared, so that `state_dict` saves both
            self.adam.param_groups[0]["lr"] = lr
            self.adam.step()


def orthogonalize(matrix: Tensor, steps: int = 5) -> Tensor:
    """Approximate U Vᵀ for `matrix` `(m, n)` = U Σ Vᵀ, by the Newton-Schulz iteration in bfloat16.

    With Jordan's coefficients, small singular values grow fast, and all end between about 0.7 and 1.2.
    """
    x = matrix.bfloat16()
    x = x.T if len(x) > x.shape[1] else x
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if len(matrix) > matrix.shape[1] else x).to(matrix.dtype)
