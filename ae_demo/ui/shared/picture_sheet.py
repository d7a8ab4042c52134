"""Many small pictures in one PNG file, which the page fetches once."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

SHEET = 100  # pictures in a row


def sheet_of(pictures: torch.Tensor) -> bytes:
    """`(N, C, H, W)` pictures in one PNG file, `SHEET` in a row."""
    lacking = -len(pictures) % SHEET
    whole = torch.cat([pictures, pictures.new_zeros(lacking, *pictures.shape[1:])])
    rows = [torch.cat(list(row), dim=-1) for row in whole.split(SHEET)]
    sheet = torch.cat(rows, dim=-2)  # (C, rows·H, SHEET·W)
    return to_png((sheet[0] if len(sheet) == 1 else sheet.permute(1, 2, 0)).contiguous().numpy())


def to_png(pixels: np.ndarray) -> bytes:
    """uint8 `(H, W)` or `(H, W, 3)` as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
