"""PSNR of the denoising checkpoints and of a 3×3 median filter on test pictures, for the noise levels of the README.

python benchmarks/bench_denoising.py --data-dir data [--limit 2000]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from scipy.ndimage import median_filter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo import checkpoints
from ae_demo.data import load_dataset
from ae_demo.functional import metrics, noise
from ae_demo.models.denoising import MEASURED


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="denoising-mnist")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--limit", type=int, default=10_000, help="test pictures [10000]")
    options = parser.parse_args()
    model = checkpoints.load(options.checkpoint, "cpu")
    data = load_dataset("fashion" if "fashion" in options.checkpoint else "mnist", data_dir=options.data_dir)
    x = data.test[: options.limit].float() / 255
    print(f"{options.checkpoint}, {len(x):,} test pictures of {data.name}, mean PSNR in dB")
    print(f"{'noise':22}{'noisy':>8}{'median':>8}{'model':>8}{'gain over median':>18}")
    for name, levels in MEASURED.items():
        noisy = noise.corrupt(x, levels, seed=0)
        filtered = torch.from_numpy(median_filter(noisy.numpy(), (1, 1, 3, 3), mode="nearest"))
        denoised = torch.cat([model.reconstruct(part) for part in noisy.split(500)])
        figures = [metrics.psnr(y, x).mean().item() for y in (noisy, filtered, denoised)]
        print(f"{name:22}" + "".join(f"{f:8.2f}" for f in figures) + f"{figures[2] - figures[1]:18.2f}")


if __name__ == "__main__":
    main()
