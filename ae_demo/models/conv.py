"""The convolutional autoencoder: residual convolutions at ever coarser scales, for pictures of any size.

A picture is cut into `patch` × `patch` squares (pixel unshuffle), which become channels; each further scale halves
the resolution. With `latent_dim` > 0 a linear layer makes a code of that many numbers for pictures of one size;
with `latent_dim` = 0 the code is a map of `code_channels` at the coarsest scale and the pictures may have any
size. `nested` trains with nested dropout, which keeps the first k channels of the map, k drawn anew for each
picture, and so orders them by importance, as PCA does (Rippel et al., 2014, "Learning Ordered Representations
with Nested Dropout"). `linear_path` adds z = … + P x and x̂ = … + Q z, begun as PCA of the patches with the network
silent, so that training starts from the best linear code (Baldi and Hornik, 1989) instead of from noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import ConfigError, ShapeError
from ..functional import metrics
from .base import Autoencoder, Config, Output, option
from .blocks import build_blocks, convolution_reach, pad_to_multiple


@dataclass(frozen=True, kw_only=True)
class ConvConfig(Config):
    """Widths and depths of a convolutional autoencoder; the decoder mirrors the encoder."""

    input_shape: tuple[int, ...] = option((1, 28, 28), "shape of one picture: C H W", minimum=1, length=(3, 3))
    channels: tuple[int, ...] = option(
        (32, 64), "channels at each scale, finest first", minimum=1, maximum=2048, length=(1, 8)
    )
    blocks: int = option(2, "residual blocks at each scale", minimum=0, maximum=32)
    patch: int = option(2, "pixels on a side that the first scale gathers", minimum=1, maximum=32)
    latent_dim: int = option(32, "numbers in the code; 0: a map, for any size", minimum=0, maximum=65536)
    code_channels: int = option(32, "channels of the code where it is a map", minimum=1, maximum=2048)
    output: str = option("sigmoid", "output activation; linear suits photographs", choices=("sigmoid", "linear"))
    nested: bool = option(False, "order the map's channels by nested dropout")
    nested_counts: tuple[int, ...] = option(
        (), "with nested: channels kept most often; none: 4 8 16 … all", minimum=1, maximum=2048
    )
    linear_path: bool = option(False, "a linear path beside the network, begun as PCA of the patches")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss == "bce" and self.output == "linear":
            raise ConfigError("The loss bce needs a sigmoid output: set output to sigmoid, or choose another loss.")
        if self.nested and self.latent_dim:
            raise ConfigError("nested orders the channels of a map: set latent_dim to 0 with it.")
        if self.nested_counts and (not self.nested or max(self.nested_counts) > self.code_channels):
            raise ConfigError(f"nested_counts needs nested, and counts up to code_channels ({self.code_channels}).")
        if self.linear_path and (self.latent_dim or self.output == "sigmoid"):
            raise ConfigError("linear_path needs a map and a linear output: set latent_dim to 0, output to linear.")
        if self.factor > max(64, 2 * max(self.input_shape[1:])):
            raise ConfigError(
                f"patch {self.patch} and {len(self.channels)} scales gather {self.factor} pixels on a side, far more "
                f"than the pictures have ({self.input_shape[1:]}): take a smaller patch or fewer channels."
            )
        numbers = self.input_shape[0] * self.factor**2
        if self.linear_path and self.code_channels > numbers:
            raise ConfigError(f"code_channels is {self.code_channels}, but PCA of these patches has {numbers}.")

    @property
    def factor(self) -> int:
        """Pixels on a side that one place of the coarsest scale stands for."""
        return self.patch * 2 ** (len(self.channels) - 1)

    @property
    def code_stride(self) -> int:
        """Pixels on a side that one place of the code stands for, where it is a map."""
        return self.factor

    @property
    def reach(self) -> int:
        """Pixels to each side, at most, that a pixel of the output depends on, where the code is a map."""
        return convolution_reach(self.patch, len(self.channels), self.blocks) + self.factor  # the code's convolution


class ConvAutoencoder(Autoencoder):
    """`(B, C, H, W)` to `(B, latent_dim)`, or to a map `(B, code_channels, h, w)`, and back to the same size."""

    Config = ConvConfig
    family = "conv"

    def __init__(self, config: ConvConfig) -> None:
        super().__init__(config)
        self.output = config.output
        colors, height, width = config.input_shape
        first, last = config.channels[0], config.channels[-1]
        self.grid = (-(-height // config.factor), -(-width // config.factor))  # the coarsest scale's h, w
        stem = nn.Conv2d(colors * config.patch**2, first, 3, padding=1)
        down: list[nn.Module] = [nn.PixelUnshuffle(config.patch), stem, build_blocks(first, config.blocks, norm=False)]
        up: list[nn.Module] = []
        for a, b in pairwise(config.channels):
            down += [nn.Conv2d(a, b, 2, stride=2), build_blocks(b, config.blocks, norm=False)]
            up = [build_blocks(b, config.blocks, norm=False), nn.ConvTranspose2d(b, a, 2, stride=2), *up]
        last_conv = nn.Conv2d(first, colors * config.patch**2, 3, padding=1)
        if config.output == "sigmoid":  # begin unsaturated, at a dark grey: elsewhere the gradient of mse dies early
            nn.init.normal_(last_conv.weight, std=0.1 * (9 * first) ** -0.5)
            nn.init.constant_(last_conv.bias, -2.0)
        up += [build_blocks(first, config.blocks, norm=False), last_conv]
        if config.latent_dim:
            places = last * self.grid[0] * self.grid[1]
            down += [nn.Flatten(), nn.Linear(places, config.latent_dim)]
            up = [nn.Linear(config.latent_dim, places), nn.Unflatten(1, (last, *self.grid)), *up]
        else:
            down += [nn.Conv2d(last, config.code_channels, 1)]
            up = [nn.Conv2d(config.code_channels, last, 3, padding=1), *up]
        if config.linear_path:
            numbers = colors * config.factor**2
            self.linear_encoder = nn.Conv2d(numbers, config.code_channels, 1)
            self.linear_decoder = nn.Conv2d(config.code_channels, numbers, 1)
            for layer in (down[-1], last_conv):  # the network begins silent
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
        self.encoder = nn.Sequential(*down)
        self.decoder = nn.Sequential(*up, nn.PixelShuffle(config.patch))

    def encode(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` in [0, 1] to `(B, latent_dim)`, or a map `(B, code_channels, ⌈H/factor⌉, ⌈W/factor⌉)`."""
        if self.config.latent_dim:
            self.check_input(x)
        elif x.ndim != 4 or x.shape[1] != self.config.input_shape[0]:
            raise ShapeError(
                f"This {self.family} model takes (B, {self.config.input_shape[0]}, H, W) of any size, "
                f"but was given {tuple(x.shape)}."
            )
        x = pad_to_multiple(x, self.config.factor)
        z = self.encoder(x)
        return z + self.linear_encoder(F.pixel_unshuffle(x, self.config.factor)) if self.config.linear_path else z

    def decode_raw(self, z: Tensor) -> Tensor:
        raw = self.decoder(z)
        if self.config.linear_path:
            raw = raw + F.pixel_shuffle(self.linear_decoder(z), self.config.factor)
        if self.config.latent_dim:
            raw = raw[..., : self.config.input_shape[1], : self.config.input_shape[2]]
        return raw

    def forward(self, x: Tensor) -> Output:
        z = self.encode(x)
        if self.config.nested and self.training:
            z = self.keep_channels(z, self._random_counts(z))
        raw = self.decode_raw(z)[..., : x.shape[-2], : x.shape[-1]]
        return Output(raw, z, self.activate)

    @torch.no_grad()
    def fit_statistics(self, x: Tensor) -> None:
        """Begin the linear path, if there is one, as PCA of the patches of `x`, leading components first.

        A model that has learnt already keeps its own.
        """
        if not self.config.linear_path or self.encoder[-1].weight.any():
            return
        patches = F.pixel_unshuffle(pad_to_multiple(x, self.config.factor), self.config.factor)
        patches = patches.transpose(0, 1).flatten(1).T  # (N, C·factor²)
        mean = patches.mean(0)
        covariance = (patches - mean).T @ (patches - mean) / len(patches)
        _, vectors = torch.linalg.eigh(covariance.cpu())  # Apple's GPU has no such kernel
        basis = vectors.to(x.device).flip(1).T[: self.config.code_channels]  # (code_channels, C·factor²)
        self.linear_encoder.weight.copy_(basis[..., None, None])
        self.linear_encoder.bias.copy_(-basis @ mean)
        self.linear_decoder.weight.copy_(basis.T[..., None, None])
        self.linear_decoder.bias.copy_(mean)

    def keep_channels(self, z: Tensor, count: int | Tensor) -> Tensor:
        """The map `(B, C, h, w)` with all but its first `count` channels zeroed; `count` may be `(B,)`."""
        index = torch.arange(z.shape[1], device=z.device)[None]  # (1, C)
        kept = index < torch.as_tensor(count, device=z.device).reshape(-1, 1)
        return z * kept[..., None, None]

    def _random_counts(self, z: Tensor) -> Tensor:
        """k for each picture: in three of four one of `nested_counts`, in one any, uniform in log k."""
        most = z.shape[1]
        octaves = [*(k for k in (2**i for i in range(2, 16)) if k < most), most]
        counts = torch.tensor(self.config.nested_counts or octaves, device=z.device)
        any_count = (most + 1) ** torch.rand(len(z), device=z.device) // 1
        chosen = counts[torch.randint(len(counts), (len(z),), device=z.device)]
        return torch.where(torch.rand(len(z), device=z.device) < 0.75, chosen, any_count)

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Of a nested code, also the PSNR with its first 4, 8, 16, … channels."""
        figures = super().measure(x)
        if self.config.nested:
            z = self.encode(x)
            for exponent in range(2, self.config.code_channels.bit_length()):
                x_hat = self.decode(self.keep_channels(z, 2**exponent))[..., : x.shape[-2], : x.shape[-1]]
                figures[f"psnr_{2**exponent}"] = metrics.psnr(x_hat, x)
        return figures

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        shape = self.config.input_shape
        scales = [
            (c, -(-shape[1] // (self.config.patch * 2**i)), -(-shape[2] // (self.config.patch * 2**i)))
            for i, c in enumerate(self.config.channels)
        ]
        yield "input", shape
        yield from (("conv", scale) for scale in scales)
        yield "code", (self.config.latent_dim,) if self.config.latent_dim else (self.config.code_channels, *self.grid)
        yield from (("conv", scale) for scale in reversed(scales))
        yield "output", shape
