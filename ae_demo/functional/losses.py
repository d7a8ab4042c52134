"""Losses: reconstruction losses, divergences and penalties, all computed in float32.

Reconstruction losses are means over all elements of a batch; the terms of the ELBO are sums over a picture, in
nats, as in Kingma and Welling, 2013, "Auto-Encoding Variational Bayes":

    log p(x) ≥ ELBO = E[log p(x | z)] - β KL(q(z | x) ‖ p(z))       (β = 1; others: Higgins et al., 2017)

Inputs may be bfloat16, as under autocast. Different shapes raise `ShapeError`, settings out of range `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import ConfigError, ShapeError
from . import metrics

LOSSES = ("mse", "rmse", "l1", "bce", "ssim", "psnr")
_MARGIN = 1e-6  # distance of mean activations from 0 and 1, where the KL divergence is infinite


def mse(x_hat: Tensor, target: Tensor) -> Tensor:
    """Mean squared error; equal shapes `(B, ...)`, returns a scalar."""
    metrics.check_same_shape(x_hat, target)
    return F.mse_loss(x_hat.float(), target.float())


def l1(x_hat: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error; equal shapes `(B, ...)`, returns a scalar."""
    metrics.check_same_shape(x_hat, target)
    return F.l1_loss(x_hat.float(), target.float())


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    """Mean binary cross-entropy in nats of sigmoid(`logits`) against `target` in [0, 1]; returns a scalar."""
    metrics.check_same_shape(logits, target)
    return F.binary_cross_entropy_with_logits(logits.float(), target.float())


def ssim_loss(x_hat: Tensor, target: Tensor) -> Tensor:
    """1 - SSIM, in [0, 2]; pictures `(B, C, H, W)` in [0, 1], returns a scalar. See `metrics.ssim`."""
    return 1 - metrics.ssim(x_hat, target).mean()


def psnr_loss(x_hat: Tensor, target: Tensor) -> Tensor:
    """Minus the mean PSNR of the pictures in dB, up to 50 dB each; equal shapes `(B, ...)`, returns a scalar.

    The mean of logarithms weights all pictures equally, whatever their noise level; a mean of errors would be dominated
    by the noisiest. The limit keeps training from reducing errors that are already invisible.
    """
    metrics.check_same_shape(x_hat, target)
    errors = (x_hat.float() - target.float()).square().flatten(1).mean(1)
    return 10 * (errors + 1e-5).log10().mean()


def rmse(x_hat: Tensor, target: Tensor) -> Tensor:
    """Mean over the pictures of the root mean squared error of each; equal shapes `(B, ...)`, returns a scalar.

    A compromise between `mse`, which the worst pictures dominate, and `psnr_loss`, which weights all equally.
    """
    metrics.check_same_shape(x_hat, target)
    errors = (x_hat.float() - target.float()).square().flatten(1).mean(1)
    return (errors + 1e-6).sqrt().mean()


