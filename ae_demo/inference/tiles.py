"""Large pictures through fully convolutional models: tile by tile, so that memory is bounded and time linear in pixels.

Tiles overlap, so that each pixel comes out as it would from the whole picture, to within 1/255.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from ..models import Autoencoder
from ..models.blocks import pad_to_multiple
from .model_cache import device_of, forwards

Progress = Callable[[float], None]  # told the share that is done
TILE = 1024  # pixels, at most, on a side of a tile's kept part
OVERLAP = 80  # pixels beyond which shipped weights no longer feel anything, whatever they could reach


@dataclass(frozen=True)
class Tile:
    """A piece of a picture: the rows and columns that are kept, and those, more, that the model is shown."""

    kept: tuple[slice, slice]
    seen: tuple[slice, slice]

    def within(self, by: int = 1) -> tuple[slice, slice]:
        """Where the kept part lies in what is seen, in places of `by` pixels."""
        return tuple(
            slice((kept.start - seen.start) // by, ceil((kept.stop - seen.start) / by))
            for kept, seen in zip(self.kept, self.seen, strict=True)
        )


def tiles_of(size: tuple[int, int], tile: int, overlap: int, factor: int) -> list[Tile]:
    """A picture of `size` (height, width) cut where places of `factor` pixels begin, overlapping to each side."""
    overlap = ceil(overlap / factor) * factor
    sides = [
        [(slice(a, b), slice(max(0, a - overlap), min(b + overlap, side))) for a, b in cut(side, tile, factor)]
        for side in size
    ]
    return [Tile((y, x), (seen_y, seen_x)) for y, seen_y in sides[0] for x, seen_x in sides[1]]


@torch.inference_mode()
def run_tiled(
    model: Autoencoder,
    x: Tensor,
    *,
    channels: int | None = None,
    progress: Progress = lambda share: None,
    tile: int = TILE,
    overlap: int | None = None,
    with_code: bool = True,
    turned: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """`x` `(B, C, H, W)` through a fully convolutional model tile by tile: `x_hat` of its shape, and the code map.

    `x` is float in [0, 1], or uint8, and so is `x_hat`: bytes keep a large picture small. The code, which may be larger
    than the picture, is None unless `with_code`. Tiles overlap by as much as the model looks at (`reach`, at most
    `OVERLAP`, unless `overlap` is given). With `turned`, `x_hat` is the mean with what the model makes of the picture
    upside down (Lim et al., 2017, "Enhanced Deep Residual Networks for Single Image Super-Resolution", section 3.4).
    `progress` is told the share that is done.
    """
    pieces = _pieces(model, x.shape[-2:], tile, overlap)
    x_hat = torch.empty(x.shape, dtype=x.dtype)
    code = _empty_code(model, x) if with_code else None
    for done, piece in enumerate(pieces, 1):
        with forwards:
            shown = _shown(model, x[(..., *piece.seen)])
            z = model.encode(shown)
            if channels is not None:
                z = model.keep_channels(z, channels)
            part = model.decode(z)[(..., *piece.within())]
            if turned:
                part = (part + _upside_down(model, shown)[(..., *piece.within())]) / 2
            x_hat[(..., *piece.kept)] = part if x.is_floating_point() else (255 * part).round()
            if with_code:
                code[(..., *_places(model, piece.kept))] = z[(..., *piece.within(model.config.code_stride))].cpu()
        progress(done / len(pieces))
    return x_hat, code


@torch.inference_mode()
def encode_tiled(model: Autoencoder, x: Tensor, progress: Progress = lambda share: None) -> Tensor:
    """The code map alone, `(B, code_channels, ⌈H/stride⌉, ⌈W/stride⌉)`; as `run_tiled`."""
    pieces, code = _pieces(model, x.shape[-2:]), _empty_code(model, x)
    for done, piece in enumerate(pieces, 1):
        with forwards:
            z = model.encode(_shown(model, x[(..., *piece.seen)]))
            code[(..., *_places(model, piece.kept))] = z[(..., *piece.within(model.config.code_stride))].cpu()
        progress(done / len(pieces))
    return code


@torch.inference_mode()
def decode_tiled(
    model: Autoencoder, code: Tensor, size: tuple[int, int], progress: Progress = lambda share: None
) -> Tensor:
    """A code map to the picture of `size` (height, width): uint8 `(B, C, H, W)`; as `run_tiled`."""
    pieces = _pieces(model, size)
    x_hat = torch.empty(len(code), model.config.input_shape[0], *size, dtype=torch.uint8)
    for done, piece in enumerate(pieces, 1):
        with forwards:
            z = code[(..., *_places(model, piece.seen))].to(device_of(model))
            x_hat[(..., *piece.kept)] = (255 * model.decode(z)[(..., *piece.within())]).round()
        progress(done / len(pieces))
    return x_hat


def _pieces(model: Autoencoder, size: tuple[int, int], tile: int = TILE, overlap: int | None = None) -> list[Tile]:
    overlap = min(model.config.reach, OVERLAP) if overlap is None else overlap
    return tiles_of(size, tile, overlap, model.config.factor)


def _shown(model: Autoencoder, part: Tensor) -> Tensor:
    part = part if part.is_floating_point() else part.float() / 255
    return part.to(device_of(model), memory_format=torch.channels_last)


def _upside_down(model: Autoencoder, x: Tensor) -> Tensor:
    """What the model makes of `x` turned by half, turned back; its places begin alike in each tile."""
    turned = pad_to_multiple(x, model.config.factor).flip(2, 3)
    return model.decode(model.encode(turned)).flip(2, 3)[..., : x.shape[-2], : x.shape[-1]]


def _empty_code(model: Autoencoder, x: Tensor) -> Tensor:
    stride = model.config.code_stride
    return torch.empty(len(x), model.code_shape[0], *(ceil(side / stride) for side in x.shape[-2:]))


def _places(model: Autoencoder, box: tuple[slice, slice]) -> tuple[slice, slice]:
    """The places of the code that stand for these pixels."""
    stride = model.config.code_stride
    return tuple(slice(side.start // stride, ceil(side.stop / stride)) for side in box)


def cut(side: int, tile: int, factor: int) -> list[tuple[int, int]]:
    """The (begin, end) of equal pieces of at most `tile` pixels, each beginning at a multiple of `factor`."""
    count = max(1, ceil(side / (ceil(tile / factor) * factor)))
    step = ceil(side / count / factor) * factor
    return [(begin, min(begin + step, side)) for begin in range(0, side, step)]
