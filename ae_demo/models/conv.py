"""The convolutional autoencoder: residual convolutions at several scales, for pictures of any size.

Pixel unshuffle turns squares of `patch` × `patch` pixels into channels; each further scale halves the resolution.
With `latent_dim` > 0 a linear layer computes a code of that many numbers, for pictures of one size; with
`latent_dim` = 0 the code is a map of `code_channels` at the coarsest scale, and pictures may have any size.

`nested` trains with nested dropout: only the first k channels of the map are kept, with k drawn for each picture, which
orders the channels by importance, as in PCA (Rippel et al., 2014, "Learning Ordered Representations with Nested
Dropout"). `linear_path` adds z = … + P x and x̂ = … + Q z, where P and Q are initialised as PCA of the patches and the
network's output as zero, so that training starts from the optimal linear code (Baldi and Hornik, 1989).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import ConfigError
from ..functional import metrics
from .base import Autoencoder, FullyConvolutionalConfig, Output
from .blocks import build_blocks, convolution_reach, pad_to_multiple, scale_shapes, zero_bias
from .options import option


@dataclass(frozen=True, kw_only=True)
class ConvConfig(FullyConvolutionalConfig):
    """Widths and depths of a convolutional autoencoder; the decoder mirrors the encoder."""

    input_shape: tuple[int, ...] = option((1, 28, 28), "shape of one picture: C H W", minimum=1, length=(3, 3))
    channels: tuple[int, ...] = option(
        (32, 64), "channels at each scale, finest first", minimum=1, maximum=2048, length=(1, 8)
    )
    blocks: int = option(2, "residual blocks at each scale", minimum=0, maximum=32)
    patch: int = option(2, "side of the squares of pixels that become channels", minimum=1, maximum=32)
    latent_dim: int = option(32, "numbers in the code; 0: a map, for pictures of any size", minimum=0, maximum=65536)
    code_channels: int = option(32, "channels of the code if it is a map", minimum=1, maximum=2048)
    output: str = option(
        "sigmoid", "activation of the output layer; linear suits photographs", choices=("sigmoid", "linear")
    )
    nested: bool = option(False, "order the map's channels by nested dropout")
    nested_counts: tuple[int, ...] = option(
        (), "with nested: most frequent numbers of channels; empty: 4 8 16 … all", minimum=1, maximum=2048
    )
    linear_path: bool = option(False, "a linear path beside the network, initialised as PCA of the patches")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss == "bce" and self.output == "linear":
            raise ConfigError("The loss bce needs a sigmoid output: set output to sigmoid, or choose another loss.")
        if self.nested and self.latent_dim:
            raise ConfigError("nested orders the channels of a map: set latent_dim to 0 with it.")
        if self.nested_counts and (not self.nested or max(self.nested_counts) > self.code_channels):
            raise ConfigError(
                "nested_counts needs nested, and counts up to code_channels ({channels}).", channels=self.code_channels
            )
        if self.linear_path and (self.latent_dim or self.output == "sigmoid"):
            raise ConfigError("linear_path needs a map and a linear output: set latent_dim to 0, output to linear.")
        if self.factor > max(64, 2 * max(self.input_shape[1:])):
            raise ConfigError(
                "patch {patch} and {scales} scales reduce the resolution by {factor}, too much for pictures of "
                "{shape}: choose a smaller patch or fewer entries in channels.",
                patch=self.patch,
                scales=len(self.channels),
                factor=self.factor,
                shape=self.input_shape[1:],
            )
        numbers = self.input_shape[0] * self.factor**2
        if self.linear_path and self.code_channels > numbers:
            raise ConfigError(
                "code_channels is {channels}, but PCA of these patches has {numbers}.",
                channels=self.code_channels,
                numbers=numbers,
            )

    @property
    def factor(self) -> int:
        """Downsampling factor of the coarsest scale."""
        return self.patch * 2 ** (len(self.channels) - 1)

    @property
    def code_stride(self) -> int:
        """Downsampling factor of the code map."""
        return self.factor

    @property
    def reach(self) -> int:
        """Upper bound of the receptive field's radius of encoder and decoder, in pixels."""
        return convolution_reach(self.patch, len(self.channels), self.blocks) + self.factor  # the code's convolution


