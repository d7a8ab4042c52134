"""The colorizing autoencoder: from the lightness L of a picture it predicts the colour channels a and b.

A picture has many plausible colourings, and their mean is brown. So the colour of each position is classified over bins
of the ab plane. The loss is the cross-entropy with softly assigned bins, in which rare colours have larger weights,
plus the distance between the true and the expected colour. The prediction is the annealed mean, E[ab] under
softmax(logits / T) (Zhang et al., 2016, "Colorful Image Colorization", equations 2 to 5). Where the standard deviation
σ of ab under softmax(logits) is above s, the model is uncertain, and the mean is scaled by (s / σ)².

Hints, colours that the user knows, are a second input: the ab of some positions, and a mask of these positions. In
training, the true colours of random positions are given (Zhang et al., 2017, "Real-Time User-Guided Image Colorization
with Learned Deep Priors"). L itself is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import ConfigError, ShapeError
from ..functional import color, metrics
from .base import Autoencoder, Config, Output
from .blocks import UNet, pad_to_multiple, scale_shapes, zero_bias
from .options import option

AB_RANGE = 128.0  # a and b of sRGB colours lie within ±128


@dataclass(frozen=True, kw_only=True)
class ColorizationConfig(Config):
    """Widths of the U-Net, size and weights of the bins, and strength of the colours."""

    input_shape: tuple[int, ...] = option((3, 64, 64), "shape of one picture: C H W", minimum=1, length=(3, 3))
    loss: str = option("cross_entropy", "classification over bins of ab", choices=("cross_entropy",))
    channels: tuple[int, ...] = option(
        (48, 96, 128, 192), "channels at each scale, finest first", minimum=1, maximum=1024, length=(1, 8)
    )
    blocks: int = option(1, "residual blocks at each scale, twice as many at the coarsest", minimum=1, maximum=16)
    bin_size: float = option(12.0, "side of a bin in units of ab", minimum=4.0, maximum=40.0)
    rarity: float = option(
        0.5, "0: all colours have equal weight; 1: weights are inverse to their frequency", minimum=0.0, maximum=1.0
    )
    mean_weight: float = option(
        2.0, "weight of the distance between true and expected colour", minimum=0.0, maximum=100.0
    )
    temperature: float = option(
        0.5, "T of the annealed mean: vivid if small; 1: the plain mean", minimum=0.05, maximum=1.0
    )
    saturation: float = option(
        1.0, "factor of the annealed mean: below 1, colours are less saturated", minimum=0.0, maximum=2.0
    )
    hints: float = option(
        0.0,
        "share of the training pictures with some true colours given; 0: no input for hints",
        minimum=0.0,
        maximum=1.0,
    )
    doubt: float = option(
        200.0,
        "s: standard deviation of ab above which colours are less saturated; 200: never",
        minimum=1.0,
        maximum=200.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input_shape[0] != 3:
            raise ConfigError(
                "input_shape is {shape}; colorization learns from colour pictures, (3, H, W). Give such.",
                shape=self.input_shape,
            )


class ColorizationAutoencoder(Autoencoder):
    """RGB or grey `(B, 3 or 1, H, W)` of any size to a map `(B, channels[0], ⌈H/2⌉, ⌈W/2⌉)` and to colour."""

    Config = ColorizationConfig
    family = "colorization"
    task = "colorize"
    output = "linear"
    config: ColorizationConfig
    bins: Tensor
    grid: Tensor
    bin_weights: Tensor

    def __init__(self, config: ColorizationConfig) -> None:
        super().__init__(config)
        self.register_buffer("bins", _gamut_bins(config.bin_size), persistent=False)  # (Q, 2)
        self.register_buffer("grid", _nearest_bins(self.bins, config.bin_size), persistent=False)  # (n, n)
        self.register_buffer("bin_weights", torch.ones(len(self.bins)))
        first = config.channels[0]
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(4, first, 3, padding=1), UNet(config.channels, config.blocks, norm=True)
        )
        self.hint_input = nn.Conv2d(3, first, 3, padding=1) if config.hints else None
        if self.hint_input is not None:  # starts at zero, so that a model without hints can be trained further
            nn.init.zeros_(self.hint_input.weight)
            zero_bias(self.hint_input)
        self.decoder = nn.Sequential(nn.ReLU(), nn.Conv2d(first, len(self.bins), 1))

    @classmethod
    def takes(cls, sample_shape: tuple[int, ...]) -> bool:
        return len(sample_shape) == 3 and sample_shape[0] == 3  # training needs colours

    @property
    def takes_hints(self) -> bool:
        """Whether hints are an input; see `forward`."""
        return self.hint_input is not None

    def encode(self, x: Tensor) -> Tensor:
        """Pictures `(B, 3 or 1, H, W)` in [0, 1] to a map `(B, channels[0], ⌈H/2⌉, ⌈W/2⌉)`; only L is used."""
        return self._encode(_lightness(x) / 100)

    def _encode(self, x: Tensor) -> Tensor:
        """`(B, 1 or 4, H, W)` to a map: the lightness in [0, 1], then a / 128, b / 128 and the mask of the hints."""
        x = pad_to_multiple(x, 2)
        unshuffle, first, unet = self.encoder
        h = first(unshuffle(x[:, :1] - 0.5))  # (B, channels[0], H / 2, W / 2)
        if self.hint_input is not None and x.shape[1] == 4:
            mask = x[:, 3:]
            share = F.avg_pool2d(mask, 2)
            ab = F.avg_pool2d(x[:, 1:3] * mask, 2) / share.clamp(min=0.25)
            h = h + self.hint_input(torch.cat([ab, (share > 0).to(ab.dtype)], dim=1))
        return unet(h)

    def decode_raw(self, z: Tensor) -> Tensor:
        """A map to the logits of the bins, `(B, Q, h, w)`."""
        return self.decoder(z)

    def expected_ab(self, raw: Tensor, temperature: float | None = None) -> Tensor:
        """Logits `(B, Q, h, w)` to the annealed mean of ab `(B, 2, h, w)` in units of CIELAB.

        It is scaled by `saturation`, and lowered where the model is uncertain.
        """
        with torch.autocast(raw.device.type, enabled=False):
            annealed = (raw.float() / (temperature or self.config.temperature)).softmax(1)
            ab = self.config.saturation * torch.einsum("bqhw,qc->bchw", annealed, self.bins)
            return ab * (self.config.doubt**2 / self.variance(raw)).clamp(max=1)

    def variance(self, raw: Tensor) -> Tensor:
        """The model's uncertainty σ² `(B, 1, h, w)`: the trace of the covariance of ab under softmax(logits)."""
        p = raw.float().softmax(1)
        moments = torch.cat([self.bins, self.bins.square().sum(1, keepdim=True)], dim=1)  # (Q, 3): a, b, a² + b²
        a, b, square = torch.einsum("bqhw,qc->bchw", p, moments).unbind(1)
        return (square - a.square() - b.square()).clamp(min=1e-6)[:, None]

    def activate(self, raw: Tensor) -> Tensor:
        """Logits to ab at twice their resolution, scaled into [0, 1]: `(B, 2, 2h, 2w)`."""
        ab = F.interpolate(self.expected_ab(raw), scale_factor=2, mode="bilinear", align_corners=False)
        return (ab / (2 * AB_RANGE) + 0.5).clamp(0, 1)

    def forward(self, x: Tensor) -> Output:
        """`x` `(B, 1 or 4, H, W)` as from `prepare`: lightness in [0, 1] and hints. `x_hat` is ab scaled to [0, 1]."""
        z = self._encode(x)
        return Output(self.decode_raw(z), z, lambda raw: self.activate(raw)[..., : x.shape[-2], : x.shape[-1]])

    def predict_bins(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Logits `(B, Q, h, w)`, averaged over the picture and its mirror image, and the picture's map.

        `lightness` `(B, 1 or 4, H, W)` may include hints; see `forward`.
        """
        z = self._encode(lightness)
        mirrored = self.decode_raw(self._encode(lightness.flip(3))).flip(3)
        return (self.decode_raw(z) + mirrored) / 2, z

    def predict_ab(self, lightness: Tensor) -> Tensor:
        """L / 100 `(B, 1, H, W)` to ab `(B, 2, H, W)` in units of CIELAB."""
        x_hat = self.activate(self.predict_bins(lightness)[0])
        return (x_hat[..., : lightness.shape[-2], : lightness.shape[-1]] - 0.5) * 2 * AB_RANGE

    def reconstruct(self, x: Tensor) -> Tensor:
        """`x` `(B, 3 or 1, H, W)` in [0, 1] to RGB `(B, 3, H, W)` with the lightness of `x` and predicted colours."""
        lightness = _lightness(x)
        return color.lab_to_rgb(torch.cat([lightness, self.predict_ab(lightness / 100)], dim=1))

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The lightness in [0, 1], with hints if the model takes them, and the true ab at half resolution."""
        lab = color.rgb_to_lab(x)
        given = lab[:, :1] / 100
        if self.hint_input is not None:
            given = torch.cat([given, self._random_hints(lab[:, 1:] / AB_RANGE)], dim=1)
        return given, F.avg_pool2d(pad_to_multiple(lab[:, 1:], 2), 2)

    def _random_hints(self, ab: Tensor) -> Tensor:
        """True colours at random positions, in a share `hints` of the pictures: ab and mask, `(B, 3, H, W)`.

        Their number is approximately geometric with mean 8. Half the pictures have points, half have 3 × 3 squares of
        their mean colour; one picture in a hundred has hints everywhere.
        """
        count, device = len(ab), ab.device
        number = torch.empty(count, device=device).geometric_(1 / 8)
        number = number * (torch.rand(count, device=device) < self.config.hints)
        number = torch.where(torch.rand(count, device=device) < 0.01, torch.full_like(number, 1e9), number)
        density = (number / ab[0, 0].numel()).view(-1, 1, 1, 1)
        mask = (torch.rand(count, 1, *ab.shape[2:], device=device) < density).to(ab.dtype)
        square = (torch.rand(count, 1, 1, 1, device=device) < 0.5).to(ab.dtype)
        mask = torch.maximum(mask, square * F.max_pool2d(mask, 3, 1, 1))
        mean = F.avg_pool2d(ab, 3, 1, 1, count_include_pad=False)
        return torch.cat([(ab + square * (mean - ab)) * mask, mask], dim=1)

    def fit_statistics(self, x: Tensor) -> None:
        """Weight the bins by the rarity of their colours in the pictures `x` (Zhang et al., 2016, equation 4)."""
        index, share = self._soft_bins(self.prepare(x)[1])
        frequency = torch.zeros(len(self.bins), device=x.device).index_add(0, index.flatten(), share.flatten())
        frequency = 0.98 * frequency / frequency.sum() + 0.02 / len(self.bins)
        weights = 1 / ((1 - self.config.rarity) / len(self.bins) + self.config.rarity * frequency)
        self.bin_weights.copy_(weights / (weights * frequency).sum())

    def _soft_bins(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """The four bins around each colour of `(B, 2, h, w)`, and their bilinear weights: both `(B·h·w, 4)`."""
        position = ab.float().permute(0, 2, 3, 1).reshape(-1, 2) / self.config.bin_size + self.grid.shape[0] // 2
        position = position.clamp(0, self.grid.shape[0] - 1.001)  # in units of the grid
        low = position.floor()
        (a, b), (up_a, up_b) = low.long().T, (position - low).T
        index = torch.stack([self.grid[a + i, b + j] for i in (0, 1) for j in (0, 1)], dim=1)
        share = [(up_a if i else 1 - up_a) * (up_b if j else 1 - up_b) for i in (0, 1) for j in (0, 1)]
        return index, torch.stack(share, dim=1)

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        logits = output.raw.float().permute(0, 2, 3, 1).flatten(0, 2)  # (B·h·w, Q): four times faster with bins last
        log_p = logits.log_softmax(1)
        index, share = self._soft_bins(target)
        weight = (self.bin_weights[index] * share).sum(1)
        cross_entropy = -((log_p.gather(1, index) * share).sum(1) * weight).mean()
        ab = target.float().permute(0, 2, 3, 1).flatten(0, 2)
        with torch.autocast(ab.device.type, enabled=False):  # bfloat16 is too coarse for colours
            distance = F.smooth_l1_loss(log_p.exp() @ self.bins / 20, ab / 20)
        loss = cross_entropy + self.config.mean_weight * distance
        return {"loss": loss, "cross_entropy": cross_entropy, "distance": distance}

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """PSNR is limited to 50 dB, so that grey photographs, reproduced exactly, do not dominate its mean."""
        x_hat = self.reconstruct(x)
        return {
            "mse": metrics.mse(x_hat, x),
            "psnr": metrics.psnr(x_hat, x).clamp(max=50),
            "ssim": metrics.ssim(x_hat, x),
            "colourfulness": metrics.colourfulness(x_hat),
            "colourfulness_truth": metrics.colourfulness(x),
            "psnr_grey": metrics.psnr(color.lab_to_rgb(_grey_lab(x)), x).clamp(max=50),
        }

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        _, height, width = self.config.input_shape
        scales = scale_shapes(self.config.input_shape, 2, self.config.channels)
        yield "input", (1, height, width)
        yield from (("conv", scale) for scale in scales)
        yield from (("conv", scale) for scale in reversed(scales[:-1]))
        yield "code", scales[0]
        yield "bins", (len(self.bins), *scales[0][1:])
        yield "output", (2, height, width)

    def layer_modules(self) -> Iterator[nn.Module]:
        unet = self.encoder[-1]
        assert isinstance(unet, UNet)
        yield from unet.scales()
        yield self.decoder


def _lightness(x: Tensor) -> Tensor:
    """L of `(B, 3 or 1, H, W)` pictures, `(B, 1, H, W)` in [0, 100]."""
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise ShapeError("A colorization model takes (B, 3 or 1, H, W), but was given {given}.", given=tuple(x.shape))
    return color.rgb_to_lab(x.expand(-1, 3, -1, -1))[:, :1]


def _grey_lab(x: Tensor) -> Tensor:
    lightness = _lightness(x)
    return torch.cat([lightness, torch.zeros_like(lightness), torch.zeros_like(lightness)], dim=1)


def _gamut_bins(size: float) -> Tensor:
    """Centres `(Q, 2)` of the squares of the ab plane that contain sRGB colours."""
    steps = torch.linspace(0, 1, 24, device="cpu")  # explicit, since checkpoints are built on the meta device
    cube = torch.cartesian_prod(steps, steps, steps).T.reshape(1, 3, -1, 1)  # (1, 3, 24³, 1)
    ab = color.rgb_to_lab(cube)[0, 1:, :, 0].T
    return (ab / size).round().unique(dim=0) * size


def _nearest_bins(bins: Tensor, size: float) -> Tensor:
    """The index of the nearest bin for each point `(n, n)` of a grid over the ab plane, centred on grey."""
    reach = int(AB_RANGE // size) + 1
    steps = torch.arange(-reach, reach + 1, device=bins.device) * size
    points = torch.cartesian_prod(steps, steps)
    return torch.cdist(points, bins).argmin(1).view(len(steps), len(steps))
