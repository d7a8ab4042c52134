"""The class-conditional variational autoencoder: the label is given, so the code represents only the style.

−log p(x|y) ≤ E_{q(z|x,y)}[−log p(x|z, y)] + β · KL(q(z|x, y) ‖ N(0, I)),   z independent of the label y.
Encoder and decoder read the label as a one-hot vector (Sohn, Lee and Yan, 2015, "Learning Structured Output
Representation using Deep Conditional Generative Models"). Decoding the z of one picture with another label carries its
style over (Kingma et al., 2014, "Semi-supervised Learning with Deep Generative Models", figure 1c).

The label of an unlabelled picture is inferred as the one with the lowest −ELBO. The code is z followed by the label as
a one-hot vector.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..functional import losses
from .base import Output
from .options import option
from .vae import VAEConfig, VariationalAutoencoder

LABEL_LOGVAR = -20.0  # log variance of the label in the code: it has practically no spread


@dataclass(frozen=True, kw_only=True)
class CVAEConfig(VAEConfig):
    """Layer sizes, the size of the style, the number of classes, and β."""

    decoder_hidden: tuple[int, ...] = option(
        (512, 512), "hidden layers of the decoder, from the code on", minimum=1, maximum=8192
    )
    latent_dim: int = option(8, "numbers of the style z; the code is z and the label", minimum=1, maximum=4096)
    beta: float = option(
        2.0, "weight β of the divergence from the prior", minimum=0.0, maximum=100.0, label="β", live=True
    )
    classes: int = option(10, "number of classes", minimum=1, maximum=1000)


class ConditionalVAE(VariationalAutoencoder):
    """`(B, C, H, W)` to the code `(B, latent_dim + classes)`, z and the one-hot label, and back to a picture."""

    Config = CVAEConfig
    family = "cvae"
    takes_labels = True
    config: CVAEConfig

    def __init__(self, config: CVAEConfig) -> None:
        super().__init__(config, labels=config.classes)

    def one_hot(self, labels: Tensor) -> Tensor:
        """Labels int64 `(B,)` as float32 `(B, classes)`."""
        return torch.eye(self.config.classes, device=labels.device)[labels]

    def encode_as(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x, y), each `(B, latent_dim)`, given the classes `labels` `(B,)`."""
        self.check_input(x)
        return self.distribution(torch.cat([x.flatten(1), self.one_hot(labels)], dim=1))

    def decode_as(self, z: Tensor, labels: Tensor) -> Tensor:
        """Pictures `(B, C, H, W)` in [0, 1] of the styles `z` `(B, latent_dim)` and the classes `labels` `(B,)`."""
        return self.decode(torch.cat([z, self.one_hot(labels)], dim=1))

    @torch.no_grad()
    def label_scores(self, x: Tensor) -> Tensor:
        """−ELBO in nats of each picture with each label, `(B, classes)`, from the mean of q(z|x, y)."""
        self.check_input(x)
        count = self.config.classes
        labels = torch.arange(count, device=x.device).repeat(len(x))  # (B · classes,)
        repeated = x.repeat_interleave(count, dim=0)  # (B · classes, C, H, W)
        mu, logvar = self.encode_as(repeated, labels)
        raw = self.decode_raw(torch.cat([mu, self.one_hot(labels)], dim=1))
        return -losses.elbo(raw, repeated, mu, logvar).view(len(x), count)

    def infer_labels(self, x: Tensor) -> Tensor:
        """The label with the lowest −ELBO for each picture, int64 `(B,)`."""
        return self.label_scores(x).argmin(dim=1)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the code, each `(B, latent_dim + classes)`, with the inferred label."""
        labels = self.infer_labels(x)
        mu, logvar = self.encode_as(x, labels)
        one_hot = self.one_hot(labels)
        return torch.cat([mu, one_hot], dim=1), torch.cat([logvar, torch.full_like(one_hot, LABEL_LOGVAR)], dim=1)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Output:
        labels = self.infer_labels(x) if labels is None else labels
        mu, logvar = self.encode_as(x, labels)
        z = self.reparameterize(mu, logvar) if self.training else mu
        code = torch.cat([z, self.one_hot(labels)], dim=1)
        return Output(self.decode_raw(code), code, self.activate, mu, logvar)

    def batch_loss(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """The loss of a training step. Labels that are not given are inferred."""
        return self.loss(self(x, labels), x)

    def divergence(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """KL(q(z|x, y) ‖ N(0, I)) + log classes: the prior of the label is uniform, so −ELBO bounds −log p(x)."""
        count = self.config.latent_dim
        return super().divergence(mu[:, :count], logvar[:, :count]) + math.log(self.config.classes)

    @torch.no_grad()
    def measure(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Metrics with the inferred labels; if the true `labels` are given, also `label_accuracy`, 1 or 0."""
        measured = super().measure(x)
        if labels is not None:
            measured["label_accuracy"] = (self.infer_labels(x) == labels).float()
        return measured

    def sample(self, count: int, temperature: float = 1.0) -> Tensor:
        """`(count, C, H, W)` pictures: labels are drawn uniformly, z from N(0, temperature² I)."""
        device = next(self.parameters()).device
        z = temperature * torch.randn(count, self.config.latent_dim, device=device)
        return self.decode_as(z, torch.randint(self.config.classes, (count,), device=device))

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        for label, shape in super().layers():
            yield label, (shape[0] + self.config.classes,) if label == "code" else shape