class ConvAutoencoder(Autoencoder):
    """`(B, C, H, W)` to `(B, latent_dim)`, or to a map `(B, code_channels, h, w)`, and back to the same size."""

    Config = ConvConfig
    family = "conv"
    config: ConvConfig

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
        if config.output == "sigmoid":  # start at an unsaturated dark grey, where the gradient of mse does not vanish
            nn.init.normal_(last_conv.weight, std=0.1 * (9 * first) ** -0.5)
            assert last_conv.bias is not None
            nn.init.constant_(last_conv.bias, -2.0)
        up += [build_blocks(first, config.blocks, norm=False), last_conv]
        if config.latent_dim:
            features = last * self.grid[0] * self.grid[1]
            down += [nn.Flatten(), nn.Linear(features, config.latent_dim)]
            up = [nn.Linear(config.latent_dim, features), nn.Unflatten(1, (last, *self.grid)), *up]
        else:
            to_code = nn.Conv2d(last, config.code_channels, 1)
            down += [to_code]
            up = [nn.Conv2d(config.code_channels, last, 3, padding=1), *up]
            if config.linear_path:
                numbers = colors * config.factor**2
                self.linear_encoder = nn.Conv2d(numbers, config.code_channels, 1)
                self.linear_decoder = nn.Conv2d(config.code_channels, numbers, 1)
                for layer in (to_code, last_conv):  # the network's output starts as zero
                    nn.init.zeros_(layer.weight)
                    zero_bias(layer)
        self.encoder = nn.Sequential(*down)
        self.decoder = nn.Sequential(*up, nn.PixelShuffle(config.patch))

    def encode(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` in [0, 1] to `(B, latent_dim)`, or a map `(B, code_channels, ⌈H/factor⌉, ⌈W/factor⌉)`."""
        if self.config.latent_dim:
            self.check_input(x)
        else:
            self.check_channels(x)
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
        """Initialise the linear path, if there is one, as PCA of the patches of `x`, leading components first.

        Does nothing to a model that has been trained already.
        """
        if not self.config.linear_path or any(p.any() for p in self.encoder[-1].parameters()):
            return
        assert self.linear_encoder.bias is not None
        assert self.linear_decoder.bias is not None
        patches = F.pixel_unshuffle(pad_to_multiple(x, self.config.factor), self.config.factor)  # (B, C·factor², h, w)
        patches = patches.transpose(0, 1).flatten(1).T  # (N, C·factor²)
        mean = patches.mean(0)
        covariance = (patches - mean).T @ (patches - mean) / len(patches)
        _, vectors = torch.linalg.eigh(covariance.cpu())  # not implemented on MPS
        basis = vectors.to(x.device).flip(1).T[: self.config.code_channels]  # (code_channels, C·factor²)
        self.linear_encoder.weight.copy_(basis[..., None, None])
        self.linear_encoder.bias.copy_(-basis @ mean)
        self.linear_decoder.weight.copy_(basis.T[..., None, None])
        self.linear_decoder.bias.copy_(mean)

    def keep_channels(self, z: Tensor, count: int | Tensor) -> Tensor:
        """The map `(B, C, h, w)` with all but the first `count` channels set to zero; `count` may be `(B,)`."""
        index = torch.arange(z.shape[1], device=z.device)[None]  # (1, C)
        kept = index < torch.as_tensor(count, device=z.device).reshape(-1, 1)  # (B or 1, C)
        return z * kept[..., None, None]

    def _random_counts(self, z: Tensor) -> Tensor:
        """The number of channels to keep of each picture, `(B,)`.

        With probability 0.75 it is one of `nested_counts`; otherwise any number, log-uniform.
        """
        all_channels = z.shape[1]
        octaves = [*(k for k in (2**i for i in range(2, 16)) if k < all_channels), all_channels]
        counts = torch.tensor(self.config.nested_counts or octaves, device=z.device)
        any_count = (all_channels + 1) ** torch.rand(len(z), device=z.device) // 1
        chosen = counts[torch.randint(len(counts), (len(z),), device=z.device)]
        return torch.where(torch.rand(len(z), device=z.device) < 0.75, chosen, any_count)

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Adds, for a nested code, the PSNR with its first 4, 8, 16, … channels."""
        measured = super().measure(x)
        if self.config.nested:
            z = self.encode(x)
            for exponent in range(2, self.config.code_channels.bit_length()):
                x_hat = self.decode(self.keep_channels(z, 2**exponent))[..., : x.shape[-2], : x.shape[-1]]
                measured[f"psnr_{2**exponent}"] = metrics.psnr(x_hat, x)
        return measured

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        shape = self.config.input_shape
        scales = scale_shapes(shape, self.config.patch, self.config.channels)
        yield "input", shape
        yield from (("conv", scale) for scale in scales)
        yield "code", (self.config.latent_dim,) if self.config.latent_dim else (self.config.code_channels, *self.grid)
        yield from (("conv", scale) for scale in reversed(scales))
        yield "output", shape

    def layer_modules(self) -> Iterator[nn.Module]:
        for part in (self.encoder, self.decoder):  # the residual blocks of each scale
            yield from (module for module in part if isinstance(module, nn.Sequential))
