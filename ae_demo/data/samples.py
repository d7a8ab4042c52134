"""Pictures and sequences in memory, and the random patches and the augmentation of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from ..errors import Message, ShapeError

FIXED_PATCHES = 2048  # maximum number of patches in `train` and in `test` of a `PatchSamples`
_SCALES = (1, 1, 1, 1, 0.9, 0.8, 0.7, 0.6)  # of the picture from which a patch is cut, all equally likely


@dataclass(frozen=True)
class Samples:
    """Pictures or sequences in memory.

    train, test: uint8 (N, C, H, W) pictures, float32 (N, T, F) in [0, 1] series or int64 (N, T) symbols
    train_labels, test_labels: int64 (N,), indices into `classes`, or None
    notice: a message for the user, for example that a subset is used or files were skipped; or None
    """

    name: str
    train: torch.Tensor
    test: torch.Tensor
    train_labels: torch.Tensor | None = None
    test_labels: torch.Tensor | None = None
    classes: tuple[str, ...] = ()
    notice: Message | None = None

    def epoch(self, generator: torch.Generator) -> torch.Tensor:
        """The training samples of one epoch, in any order; here always `train`."""
        return self.train

    @property
    def epoch_size(self) -> int:
        """Number of samples in one epoch."""
        return len(self.train)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample, for example (1, 28, 28)."""
        return tuple(self.train.shape[1:])


@dataclass(frozen=True)
class PatchSamples(Samples):
    """Pictures of different sizes, from which each epoch draws random patches.

    pictures: uint8 (C, H, W) each, no side shorter than `patch`
    train, test: fixed patches on a regular grid, so that metrics are comparable between epochs
    patch: side of a patch in pixels
    """

    pictures: tuple[torch.Tensor, ...] = field(default=(), repr=False)
    patch: int = 64
    patches_per_epoch: int = 8192

    @property
    def epoch_size(self) -> int:
        """Number of samples in one epoch."""
        return self.patches_per_epoch

    def epoch(self, generator: torch.Generator) -> torch.Tensor:
        """Draw uint8 (patches_per_epoch, C, patch, patch).

        All pictures are equally likely. Half the patches are cut from a picture scaled down to 0.6 to 0.9, with
        antialiasing, if it is large enough; all are rotated and mirrored at random.
        """
        count, patch = self.patches_per_epoch, self.patch
        which = torch.randint(len(self.pictures), (count,), generator=generator).tolist()
        scale = torch.randint(len(_SCALES), (count,), generator=generator).tolist()
        position = torch.rand(count, 2, generator=generator).tolist()
        symmetry = torch.randint(8, (count,), generator=generator)
        by_side: dict[int, list[int]] = {}  # scaling batches of crops of one size is faster than scaling pictures
        for index, (picture, step) in enumerate(zip(which, scale, strict=True)):
            side = round(patch / _SCALES[step])
            fits = side <= min(self.pictures[picture].shape[1:])
            by_side.setdefault(side if fits else patch, []).append(index)
        patches = torch.empty(count, *self.sample_shape, dtype=torch.uint8)
        for side, indices in by_side.items():
            cut = torch.empty(len(indices), self.sample_shape[0], side, side, dtype=torch.uint8)
            for row, index in enumerate(indices):
                picture = self.pictures[which[index]]
                top = int(position[index][0] * (picture.shape[1] - side + 1))
                left = int(position[index][1] * (picture.shape[2] - side + 1))
                cut[row] = picture[:, top : top + side, left : left + side]
            patches[indices] = cut if side == patch else interpolate(cut, patch, mode="bicubic", antialias=True)
        for kind in range(1, 8):  # the symmetries of the square; 0 is the identity
            rows = (symmetry == kind).nonzero()[:, 0]
            rotated = torch.rot90(patches[rows], kind % 4, (2, 3))
            patches[rows] = rotated.flip(3) if kind >= 4 else rotated
        return patches


def regular_patches(pictures: Sequence[torch.Tensor], patch: int, count: int = FIXED_PATCHES) -> torch.Tensor:
    """At most `count` patches from regular grids, centred in the pictures: uint8 (N, C, patch, patch)."""
    each = max(1, count // len(pictures))
    patches = []
    for picture in pictures[:count]:
        tops, lefts = (_grid(length, patch) for length in picture.shape[1:])
        corners = [(top, left) for top in tops for left in lefts]
        wanted = min(each, len(corners))
        for number in range(wanted):
            top, left = corners[int((number + 0.5) * len(corners) / wanted)]
            patches.append(picture[:, top : top + patch, left : left + patch])
    return torch.stack(patches)


def fit_channels(x: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Convert pictures uint8 `(N, 1 or 3, H, W)` to the channels of samples of `shape`; other data are not changed.

    Grey is repeated three times; colour is converted to grey with the weights of ITU-R BT.601.
    """
    if x.ndim != 4 or len(shape) != 3 or x.dtype != torch.uint8 or x.shape[1] == shape[0]:
        return x
    if x.shape[1] == 1:
        return x.expand(-1, shape[0], -1, -1)
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return torch.cat([(part.float() * weights).sum(1, keepdim=True).round().byte() for part in x.split(1000)])


def augment(
    x: torch.Tensor, strength: float, generator: torch.Generator, mirror: bool = False, contrast: float = 0.0
) -> torch.Tensor:
    """Augment pictures `(B, C, H, W)` in [0, 1]; each operation applies to a random half of them.

    strength: transform by a random matrix I + U(-strength, strength)^(2×2) about the centre. Rotation, scaling and
        shear keep a centred digit centred, unlike translation. Grey pictures are padded with black, like the border of
        digits; colour pictures are padded by reflection
    mirror: flip horizontally
    contrast: stretch the range from U(0, contrast) to 1 - U(0, contrast) to [0, 1], and clip

    Raises `ShapeError` for samples that are not pictures.
    """
    if x.ndim != 4:
        shape = tuple(x.shape)
        raise ShapeError(
            "Only pictures (B, C, H, W) can be augmented, not {shape}: set augment and contrast to 0, mirror to off.",
            shape=shape,
        )
    if mirror:
        x = torch.where(torch.rand(len(x), 1, 1, 1, generator=generator).to(x.device) < 0.5, x.flip(3), x)
    if contrast:
        cut = contrast * torch.rand(2, len(x), 1, 1, 1, generator=generator)
        low, high = (cut * (torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5)).to(x.device)
        x = ((x - low) / (1 - high - low)).clamp(0, 1)
    if not strength:
        return x
    maps = (2 * torch.rand(len(x), 2, 2, generator=generator) - 1) * strength
    maps = maps * (torch.rand(len(x), 1, 1, generator=generator) < 0.5) + torch.eye(2)
    theta = torch.cat([maps, torch.zeros(len(x), 2, 1)], dim=2).to(x.device)
    grid, padding = affine_grid(theta, list(x.shape), align_corners=False), "zeros" if x.shape[1] == 1 else "reflection"
    return grid_sample(x, grid, padding_mode=padding, align_corners=False)


def _grid(length: int, patch: int) -> range:
    margin = (length % patch) // 2
    return range(margin, length - patch + 1, patch)
