"""Results of a model whose code is an ordered map: the picture from real bytes, beside JPEG and WebP at as many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .... import inference
from ....analysis import baselines
from ....codec.compression import decode_packed, decompress, encode_map, pack
from ....codec.container import estimated_size, to_bytes
from ....data.pictures import to_planes, to_tensor
from ....functional import metrics
from ....inference.pixels import Channels, restore_channels
from ....inference.scheduler import check_cancelled, scheduler
from ....inference.tiles import Progress, decode_tiled
from ...components.cards import card
from ...components.table import table_value


def compressed_results(
    pixels: np.ndarray,
    checkpoint: str | Path,
    channels: int,
    step: float,
    progress: Progress | None = None,
    refinements: int = 0,
) -> Iterator[dict[str, Any]]:
    """The values of the tab's outputs: the picture decoded from its bytes, then also other codecs at as many bytes.

    Without `progress` it is a preview: the decoded picture alone, with the estimated size of the bytes.
    `refinements`: see `compress`.
    """
    preview, progress = progress is None, progress or (lambda share: None)
    kept = channels if refinements else None  # the cut code is refined
    parts = {"channels": kept, "refinements": refinements, "progress": lambda share: progress(0.3 * share)}
    code = encode_map(pixels, checkpoint, **parts)
    packed = pack(code, checkpoint, pixels, channels=channels, step=step)
    if preview:
        size, back = estimated_size(packed), decode_packed(packed, checkpoint)
    else:
        data = to_bytes(packed)
        size, back = len(data), decompress(data, checkpoint, progress=lambda share: progress(0.35 + 0.3 * share))
    error = 4 * (back.astype(np.int16) - pixels)
    error = np.abs(error if error.ndim == 2 else error.mean(2)).clip(0, 255).astype(np.uint8)
    maps = [card("code", "code_map", map_picture(code[0, :channels].numpy()))]
    numbers, given = channels * code[0, 0].numel(), pixels.size
    facts = [
        card(
            "code",
            "compression",
            numbers=f"{numbers:,} / {given:,}",
            size=size,
            bits=8 * size / math.prod(pixels.shape[:2]),
            ratio=f"{given / size:.1f} : 1",
        )
    ]
    ours = _judged("output", "from_bytes", back, pixels, size, before=pixels, quick=preview)
    if preview:
        yield {"results": [{**ours, "note": "preview"}], "code": [], "map": maps, "facts": facts, "table": None}
        return
    shown = [ours, card("error", "error", error)]
    yield {"results": [*shown], "code": [], "map": maps, "facts": facts}
    progress(0.7)
    for name, at_bytes in (("jpeg", baselines.jpeg_at_bytes), ("webp", baselines.webp_at_bytes)):
        other, needed = at_bytes(pixels, size)
        shown.append(_judged("other", name if needed <= size else f"smallest_{name}", other, pixels, needed))
        progress(0.8 if name == "jpeg" else 0.9)
    stored, model = Channels.of(pixels), inference.get_model(checkpoint)
    with scheduler.turn(math.prod(pixels.shape[:2]), comparison=True):
        x = to_tensor(pixels).expand(-1, 3, -1, -1)
        pca = baselines.block_pca_reconstruct(x, max(1, min(192, round(numbers / math.prod(code.shape[2:])))))
        shown.append(_judged("other", "pca", restore_channels(pca, stored), pixels))
    progress(0.95)
    unrounded = decode_tiled(model, model.keep_channels(code, channels), pixels.shape[:2])
    floats = _judged("code", "in_floats", restore_channels(unrounded, stored), pixels)
    floating = [{**shown[-1], "role": "code"}, floats]  # without the rounding: not to be judged beside the others
    rows = [{**about, "group": "as_bytes"} for about in (ours, *shown[2:-1])]
    rows += [{**about, "group": "as_floats"} for about in floating]
    yield {"results": shown, "table": table_value(rows)}


def map_picture(code: np.ndarray, columns: int = 4, most: int = 16) -> np.ndarray:
    """A code map `(C, h, w)` as one grey picture: its first channels side by side, each on its own scale."""
    code = code[:most]
    low, high = (f(code, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    tiles = ((code - low) / np.maximum(high - low, 1e-6) * 255).astype(np.uint8)
    tiles = np.pad(tiles, ((0, -len(tiles) % columns), (0, 1), (0, 1)))
    count, height, width = tiles.shape
    return tiles.reshape(count // columns, columns, height, width).swapaxes(1, 2).reshape(-1, columns * width)


def _judged(
    role: str,
    title: str,
    pixels: np.ndarray,
    truth: np.ndarray,
    size: int | None = None,
    *,
    quick: bool = False,
    **more,
) -> dict:
    x_hat, x = to_planes(pixels), to_planes(truth)
    ssim = None if quick else metrics.ssim(x_hat, x, check_cancelled).item()
    return card(role, title, pixels, quick=quick, size=size, psnr=metrics.psnr(x_hat, x).item(), ssim=ssim, **more)
