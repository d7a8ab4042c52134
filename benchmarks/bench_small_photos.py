"""Photographs of 64×64 pixels in 128 numbers: `conv-photo64` compared with PCA and the DCT with equally many numbers.

python benchmarks/bench_small_photos.py --data-dir DIR [--checkpoint conv-photo64] [--fitted 20000]

DIR is the folder that the model was trained on (`varied64`, see `checkpoints/train_all.py`). PCA is fitted to
`--fitted` of its training pictures; all are evaluated on the held-out pictures. Prints the MSE over all pixels and the
mean PSNR.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo.analysis import baselines
from ae_demo.data import load_dataset
from ae_demo.functional import metrics
from ae_demo.inference import get_model

BATCH = 250


def print_row(title: str, reconstruct: Callable[[Tensor], Tensor], test: Tensor) -> None:
    """Print a row of the table: figures over `test`, uint8 `(N, 3, H, W)`."""
    errors, ratios = [], []
    for batch in test.split(BATCH):
        x = batch.float() / 255
        with torch.inference_mode():
            x_hat = reconstruct(x).clamp(0, 1)
        errors.append(metrics.mse(x_hat, x))
        ratios.append(metrics.psnr(x_hat, x))
    print(f"| {title} | {torch.cat(errors).mean():.4f} | {torch.cat(ratios).mean():.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder of the pictures")
    parser.add_argument("--checkpoint", default="conv-photo64")
    parser.add_argument("--fitted", type=int, default=20_000, help="training pictures that PCA is fitted to [20000]")
    options = parser.parse_args()
    model = get_model(options.checkpoint)
    numbers = model.code_shape[0]
    samples = load_dataset("folder", data_dir=options.data_dir, limit=options.fitted)
    print(f"{len(samples.test):,} pictures, {numbers} numbers each\n\n| | MSE | PSNR, dB |\n|---|---|---|")
    print_row(options.checkpoint, model.reconstruct, samples.test)
    print_row("DCT, the lowest frequencies", lambda x: baselines.dct_reconstruct(x, numbers), samples.test)
    pca = PCA(numbers, svd_solver="randomized", random_state=0, copy=False)
    pca.fit(samples.train.flatten(1).numpy().astype(np.float32) / 255)

    def project(x: Tensor) -> Tensor:
        return torch.from_numpy(pca.inverse_transform(pca.transform(x.flatten(1).numpy().copy()))).float().view_as(x)

    print_row(f"PCA, fitted to {len(samples.train):,} training pictures", project, samples.test)


if __name__ == "__main__":
    main()
