"""Compression on photographs: PSNR and SSIM of `conv-photo`, JPEG and WebP at equal bytes, and of the code unquantised.

python benchmarks/bench_compression.py [--checkpoint conv-photo] [--photos FOLDER]

All bytes of the file are counted: sizes, steps and tables, like a JPEG's header, but not the model (nor JPEG's
decoder). Each row is the mean over the photographs, by default the bundled ones in colour.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo import inference
from ae_demo.analysis import baselines
from ae_demo.codec.compression import decompress, encode_map, pack
from ae_demo.codec.container import to_bytes
from ae_demo.data import load_bundled_photos
from ae_demo.data.pictures import load_picture, to_tensor
from ae_demo.functional import metrics
from ae_demo.inference.refinement import REFINEMENTS

SETTINGS = [(4, 0.3), (8, 0.3), (16, 0.3), (32, 0.3), (None, 1.0), (None, 0.6), (None, 0.35), (None, 0.2), (None, 0.1)]


def figures(x_hat: np.ndarray, x: np.ndarray) -> list[float]:
    """PSNR in dB and SSIM."""
    pair = to_tensor(x_hat), to_tensor(x)
    return [metrics.psnr(*pair).item(), metrics.ssim(*pair).item()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="conv-photo")
    parser.add_argument("--photos", type=Path, help="a folder of photographs, such as Kodak's [the bundled ones]")
    options = parser.parse_args()
    if options.photos:
        photos = [load_picture(path, mode="RGB").pixels for path in sorted(options.photos.iterdir())]
    else:
        photos = [pixels for pixels in load_bundled_photos().values() if pixels.ndim == 3]
    codes = [encode_map(pixels, options.checkpoint) for pixels in photos]

    print(
        f"{options.checkpoint}, {len(photos)} photographs. Codes as floats: channels, PSNR as encoded, refined, and of "
        "block PCA"
    )
    for k in (4, 8, 16, 32, codes[0].shape[1]):
        ours, refined = (
            np.mean([psnr_of(pixels, options.checkpoint, k, steps) for pixels in photos]) for steps in (0, REFINEMENTS)
        )
        pca = np.mean([psnr_of_pca(pixels, k) for pixels in photos])
        print(f"{k:9}{ours:12.2f} dB{refined:10.2f} dB{pca:10.2f} dB")

    print("\nAs bytes: channels, step, bits per pixel, PSNR and SSIM of ours, JPEG and WebP at as many bytes, seconds")
    for k, step in SETTINGS:
        rows = []
        for pixels, code in zip(photos, codes, strict=True):
            began = time.perf_counter()
            data = to_bytes(pack(code, options.checkpoint, pixels, channels=k, step=step))
            packed = time.perf_counter()
            back = decompress(data, options.checkpoint)
            row = [8 * len(data) / pixels[..., 0].size, *figures(back, pixels)]
            for at_bytes in (baselines.jpeg_at_bytes, baselines.webp_at_bytes):
                other, size = at_bytes(pixels, len(data))
                row += figures(other, pixels) if size <= len(data) else [np.nan, np.nan]  # the smallest file is larger
            rows.append([*row, packed - began, time.perf_counter() - packed])
        measured = np.isfinite(rows).sum(0)
        bpp, *rest = np.nansum(rows, 0) / np.maximum(measured, 1)
        text = "".join(
            f"   {rest[i]:6.2f} dB {rest[i + 1]:.3f}"
            if measured[i + 1] == len(rows)
            else f"   none on {len(rows) - measured[i + 1]:2} of {len(rows):2}"
            for i in (0, 2, 4)
        )
        print(f"{k or codes[0].shape[1]:4}{step:7.2f}{bpp:8.3f}{text}   {rest[6]:.2f} s")


def psnr_of(pixels: np.ndarray, checkpoint: str, channels: int, refinements: int) -> float:
    """PSNR in dB with the first `channels` channels."""
    return inference.reconstruct(pixels, checkpoint, channels=channels, refinements=refinements).psnr


def psnr_of_pca(pixels: np.ndarray, components: int) -> float:
    """PSNR in dB of PCA of 8×8 blocks with `components` components."""
    x = to_tensor(pixels)
    return metrics.psnr(baselines.block_pca_reconstruct(x, components), x).item()


if __name__ == "__main__":
    main()