def reconstruction(name: str, raw: Tensor, target: Tensor, output: str) -> Tensor:
    """The loss `name`, one of `LOSSES`, of `raw`, the output before its activation `output`; returns a scalar.

    With the output "sigmoid", bce is computed from the logits and the others from sigmoid(raw). With "linear", ssim is
    computed from `raw` clamped to [0, 1], and the others from `raw` itself, so that values outside [0, 1] have a
    gradient; bce raises `ConfigError`. Equal shapes `(B, ...)`, target in [0, 1].
    """
    if name not in LOSSES:
        raise ConfigError("The loss is {name!r}; choose one of {choices}.", name=name, choices=", ".join(LOSSES))
    if output not in ("sigmoid", "linear"):
        raise ConfigError("The output activation is {output!r}; choose sigmoid or linear.", output=output)
    if name == "bce" and output == "linear":
        raise ConfigError(
            "The loss is 'bce', which needs a sigmoid output, but this model's output is linear. "
            "Choose mse, l1 or ssim."
        )
    raw, target = raw.float(), target.float()
    if name == "bce":
        return bce_with_logits(raw, target)
    x_hat = raw.sigmoid() if output == "sigmoid" else raw.clamp(0, 1) if name == "ssim" else raw
    return {"mse": mse, "rmse": rmse, "l1": l1, "ssim": ssim_loss, "psnr": psnr_loss}[name](x_hat, target)


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) ‖ N(0, 1)) of each picture in nats; both `(B, latent_dim)`, returns `(B,)`.

    ½ Σ (μ² + σ² - 1 - log σ²): Kingma and Welling, 2013, appendix B.
    """
    metrics.check_same_shape(mu, logvar)
    mu, logvar = mu.float(), logvar.float()
    # expm1, since σ² - 1 would lose precision near the prior
    return 0.5 * (mu.square() + logvar.expm1() - logvar).flatten(1).sum(dim=1)


def elbo(logits: Tensor, target: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0) -> Tensor:
    """Evidence lower bound of each picture in nats, with pixels as Bernoulli variables; returns `(B,)`.

    `logits` and `target` (in [0, 1]) `(B, ...)`, `mu` and `logvar` `(B, latent_dim)`; `beta` ≥ 0 is the weight of the
    KL divergence.
    """
    _check_not_negative(beta=beta)
    metrics.check_same_shape(logits, target)
    bce = F.binary_cross_entropy_with_logits(logits.float(), target.float(), reduction="none")
    return -bce.flatten(1).sum(dim=1) - beta * kl_divergence(mu, logvar)


def negative_elbo(logits: Tensor, target: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0) -> Tensor:
    """Mean of -`elbo` over the batch, in nats per picture: what a variational autoencoder minimises."""
    return -elbo(logits, target, mu, logvar, beta).mean()


def kl_sparsity(mean_activation: Tensor, rho: float) -> Tensor:
    """Σ KL(ρ ‖ ρ̂) over the units, in nats; `mean_activation` ρ̂ `(units,)`, means over a batch, in (0, 1).

    Σ ρ log(ρ/ρ̂) + (1 - ρ) log((1 - ρ)/(1 - ρ̂)): Ng, CS294A lecture notes, "Sparse autoencoder". Activations
    must be probabilities, such as a sigmoid's; for others the divergence is undefined. ρ̂ is clamped away from 0 and 1.
    """
    if not 0 < rho < 1:
        raise ConfigError("rho is {rho}; allowed is between 0 and 1, both excluded. Try 0.05.", rho=rho)
    mean = mean_activation.float().clamp(_MARGIN, 1 - _MARGIN)
    target = torch.tensor(rho, device=mean.device)
    return (target * (target / mean).log() + (1 - target) * ((1 - target) / (1 - mean)).log()).sum()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy in nats per symbol; `logits` `(B, T, K)`, `target` `(B, T)` long in [0, K)."""
    if logits.ndim != 3 or logits.shape[:2] != target.shape:
        raise ShapeError(
            "Logits {logits} and symbols {target} do not fit; they must be (B, T, K) and (B, T).",
            logits=tuple(logits.shape),
            target=tuple(target.shape),
        )
    return F.cross_entropy(logits.float().flatten(0, 1), target.flatten())


def weight_penalty(parameters: Iterable[Tensor], l1: float = 0.0, l2: float = 0.0) -> Tensor:
    """l1 Σ|w| + l2 Σw² over all `parameters`, a scalar. Raises `ConfigError` for a negative weight."""
    _check_not_negative(l1=l1, l2=l2)
    parameters = [p.float() for p in parameters]
    penalty = torch.zeros((), device=parameters[0].device if parameters else None)
    if l1:
        penalty = penalty + l1 * sum(p.abs().sum() for p in parameters)
    if l2:
        penalty = penalty + l2 * sum(p.square().sum() for p in parameters)
    return penalty


def _check_not_negative(**weights: float) -> None:
    for name, value in weights.items():
        if not 0 <= value < float("inf"):
            raise ConfigError(
                "The weight {name} is {value}; allowed is a number ≥ 0. Use 0 for none.", name=name, value=value
            )
