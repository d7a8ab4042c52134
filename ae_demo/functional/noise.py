"""Seeded noise for denoising autoencoders: Gaussian, grain, dropout, mask and salt-and-pepper, alone and mixed.

    gaussian         x̃ = clip(x + σ ε),  ε ~ N(0, 1)
    grain            x̃ = clip(x + σ (√(1 - c²) ε + c ε')),  ε' of half the resolution, c ~ U(0, 1)
    dropout          x̃ = clip(x m / (1 - p)),  m ~ Bernoulli(1 - p)
    mask             x̃ = x m,  m ~ Bernoulli(1 - p)
    salt and pepper  x̃ = 0 or 1 with probability p / 2 each, else x

Vincent et al., 2010, "Stacked Denoising Autoencoders", section 3.3; Srivastava et al., 2014, "Dropout".

Pictures `x` are `(B, C, H, W)` in [0, 1]; the result has the same shape, range and dtype. A level is a number in
[0, 1], or a tensor `(B, 1, 1, 1)` with one for each picture. With `per_channel=False` the channels of a pixel share
one random number. `generator` may be on another device than `x`: its numbers are moved, so a seeded CPU generator gives
the same noise on every device; the default is PyTorch's global generator. All functions raise `ConfigError` for a level
out of range and `ShapeError` for an `x` that is not a batch of floats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Real

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ..errors import ConfigError, ShapeError

Level = float | Tensor


def gaussian(x: Tensor, sigma: Level, *, generator: Generator | None = None, per_channel: bool = True) -> Tensor:
    """Add normal noise of standard deviation `sigma` (in the scale of [0, 1]), then clip to [0, 1]."""
    sigma = _level_for(x, "gaussian", sigma)
    noise = _draw(torch.randn, x, per_channel, generator)
    return (x + sigma * noise).clamp(0, 1).to(x.dtype)


def grain(x: Tensor, sigma: Level, *, generator: Generator | None = None, per_channel: bool = True) -> Tensor:
    """Add spatially correlated noise of standard deviation `sigma`, similar to that of cameras and JPEG; then clip.

    A random share of it, between none and all, is coarse: white noise of half the resolution, upsampled.
    """
    sigma = _level_for(x, "grain", sigma)
    height, width = x.shape[-2:]
    fine = _draw(torch.randn, x, per_channel, generator)
    coarse = _draw(torch.randn, x[..., : height // 2 + 1, : width // 2 + 1], per_channel, generator)
    coarse = F.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    coarse = coarse / coarse.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-6)
    share = _draw(torch.rand, x[..., :1, :1], False, generator)
    return (x + sigma * ((1 - share.square()).sqrt() * fine + share * coarse)).clamp(0, 1).to(x.dtype)


def salt_and_pepper(
    x: Tensor, amount: Level, *, generator: Generator | None = None, per_channel: bool = False
) -> Tensor:
    """Replace each pixel with probability `amount`, by 0 or 1 with equal probability."""
    amount = _level_for(x, "salt_and_pepper", amount)
    u = _draw(torch.rand, x, per_channel, generator)
    return x.masked_fill(u < amount / 2, 0).masked_fill(u >= 1 - amount / 2, 1)


def mask(x: Tensor, amount: Level, *, generator: Generator | None = None, per_channel: bool = False) -> Tensor:
    """Set each pixel to 0 with probability `amount`."""
    amount = _level_for(x, "mask", amount)
    return x.masked_fill(_draw(torch.rand, x, per_channel, generator) < amount, 0)


def dropout(x: Tensor, amount: Level, *, generator: Generator | None = None, per_channel: bool = False) -> Tensor:
    """Set each pixel to 0 with probability `amount`, scale the others by 1 / (1 - amount), clip to [0, 1]."""
    amount = torch.as_tensor(_level_for(x, "dropout", amount), dtype=torch.float32)
    dropped = _draw(torch.rand, x, per_channel, generator) < amount
    survivors = x / (1 - amount).clamp(min=1e-6)  # at amount 1 all are dropped: only avoid 0 / 0
    return survivors.clamp(0, 1).masked_fill(dropped, 0).to(x.dtype)


@dataclass(frozen=True)
class Noise:
    """Levels of each kind of noise in [0, 1], numbers or tensors `(B, 1, 1, 1)`. Raises `ConfigError` for others.

    `per_channel` is for dropout, mask and salt-and-pepper; Gaussian noise and grain always differ between channels.
    """

    gaussian: Level = 0.0
    salt_and_pepper: Level = 0.0
    mask: Level = 0.0
    dropout: Level = 0.0
    grain: Level = 0.0
    per_channel: bool = False

    def __post_init__(self) -> None:
        for name in _KINDS:
            _check_range(name, getattr(self, name))


# In the order of application, with the probability that a kind is present when noise is drawn for training.
_KINDS: dict[str, tuple[Callable[..., Tensor], float]] = {
    "gaussian": (gaussian, 0.8),
    "dropout": (dropout, 0.15),
    "mask": (mask, 0.35),
    "salt_and_pepper": (salt_and_pepper, 0.35),
    "grain": (grain, 0.2),
}
_CLEAN_SHARE = 0.05
_SINGLE_SHARE = 0.6  # of the noisy pictures: with one kind of noise; the others get a mixture


def corrupt(x: Tensor, noise: Noise, *, seed: int | None = None, generator: Generator | None = None) -> Tensor:
    """Apply `noise` to `x`: Gaussian, dropout, mask, salt-and-pepper, then grain; kinds at level 0 are skipped.

    The same `seed` gives the same noise on every device. Each kind has a random stream of its own, so that changing
    one level does not change the noise of the others. Raises `ConfigError` if both `seed` and `generator` are given.
    """
    if seed is not None and generator is not None:
        raise ConfigError(
            "Both seed={seed} and a generator were given; allowed is one of them. Leave one out.", seed=seed
        )
    for number, (name, (apply, _)) in enumerate(_KINDS.items()):
        level = getattr(noise, name)
        if isinstance(level, Real) and level == 0:
            continue
        if seed is not None:
            generator = Generator().manual_seed((len(_KINDS) * seed + number) % 2**63)
        channels = {} if name in ("gaussian", "grain") else {"per_channel": noise.per_channel}
        x = apply(x, level, generator=generator, **channels)
    return x


def random_noise(batch: int, maxima: Noise, generator: Generator | None = None) -> Noise:
    """Draw levels `(batch, 1, 1, 1)` of the noise of each picture, for training a blind denoiser.

    5 % of the pictures stay clean; of the others, 60 % get one kind, drawn with the probabilities in `_KINDS`, and 40 %
    a mixture, in which each kind is present with that probability, and at least one is. Levels are uniform in
    [0, maximum]; kinds with a maximum of 0 stay 0.0. The levels are on the device of `generator`, by default the CPU.
    Raises `ConfigError` if `maxima` holds tensors.
    """
    top = {name: getattr(maxima, name) for name in _KINDS}
    if any(isinstance(level, Tensor) for level in top.values()):
        raise ConfigError("A maximum of the noise is a tensor; allowed are numbers from 0 to 1. Give numbers.")
    names = [name for name, level in top.items() if level > 0]
    if not names or not batch:
        return Noise(per_channel=maxima.per_channel)
    device = generator.device if generator is not None else torch.device("cpu")
    rand = partial(torch.rand, generator=generator, device=device)
    shares = torch.tensor([_KINDS[name][1] for name in names], device=device)
    present = rand(batch, len(names)) < shares
    single = (rand(batch) < _SINGLE_SHARE) | ~present.any(dim=1)
    one = torch.multinomial(shares, batch, replacement=True, generator=generator)
    present[single] = F.one_hot(one, len(names))[single].bool()
    present &= rand(batch, 1) >= _CLEAN_SHARE
    maximum = torch.tensor([float(top[name]) for name in names], device=device)
    levels = present * maximum * rand(batch, len(names))  # (B, kinds)
    drawn = {name: levels[:, i].view(batch, 1, 1, 1) for i, name in enumerate(names)}
    return Noise(**drawn, per_channel=maxima.per_channel)


def _draw(sample: Callable[..., Tensor], x: Tensor, per_channel: bool, generator: Generator | None) -> Tensor:
    """`torch.rand` or `torch.randn` of the shape of `x`, with one channel unless `per_channel`."""
    shape = x.shape if per_channel else (x.shape[0], 1, *x.shape[2:])
    device = x.device if generator is None else generator.device
    return sample(shape, generator=generator, device=device).to(x.device)


def _level_for(x: Tensor, name: str, level: Level) -> Level:
    """`level`, validated and moved to the device of `x`."""
    if x.ndim != 4 or not x.is_floating_point():
        raise ShapeError(
            "Noise cannot be added to a {dtype} tensor of shape {shape}; give floating-point pictures "
            "(B, C, H, W) in [0, 1]. Divide bytes by 255, and add missing dimensions.",
            dtype=x.dtype,
            shape=tuple(x.shape),
        )
    _check_range(name, level)
    if not isinstance(level, Tensor):
        return float(level)
    if level.ndim and (level.shape[1:] != (1, 1, 1) or level.shape[0] not in (1, x.shape[0])):
        raise ConfigError(
            "The levels of {name} have shape {shape}; for this batch they must have ({batch}, 1, 1, 1). Use "
            "levels.view(-1, 1, 1, 1).",
            name=name,
            shape=tuple(level.shape),
            batch=x.shape[0],
        )
    return level.to(x.device, torch.float32)


def _check_range(name: str, level: Level) -> None:
    """Raise `ConfigError` unless every level lies in [0, 1]; NaN does not."""
    if isinstance(level, Tensor):
        fine = bool(((level >= 0) & (level <= 1)).all())
    else:
        fine = isinstance(level, Real) and 0 <= level <= 1
    if not fine:
        given = level.flatten().tolist() if isinstance(level, Tensor) else level
        raise ConfigError("The level of {name} is {given!r}; allowed is 0 (none) to 1.", name=name, given=given)
