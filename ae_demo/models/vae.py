"""The variational autoencoder: the code is a distribution, regularised towards the standard normal distribution.

−ELBO = E_{q(z|x)}[−log p(x|z)] + β · KL(q(z|x) ‖ N(0, I)),   q(z|x) = N(μ(x), diag σ²(x)),
KL = −½ Σ (1 + log σ² − μ² − σ²). Sampling z = μ + σ ε, ε ~ N(0, I), is differentiable in μ and σ
(Kingma and Welling, 2014, "Auto-Encoding Variational Bayes", appendix B; β: Higgins et al., 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..functional import losses
from .base import Autoencoder, Config, Output
from .blocks import build_mlp, hidden_layers
from .options import option


@dataclass(frozen=True, kw_only=True)
class VAEConfig(Config):
    """Layer sizes of encoder and decoder, the size of the code, and β."""

    loss: str = option("bce", "reconstruction loss", choices=("bce", "mse", "l1"))
    hidden: tuple[int, ...] = option((512, 256), "hidden layers of the encoder", minimum=1, maximum=8192)
    decoder_hidden: tuple[int, ...] = option(
        (256, 256, 384), "hidden layers of the decoder, from the code on", minimum=1, maximum=8192
    )
    latent_dim: int = option(2, "numbers in the code", minimum=1, maximum=4096)
    beta: float = option(
        1.0, "weight β of the divergence from the prior", minimum=0.0, maximum=100.0, label="β", live=True
    )
    dropout: float = option(0.0, "share of hidden units dropped in training", minimum=0.0, maximum=0.9)


class VariationalAutoencoder(Autoencoder):
    """`(B, C, H, W)` to `(mu, logvar)`, each `(B, latent_dim)`, and a point of the latent space back to a picture."""

    Config = VAEConfig
    family = "vae"
    variational = True
    config: VAEConfig

    def __init__(self, config: VAEConfig, labels: int = 0) -> None:
        """labels: number of further inputs of the encoder, after the picture, and of the decoder, after z."""
        super().__init__(config)
        self.encoder = build_mlp((config.pixels + labels, *config.hidden, 2 * config.latent_dim), config.dropout)
        self.decoder = build_mlp((config.latent_dim + labels, *config.decoder_hidden, config.pixels), config.dropout)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`x` `(B, C, H, W)` in [0, 1] to the mean and the log of the variance, each `(B, latent_dim)`."""
        self.check_input(x)
        return self.distribution(x.flatten(1))

    def distribution(self, flat: Tensor) -> tuple[Tensor, Tensor]:
        """The encoder's output for flat inputs `(B, size)` as mean and log variance, each `(B, latent_dim)`."""
        mu, logvar = self.encoder(flat).float().chunk(2, dim=1)
        return mu, logvar.clamp(-20, 10)

    def decode_raw(self, z: Tensor) -> Tensor:
        return self.decoder(z).unflatten(1, self.config.input_shape)  # (B, C, H, W)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """One sample z = μ + σ ε of each picture's distribution, `(B, latent_dim)`."""
        return mu + torch.randn_like(mu) * (0.5 * logvar).exp()

    def divergence(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """KL(q(z|x) ‖ prior) in nats `(B,)`, from the results of `encode`."""
        return losses.kl_divergence(mu, logvar)

    def forward(self, x: Tensor) -> Output:
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar) if self.training else mu
        raw = self.decode_raw(z)
        return Output(raw, z, self.activate, mu, logvar)

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        """β-weighted negative ELBO in nats: a sum over pixels, not a mean, since the KL term is a sum over units."""
        assert output.mu is not None
        assert output.logvar is not None
        mean = losses.reconstruction(self.config.loss, output.raw, target, self.output)
        reconstruction = mean * self.config.pixels
        kl = losses.kl_divergence(output.mu, output.logvar).mean()
        return {"loss": reconstruction + self.config.beta * kl, self.config.loss: reconstruction, "kl": kl}

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Adds the terms of the ELBO in nats, with one sample of z per picture; other metrics use the mean code."""
        mu, logvar = self.encode(x)
        raw = self.decode_raw(self.reparameterize(mu, logvar)).float()
        bce = torch.nn.functional.binary_cross_entropy_with_logits(raw, x, reduction="none").flatten(1).sum(1)
        kl = self.divergence(mu, logvar)
        return {**super().measure(x), "bce": bce, "kl": kl, "negative_elbo": bce + kl}

    def sample(self, count: int, temperature: float = 1.0) -> Tensor:
        """`(count, C, H, W)` pictures decoded from the prior N(0, temperature² I)."""
        device = next(self.parameters()).device
        return self.decode(temperature * torch.randn(count, self.config.latent_dim, device=device))

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield "input", self.config.input_shape
        for size in self.config.hidden:
            yield "linear", (size,)
        yield "code", (self.config.latent_dim,)
        for size in self.config.decoder_hidden:
            yield "linear", (size,)
        yield "output", self.config.input_shape

    def layer_modules(self) -> Iterator[nn.Module]:
        yield from hidden_layers(self.encoder)
        yield from hidden_layers(self.decoder)
