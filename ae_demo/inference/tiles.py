"""Tiled inference with fully convolutional models, in bounded memory and in time linear in the number of pixels.

Tiles overlap by so much that no pixel differs by more than 1/255 from processing the picture as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import torch
from torch import Tensor

from .. import cluster
from ..errors import CheckpointError
from ..models import Autoencoder
from ..models.base import FullyConvolutionalConfig
from ..models.blocks import pad_to_multiple
from ..models.conv import ConvAutoencoder
from .model_cache import device_of
from .refinement import refine
from .scheduler import check_cancelled, scheduler

Progress = Callable[[float], None]  # called with the share done, in [0, 1]
TILE = 512  # pixels: maximum side of a tile without its overlap; a tile is one turn and takes about a second
DISTRIBUTED_PIXELS = 2_000_000  # of a picture whose tiles are distributed over a cluster, at least
OVERLAP = 80  # pixels: the shipped models' outputs do not depend measurably on pixels farther away
Box = tuple[slice, slice]  # rows and columns


@dataclass(frozen=True)
class Tile:
    """A part of a picture: the model's input is `seen`, and the smaller part `kept` of its output is used."""

    kept: Box
    seen: Box

    def within(self, stride: int = 1) -> Box:
        """The position of `kept` relative to `seen`, in units of `stride` pixels."""
        rows, columns = (
            slice((kept.start - seen.start) // stride, ceil((kept.stop - seen.start) / stride))
            for kept, seen in zip(self.kept, self.seen, strict=True)
        )
        return rows, columns


def tiles_of(size: tuple[int, int], tile: int, overlap: int, factor: int) -> list[Tile]:
    """Tiles of a picture of `size` (height, width), of at most `tile` pixels on a side without the overlap.

    Tiles begin at multiples of `factor`, and `overlap` is rounded up to a multiple of it.
    """
    overlap = ceil(overlap / factor) * factor
    sides = [
        [(slice(a, b), slice(max(0, a - overlap), min(b + overlap, side))) for a, b in cut(side, tile, factor)]
        for side in size
    ]
    return [Tile((y, x), (seen_y, seen_x)) for y, seen_y in sides[0] for x, seen_x in sides[1]]


@torch.inference_mode()
def run_tiled(  # noqa: PLR0913 - public API
    model: Autoencoder,
    x: Tensor,
    *,
    channels: int | None = None,
    progress: Progress = lambda share: None,
    tile: int = TILE,
    overlap: int | None = None,
    with_code: bool = True,
    orientations: int = 1,
    refinements: int = 0,
) -> tuple[Tensor, Tensor | None]:
    """Run a fully convolutional model tile by tile. Returns `x_hat`, with the shape and type of `x`, and the code map.

    x: `(B, C, H, W)`, float in [0, 1] or uint8
    channels: number of the code's channels to keep; None: all
    progress: called after each tile with the share done
    tile: maximum side of a tile without its overlap, in pixels
    overlap: pixels; None: the receptive field's radius, at most `OVERLAP`
    with_code: whether to return the code, which may be larger than the picture; otherwise it is None
    orientations: number of rotations and reflections of the picture over which the outputs are averaged: 1, 2 (upright
        and rotated by 180°), 4 (these and their reflections) or 8 (Lim et al., 2017, "Enhanced Deep Residual Networks
        for Single Image Super-Resolution", section 3.4)
    refinements: steps that refine the code, see `refine`; if it is not 0, B must be 1

    If there is a cluster (`AE_CLUSTER`) and the model is on a CPU, the tiles of a large picture are distributed.

    Raises `CheckpointError` for a model that is not fully convolutional.
    """
    stride = _config(model).code_stride
    tiles = _tiles(model, x.shape[-2:], tile, overlap)
    x_hat = torch.empty(x.shape, dtype=x.dtype)
    code = _empty_code(model, x) if with_code else None
    run = partial(_run_tile, model, channels, orientations, refinements, with_code)
    given = ((_crop(x, piece.seen), piece) for piece in tiles)
    if cluster.address() and math.prod(x.shape[-2:]) >= DISTRIBUTED_PIXELS and device_of(model).type == "cpu":
        sent = [(part.clone(), piece) for part, piece in given]  # of a view, the whole picture would be sent
        results = cluster.map_tasks(run, sent, reserve=False, waiting=check_cancelled)
    else:
        results = map(run, given)
    for done, (piece, (out, z)) in enumerate(zip(tiles, results, strict=True), 1):
        _crop(x_hat, piece.kept).copy_(out)
        if code is not None:
            _crop(code, _in_code(piece.kept, stride)).copy_(z)
        progress(done / len(tiles))
    return x_hat, code


@torch.inference_mode()
def _run_tile(
    model: Autoencoder,
    channels: int | None,
    orientations: int,
    refinements: int,
    with_code: bool,
    given: tuple[Tensor, Tile],
) -> tuple[Tensor, Tensor | None]:
    """The output for a tile, of the input's type, and its code if it is wanted; both without the tile's overlap."""
    x, piece = given
    total, code = torch.zeros(()), None
    for orientation in range(orientations):
        part = _oriented(_model_input(model, x), orientation, _config(model).factor)
        z = _encode(model, part, channels, refinements)
        with scheduler.turn(_pixels(piece.seen)):  # other visitors' short work may run between turns
            total = total + _crop(_upright(model.decode(z), orientation), piece.within())
            if with_code and orientation == 0:
                code = _crop(z, piece.within(_config(model).code_stride)).cpu()
    out = (total / orientations).cpu()
    return out if x.is_floating_point() else (255 * out).round().to(torch.uint8), code


@torch.inference_mode()
def encode_tiled(
    model: Autoencoder,
    x: Tensor,
    *,
    channels: int | None = None,
    refinements: int = 0,
    progress: Progress = lambda share: None,
) -> Tensor:
    """Encode tile by tile, see `run_tiled`: the code map `(B, code_channels, ⌈H/stride⌉, ⌈W/stride⌉)`."""
    stride = _config(model).code_stride
    tiles, code = _tiles(model, x.shape[-2:]), _empty_code(model, x)
    for done, piece in enumerate(tiles, 1):
        z = _encode(model, _model_input(model, _crop(x, piece.seen)), channels, refinements)
        _crop(code, _in_code(piece.kept, stride)).copy_(_crop(z, piece.within(stride)))
        progress(done / len(tiles))
    return code


@torch.inference_mode()
def decode_tiled(
    model: Autoencoder, code: Tensor, size: tuple[int, int], progress: Progress = lambda share: None
) -> Tensor:
    """Decode a code map tile by tile, see `run_tiled`: uint8 `(B, C, H, W)` of `size` (height, width)."""
    stride = _config(model).code_stride
    tiles = _tiles(model, size)
    x_hat = torch.empty(len(code), model.config.input_shape[0], *size, dtype=torch.uint8)
    for done, piece in enumerate(tiles, 1):
        with scheduler.turn(_pixels(piece.seen)):
            z = _crop(code, _in_code(piece.seen, stride)).to(device_of(model))
            _crop(x_hat, piece.kept).copy_((255 * _crop(model.decode(z), piece.within())).round())
        progress(done / len(tiles))
    return x_hat


def _encode(model: Autoencoder, part: Tensor, channels: int | None, refinements: int) -> Tensor:
    with scheduler.turn(part.shape[-2] * part.shape[-1]):
        z = model.encode(part)
    if channels is None and not refinements:
        return z
    assert isinstance(model, ConvAutoencoder)
    if channels is not None:
        z = model.keep_channels(z, channels)
    return refine(model, part, z, channels=channels, steps=refinements)


def _config(model: Autoencoder) -> FullyConvolutionalConfig:
    if not isinstance(model.config, FullyConvolutionalConfig):
        raise CheckpointError(
            "This {family} model takes pictures of one size only; choose another.", family=model.family
        )
    return model.config


def _tiles(model: Autoencoder, size: Sequence[int], tile: int = TILE, overlap: int | None = None) -> list[Tile]:
    config, (height, width) = _config(model), size
    return tiles_of((height, width), tile, min(config.reach, OVERLAP) if overlap is None else overlap, config.factor)


def _pixels(box: Box) -> int:
    rows, columns = (side.stop - side.start for side in box)
    return rows * columns


def _crop(x: Tensor, box: Box) -> Tensor:
    """A view of the rows and columns `box` of `(..., H, W)`."""
    return x[..., box[0], box[1]]


def _model_input(model: Autoencoder, part: Tensor) -> Tensor:
    part = part if part.is_floating_point() else part.float() / 255
    return part.to(device_of(model), memory_format=torch.channels_last)


_FLIPS: tuple[tuple[int, ...], ...] = ((), (2, 3), (3,), (2,))  # dimensions; with a transposition, 8 orientations


def _oriented(x: Tensor, orientation: int, factor: int) -> Tensor:
    """One of eight orientations of `(B, C, H, W)`, padded first so that all have the same grid; 0 is `x` itself."""
    if orientation == 0:
        return x
    x = pad_to_multiple(x, factor)
    return (x.transpose(2, 3) if orientation >= 4 else x).flip(_FLIPS[orientation % 4])


def _upright(x: Tensor, orientation: int) -> Tensor:
    """The inverse of `_oriented`, without removing the padding."""
    if flips := _FLIPS[orientation % 4]:  # `flip` copies even without dimensions to flip
        x = x.flip(flips)
    return x.transpose(2, 3) if orientation >= 4 else x


def _empty_code(model: Autoencoder, x: Tensor) -> Tensor:
    stride = _config(model).code_stride
    return torch.empty(len(x), model.code_shape[0], *(ceil(side / stride) for side in x.shape[-2:]))


def _in_code(box: Box, stride: int) -> Box:
    """The rows and columns of the code map that correspond to these pixels."""
    rows, columns = (slice(side.start // stride, ceil(side.stop / stride)) for side in box)
    return rows, columns


def cut(side: int, tile: int, factor: int) -> list[tuple[int, int]]:
    """The (start, stop) of equal parts of at most `tile` pixels, each starting at a multiple of `factor`."""
    count = max(1, ceil(side / (ceil(tile / factor) * factor)))
    step = ceil(side / count / factor) * factor
    return [(begin, min(begin + step, side)) for begin in range(0, side, step)]
