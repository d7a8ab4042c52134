"""What a data set is: pictures (or sequences) in memory, and how an epoch is drawn from them."""

from dataclasses import dataclass, field

import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from ..errors import ShapeError

FIXED_PATCHES = 2048  # at most so many patches in `train` and `test` of a `PatchSamples`
_SCALES = (1, 1, 1, 1, 0.9, 0.8, 0.7, 0.6)  # of the source of a patch; half are not scaled


@dataclass(frozen=True)
class Samples:
    """Pictures or sequences in memory.

    train, test: uint8 (N, C, H, W) pictures, float32 (N, T, F) in [0, 1] series or int64 (N, T) symbols
    train_labels, test_labels: int64 (N,), indices into `classes`, or None
    notice: a sentence to show, when a stand-in is used or files were left out
    """

    name: str
    train: torch.Tensor
    test: torch.Tensor
    train_labels: torch.Tensor | None = None
    test_labels: torch.Tensor | None = None
    classes: tuple[str, ...] = ()
    notice: str | None = None

    def epoch(self, generator):
        """The training pictures of one epoch, in no special order; here always `train` itself."""
        return self.train

    @property
    def epoch_size(self):
        """How many pictures `epoch` gives."""
        return len(self.train)

    @property
    def sample_shape(self):
        """The shape of one sample, for example (1, 28, 28)."""
        return tuple(self.train.shape[1:])


@dataclass(frozen=True)
class PatchSamples(Samples):
    """Pictures of any sizes, of which an epoch sees random patches.

    pictures: uint8 (C, H, W) each, no side under `patch`
    train, test: fixed patches on a regular grid, for figures that must be comparable from epoch to epoch
    """

    pictures: tuple[torch.Tensor, ...] = field(default=(), repr=False)
    patch: int = 64
    patches_per_epoch: int = 8192

    @property
    def epoch_size(self):
        """How many pictures `epoch` gives."""
        return self.patches_per_epoch

    def epoch(self, generator):
        """Draw uint8 (patches_per_epoch, C, patch, patch).

        Every picture is as likely as any other. Half the patches are cut from a source scaled down to 0.6 to 0.9,
        antialiased, where it is large enough; all are turned and mirrored at random.
        """
        count, patch = self.patches_per_epoch, self.patch
        which = torch.randint(len(self.pictures), (count,), generator=generator).tolist()
        scale = torch.randint(len(_SCALES), (count,), generator=generator).tolist()
        place = torch.rand(count, 2, generator=generator).tolist()
        turn = torch.randint(8, (count,), generator=generator)
        by_side = {}  # scaling a patch's own square, all of one size at once, costs less than scaling the picture
        for index, (picture, step) in enumerate(zip(which, scale, strict=True)):
            side = round(patch / _SCALES[step])
            fits = side <= min(self.pictures[picture].shape[1:])
            by_side.setdefault(side if fits else patch, []).append(index)
        patches = torch.empty(count, *self.sample_shape, dtype=torch.uint8)
        for side, indices in by_side.items():
            cut = torch.empty(len(indices), self.sample_shape[0], side, side, dtype=torch.uint8)
            for row, index in enumerate(indices):
                picture = self.pictures[which[index]]
                top = int(place[index][0] * (picture.shape[1] - side + 1))
                left = int(place[index][1] * (picture.shape[2] - side + 1))
                cut[row] = picture[:, top : top + side, left : left + side]
            patches[indices] = cut if side == patch else interpolate(cut, patch, mode="bicubic", antialias=True)
        for way in range(1, 8):  # the eight symmetries of the square; 0 leaves a patch as it is
            rows = (turn == way).nonzero()[:, 0]
            turned = torch.rot90(patches[rows], way % 4, (2, 3))
            patches[rows] = turned.flip(3) if way >= 4 else turned
        return patches


def regular_patches(pictures, patch, most=FIXED_PATCHES):
    """At most `most` patches on a regular grid in the middle of each picture, uint8 (N, C, patch, patch)."""
    each = max(1, most // len(pictures))
    patches = []
    for picture in pictures[:most]:
        tops, lefts = (_grid(length, patch) for length in picture.shape[1:])
        corners = [(top, left) for top in tops for left in lefts]
        wanted = min(each, len(corners))
        for number in range(wanted):
            top, left = corners[int((number + 0.5) * len(corners) / wanted)]
            patches.append(picture[:, top : top + patch, left : left + patch])
    return torch.stack(patches)


def augment(x, strength, generator, mirror=False, contrast=0.0):
    """Half of the pictures `(B, C, H, W)` under a random linear map about the middle, I + U(-strength, strength)^(2×2).

    Small turns, stretches and shears leave a centred digit a centred digit, which shifts would not. About a grey
    picture it is black, as about digits; a colour one is continued by its reflection. With `mirror`, half are mirrored,
    left to right; with `contrast` c, half have their range from U(0, c) to 1 - U(0, c) spread over [0, 1], so that what
    lies outside it becomes pure black and pure white.
    """
    if x.ndim != 4:
        shape = tuple(x.shape)
        raise ShapeError(
            f"Only pictures (B, C, H, W) can be augmented, not {shape}: leave augment, mirror, contrast off."
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
    grid, about = affine_grid(theta, list(x.shape), align_corners=False), "zeros" if x.shape[1] == 1 else "reflection"
    return grid_sample(x, grid, padding_mode=about, align_corners=False)


def _grid(length, patch):
    margin = (length % patch) // 2
    return range(margin, length - patch + 1, patch)
