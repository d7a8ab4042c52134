"""Time and quality of denoising a photograph, compared with classical filters: medians and ratios of one run.

    python benchmarks/bench_photos.py [--checkpoint denoising-photo] [--threads 2] [--repeat 3] [--skip-bm3d]

Compares our model and the filters on a 768 × 512 colour photograph with Gaussian noise of σ = 25 of 255, clipped and
rounded: seconds, PSNR and the ratio of seconds to ours. Then measures time and peak memory from 0.1 to 12 megapixels,
each in a separate process; if time is linear in pixels, the seconds per megapixel are constant.

    python benchmarks/bench_photos.py --photos DIR

Instead prints the mean PSNR on the photographs in a folder, for several kinds of noise.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo import inference
from ae_demo.analysis import baselines
from ae_demo.data import load_bundled_photos
from ae_demo.data.pictures import to_tensor
from ae_demo.functional import metrics
from ae_demo.functional.noise import Noise
from ae_demo.inference import model_cache

SIGMA = 25 / 255
MEGAPIXELS = (0.1, 0.4, 1, 3, 6, 12)
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
NOISES = (
    *((f"Gaussian, σ {sigma} of 255", "RGB", Noise(gaussian=sigma / 255)) for sigma in (15, 25, 50)),
    ("the same in grey, σ 25", "L", Noise(gaussian=SIGMA)),
    ("salt and pepper 0.1", "RGB", Noise(salt_and_pepper=0.1)),
    ("salt and pepper 0.3", "RGB", Noise(salt_and_pepper=0.3)),
    ("mask 0.5", "RGB", Noise(mask=0.5)),
)


def photograph() -> np.ndarray:
    """A 768 × 512 colour picture of parts of bundled photographs at their own resolution."""
    photos = load_bundled_photos()
    crops = [photos[name][60:316, 150:406] for name in ("china", "coffee")]
    return np.concatenate([photos["astronaut"], np.concatenate(crops)], axis=1)


def bm3d(pixels: np.ndarray) -> np.ndarray:
    """BM3D in colour from the package `bm3d`. It is given σ, unlike our model."""
    from bm3d import bm3d_rgb

    return (bm3d_rgb(pixels / 255.0, SIGMA).clip(0, 1) * 255).round().astype(np.uint8)


def timed(run: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, repeat: int) -> tuple[float, np.ndarray]:
    """The median time in seconds, and the output."""
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        out = run(pixels)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), out


def compare_methods(options: argparse.Namespace) -> None:
    clean = photograph()
    noisy = inference.add_noise(clean, Noise(gaussian=SIGMA))
    ours = lambda pixels: inference.denoise(pixels, options.checkpoint)  # noqa: E731
    ours(noisy)  # loads the model
    methods = {"ours": ours, **baselines.FILTERS, **({} if options.skip_bm3d else {"BM3D": bm3d})}
    print(f"{options.checkpoint}, 768 × 512 in colour, σ = 25 / 255: {psnr(noisy, clean):.2f} dB as given")
    print(f"{'method':18}{'seconds':>9}{'PSNR, dB':>10}{'seconds / ours':>16}")
    first = None
    for name, run in methods.items():
        seconds, out = timed(run, noisy, 1 if name == "BM3D" else options.repeat)
        first = first or seconds
        print(f"{name:18}{seconds:9.3f}{psnr(out, clean):10.2f}{seconds / first:16.1f}", flush=True)


def kinds_of_noise(options: argparse.Namespace) -> None:
    photos = [Image.open(path) for path in sorted(options.photos.iterdir()) if path.suffix in SUFFIXES]
    print(f"{options.checkpoint}, {len(photos)} photographs, mean PSNR in dB")
    print(f"{'noise':26}{'noisy':>8}{'denoised':>10}")
    for name, mode, levels in NOISES:
        figures = []
        for photo in photos:
            clean = np.asarray(photo.convert(mode))
            noisy = inference.add_noise(clean, levels)
            figures.append([psnr(noisy, clean), psnr(inference.denoise(noisy, options.checkpoint), clean)])
        before, after = np.mean(figures, axis=0)
        print(f"{name:26}{before:8.2f}{after:10.2f}", flush=True)


def scaling(options: argparse.Namespace) -> None:
    print(f"\n{'megapixels':>10}{'seconds':>9}{'s / megapixel':>15}{'peak memory, MB':>17}{'of it before, MB':>18}")
    for megapixels in MEGAPIXELS:
        words = [sys.executable, __file__, "--one", str(megapixels), "--checkpoint", options.checkpoint]
        words += ["--threads", str(options.threads)]
        print(subprocess.run(words, check=True, capture_output=True, text=True).stdout, end="", flush=True)


def one(megapixels: float, options: argparse.Namespace) -> None:
    """One line of `scaling`."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(1.5 * height)
    noisy = inference.add_noise(photograph(), Noise(gaussian=SIGMA))
    inference.denoise(noisy[:64, :64], options.checkpoint)  # loads the model
    noisy = np.tile(noisy, (-(-height // 512), -(-width // 768), 1))[:height, :width]
    before = peak()
    seconds, out = timed(
        lambda pixels: inference.denoise(pixels, options.checkpoint), noisy, 1 if megapixels > 3 else 3
    )
    count = out.shape[0] * out.shape[1] / 1e6
    print(f"{count:10.1f}{seconds:9.2f}{seconds / count:15.2f}{peak():17.0f}{before:18.0f}")


def peak() -> float:
    """The peak memory of this process, in MB."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return memory / (2**20 if sys.platform == "darwin" else 2**10)


def psnr(x_hat: np.ndarray, x: np.ndarray) -> float:
    return metrics.psnr(to_tensor(x_hat), to_tensor(x)).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="denoising-photo")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--skip-bm3d", action="store_true", help="BM3D takes half a minute")
    parser.add_argument("--photos", type=Path, help="a folder")
    parser.add_argument("--one", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.one:
        one(options.one, options)
        return
    if options.photos:
        kinds_of_noise(options)
        return
    half = model_cache.multiplies_bfloat16(model_cache.device_of(inference.get_model(options.checkpoint)).type)
    print(f"{options.threads} threads; blocks in {'bfloat16' if half else 'float32'}\n")
    compare_methods(options)
    scaling(options)


if __name__ == "__main__":
    main()
