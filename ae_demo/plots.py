"""Pictures of pictures: contact sheets and animations."""

from __future__ import annotations

import io

import torch
from PIL import Image

from .data.pictures import to_pixels

SIDE = 280  # pixels of an animation


def plot_sheet(pictures: torch.Tensor, columns: int):
    """`(N, C, H, W)` pictures in [0, 1] as one, row by row: uint8 `(rows·H, columns·W)`, or with 3 channels."""
    rows = [torch.cat(list(row), dim=-1) for row in pictures.split(columns)]
    return to_pixels(torch.cat(rows, dim=-2)[None])


def plot_loop(pictures: torch.Tensor, milliseconds: int = 50) -> bytes:
    """`(N, C, H, W)` pictures in [0, 1] as an endless GIF, there and back."""
    frames = [
        Image.fromarray(to_pixels(picture[None])).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for picture in pictures
    ]
    frames += frames[-2:0:-1]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=milliseconds, loop=0)
    return buffer.getvalue()
