"""Sequence-to-sequence autoencoders compared with PCA with an equal number of components, on held-out sequences.

python benchmarks/bench_sequences.py                # the shipped checkpoints
python benchmarks/bench_sequences.py --train-sines  # and a model of 540 sines of 96 steps, trained in about a minute

PCA is fitted to the training set. Heartbeats are measured on normal beats only. For words, letters are counted without
the blanks after them. The AUROC of the surprise shows how well it separates held-out words from the same words with
shuffled letters, and from random letters of the same lengths.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ae_demo import checkpoints  # noqa: E402
from ae_demo.analysis.baselines import pca_reconstruct_sequences  # noqa: E402
from ae_demo.data import Samples, load_dataset  # noqa: E402
from ae_demo.data.words import list_words, to_symbols, to_words  # noqa: E402
from ae_demo.training.evaluation import evaluate, measure_all  # noqa: E402

SINES = (
    "--latent-dim 8 --linear-path --time-features 8 --hidden-size 64 --epochs 40 --batch-size 32 --lr 3e-3 --threads 1"
)


def make_sines(count: int = 540, steps: int = 96, seed: int = 0) -> np.ndarray:
    """Sines of 1 to 3.8 periods and random phase, float32 `(count, steps)` in [0, 1]."""
    rng = np.random.default_rng(seed)
    frequency, phase = rng.uniform(1, 3.8, (count, 1)), rng.uniform(0, 2 * math.pi, (count, 1))
    return (0.5 + 0.5 * np.sin(2 * math.pi * frequency * np.arange(steps) / steps + phase)).astype(np.float32)


def pca_mse(train: torch.Tensor, test: torch.Tensor, components: int) -> float:
    """MSE of `test` `(N, T, F)` reconstructed by PCA of `train` with `components` components, clamped to [0, 1]."""
    from sklearn.decomposition import PCA

    flat, given = (part.flatten(1).numpy() for part in (train, test))
    pca = PCA(components).fit(flat)
    return float(np.square(pca.inverse_transform(pca.transform(given)).clip(0, 1) - given).mean())


def print_row(checkpoint: str | Path, data: Samples, name: str) -> None:
    model, seconds = checkpoints.load(checkpoint, "cpu"), checkpoints.load_metrics(checkpoint)["seconds"]
    test = data.test if data.test_labels is None else data.test[data.test_labels == 0]
    ours, linear = evaluate(model, test)["mse"], pca_mse(data.train, test, model.config.latent_dim)
    print(f"| {name} | {model.config.latent_dim} | {len(test):,} | {ours:.2e} | {linear:.2e} | {seconds:.0f} s |")


def print_words(checkpoint: str, data: Samples) -> None:
    """Print the shares of correct letters and words, ours and PCA's, and how well surprise separates words."""
    from sklearn.metrics import roc_auc_score

    model, x = checkpoints.load(checkpoint, "cpu"), data.test
    seconds = checkpoints.load_metrics(checkpoint)["seconds"]
    rebuilt = torch.cat([model.reconstruct(part) for part in x.split(1000)])
    linear = pca_reconstruct_sequences(x, model.config.latent_dim, "words")
    print(
        "\n| words | numbers | test words | letters right | whole words right | training |\n|---|---|---|---|---|---|"
    )
    for name, y, took in (("seq2seq", rebuilt, f"{seconds:.0f} s"), ("PCA", linear, "")):
        right, letters = y == x, x > 0
        share, whole = right[letters].float().mean().item(), right.all(1).float().mean().item()
        print(f"| {name} | {model.config.latent_dim} | {len(x):,} | {share:.2%} | {whole:.2%} | {took} |")
    surprise = measure_all(model, x)["cross_entropy"]
    rng = np.random.default_rng(0)
    for name, others in (("their letters shuffled", shuffled(x, rng)), ("random letters", random_letters(x, rng))):
        scores = torch.cat([surprise, measure_all(model, others)["cross_entropy"]])
        labels = np.repeat([0, 1], [len(x), len(others)])
        print(f"AUROC of the surprise, words against {name}: {roc_auc_score(labels, scores):.3f}")


def shuffled(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Words with their letters in random order, except results that are words."""
    known = set(list_words())
    permuted = ["".join(rng.permutation(list(word))) for word in to_words(x)]
    return to_symbols([word for word in permuted if word not in known])


def random_letters(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Sequences of uniformly random letters with the lengths of the words in `x`."""
    return torch.where(x > 0, torch.from_numpy(rng.integers(1, 27, tuple(x.shape))), 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train-sines", action="store_true")
    options = parser.parse_args()
    print("| data | numbers | test samples | MSE, seq2seq | MSE, PCA | training |\n|---|---|---|---|---|---|")
    for data in ("waves", "heartbeats"):
        print_row(f"seq2seq-{data}", load_dataset(data), data)
    if "seq2seq-words" in checkpoints.list_checkpoints():
        print_words("seq2seq-words", load_dataset("words"))
    if options.train_sines:
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder, "sines.npy"), Path(folder, "sines")
            np.save(file, make_sines())
            line = f"train seq2seq --data array --data-dir {file} {SINES} --out {out}"
            subprocess.run(
                [sys.executable, "-m", "ae_demo", *line.split()], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
            print_row(out, load_dataset("array", data_dir=file), "540 sines of 96 steps")


if __name__ == "__main__":
    main()
