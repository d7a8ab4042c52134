"""The dense autoencoder: every pixel is connected to every unit of the first layer.

z = f(x), x̂ = σ(g(z)) with multilayer perceptrons f and g, trained to minimise ‖x̂ − x‖²
(Hinton and Salakhutdinov, 2006, "Reducing the Dimensionality of Data with Neural Networks").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from ..errors import ConfigError
from .base import Autoencoder, Config
from .blocks import build_mlp, hidden_layers
from .options import option


@dataclass(frozen=True, kw_only=True)
class DenseConfig(Config):
    """Layer sizes of a dense autoencoder; the decoder mirrors the encoder."""

    hidden: tuple[int, ...] = option((1024, 512), "hidden layers of the encoder", minimum=1, maximum=8192)
    latent_dim: int = option(32, "numbers in the code", minimum=1, maximum=4096)
    output: str = option("sigmoid", "activation of the output layer", choices=("sigmoid", "linear"))
    dropout: float = option(0.0, "share of hidden units dropped in training", minimum=0.0, maximum=0.9)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss == "bce" and self.output == "linear":
            raise ConfigError("The loss bce needs a sigmoid output: set output to sigmoid, or choose another loss.")


class DenseAutoencoder(Autoencoder):
    """`(B, C, H, W)` to a code `(B, latent_dim)` and back."""

    Config = DenseConfig
    family = "dense"
    config: DenseConfig

    def __init__(self, config: DenseConfig) -> None:
        super().__init__(config)
        self.output = config.output
        sizes = (config.pixels, *config.hidden, config.latent_dim)
        self.encoder = build_mlp(sizes, config.dropout)
        self.decoder = build_mlp(sizes[::-1], config.dropout)

    def encode(self, x: Tensor) -> Tensor:
        self.check_input(x)
        return self.encoder(x.flatten(1))

    def decode_raw(self, z: Tensor) -> Tensor:
        return self.decoder(z).unflatten(1, self.config.input_shape)  # (B, C, H, W)

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield "input", self.config.input_shape
        for size in self.config.hidden:
            yield "linear", (size,)
        yield "code", (self.config.latent_dim,)
        for size in reversed(self.config.hidden):
            yield "linear", (size,)
        yield "output", self.config.input_shape

    def layer_modules(self) -> Iterator[nn.Module]:
        yield from hidden_layers(self.encoder)
        yield from hidden_layers(self.decoder)
