"""Building blocks shared by several families: a multilayer perceptron, residual blocks, a small U-Net.

The residual block is the pre-activation one, x + W₂ φ(W₁ φ(norm x)) (He et al., 2016, "Identity Mappings in
Deep Residual Networks"), with group normalisation (Wu and He, 2018); the U-Net sums its skips instead of
concatenating them (Ronneberger et al., 2015).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd


def build_mlp(sizes: Sequence[int], dropout: float = 0.0) -> nn.Sequential:
    """Linear layers of the given sizes with SiLU between them, `(B, sizes[0])` to `(B, sizes[-1])`."""
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        linear = nn.Linear(a, b)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu" if i < len(sizes) - 2 else "linear")
        nn.init.zeros_(linear.bias)
        layers.append(linear)
        if i < len(sizes) - 2:
            layers.append(nn.SiLU())
            if dropout:
                layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


def hidden_layers(mlp: nn.Sequential) -> Iterator[nn.Module]:
    """The activations of the hidden layers of `build_mlp`."""
    return (module for module in mlp if isinstance(module, nn.SiLU))


def pad_to_multiple(x: Tensor, factor: int) -> Tensor:
    """Pad `(B, C, H, W)` at the right and bottom, repeating the edge, until H and W are multiples of `factor`."""
    height, width = x.shape[-2:]
    right, lower = -width % factor, -height % factor
    return F.pad(x, (0, right, 0, lower), mode="replicate") if right or lower else x


def scale_shapes(input_shape: Sequence[int], patch: int, channels: Sequence[int]) -> list[tuple[int, int, int]]:
    """The shape (C, h, w) at each scale, finest first, for pictures of `input_shape` (C, H, W)."""
    _, height, width = input_shape
    return [(c, -(-height // (patch * 2**i)), -(-width // (patch * 2**i))) for i, c in enumerate(channels)]


def convolution_reach(patch: int, scales: int, blocks: int) -> int:
    """Upper bound of the receptive field's radius, in pixels, of an encoder and decoder with `scales` resolutions.

    Each 3 × 3 convolution extends it by one position of its scale: two in each of the `blocks` residual blocks of
    encoder and decoder, and the first and the last convolution. The coarsest scale adds its own size.
    """
    sizes: list[int] = [patch * 2**i for i in range(scales)]
    return 2 * patch + 4 * blocks * sum(sizes) + sizes[-1] - 1


def zero_bias(layer: _ConvNd) -> None:
    """Set the layer's bias, which it must have, to zero."""
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions with a skip connection; small initial weights make a deep stack start near the identity."""

    def __init__(self, channels: int, norm: bool = True) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(max(1, channels // 8), channels) if norm else nn.Identity()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.normal_(self.conv2.weight, std=0.1 * (9 * channels) ** -0.5)
        zero_bias(self.conv2)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(self.norm(x)))))


def build_blocks(channels: int, count: int, norm: bool = True) -> nn.Sequential:
    """`count` residual blocks in sequence."""
    return nn.Sequential(*[ResidualBlock(channels, norm) for _ in range(count)])


class UNet(nn.Module):
    """A U-Net with summed skip connections, `(B, channels[0], H, W)` to the same shape, for any H and W.

    Each further entry of `channels` halves the resolution; odd sizes are padded at each level.
    """

    def __init__(self, channels: Sequence[int], blocks: int, norm: bool = False) -> None:
        super().__init__()
        pairs = list(pairwise(channels))
        self.down_blocks = nn.ModuleList(build_blocks(a, blocks, norm) for a, _ in pairs)
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.bottom = build_blocks(channels[-1], 2 * blocks, norm)
        self.ups = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairs)
        self.up_blocks = nn.ModuleList(build_blocks(a, blocks, norm) for a, _ in pairs)

    def scales(self) -> Iterator[nn.Module]:
        """The blocks of each scale, on the way down and then on the way up."""
        yield from self.down_blocks
        yield self.bottom
        yield from reversed(self.up_blocks)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for block, down in zip(self.down_blocks, self.downs, strict=True):
            x = block(x)
            skips.append(x)
            x = down(pad_to_multiple(x, 2))
        x = self.bottom(x)
        for up, block in zip(reversed(self.ups), reversed(self.up_blocks), strict=True):
            skip = skips.pop()
            x = block(up(x)[..., : skip.shape[-2], : skip.shape[-1]] + skip)
        return x
