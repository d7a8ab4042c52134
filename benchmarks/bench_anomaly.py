"""One-class anomaly detection: a model of one class's training pictures scores the whole test set.

python benchmarks/bench_anomaly.py --data-dir DIR      # MNIST and Fashion-MNIST, all ten classes each
python benchmarks/bench_anomaly.py --heartbeats        # record 100 of the MIT-BIH database
python benchmarks/bench_anomaly.py --bundled           # seconds from the choice of a class to the results

Prints the AUROC of each class and their mean for `hull` with the score `relative`, with the same settings for all
classes and data sets, and for PCA with 32 numbers and nearest neighbours. No abnormal samples are used. Heartbeats:
fitted to the normal beats of the first ten minutes, tested on all later ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ae_demo import anomaly_detector  # noqa: E402
from ae_demo.data import load_dataset  # noqa: E402
from ae_demo.data.heartbeats import WINDOWS, load_heartbeats  # noqa: E402
from ae_demo.functional.metrics import auroc  # noqa: E402

RECIPES = (("hull", "relative"), ("pca", "relative"), ("pca", "mse"), ("neighbors", "mse"))


def one_class(name: str, data_dir: Path | None, recipes: Sequence[tuple[str, str]], classes: Sequence[int]) -> None:
    """Print the AUROC of each class, and the mean."""
    samples = load_dataset(name, data_dir=data_dir)
    assert samples.train_labels is not None
    assert samples.test_labels is not None
    print(f"\n{name}: {samples.notice or f'{len(samples.train):,} + {len(samples.test):,} pictures'}")
    print("| model, score | " + " | ".join(samples.classes[c] for c in classes) + " | mean | seconds per class |")
    print("|---|" + "---|" * (len(classes) + 2))
    for model, score in recipes:
        found, began = [], time.monotonic()
        for label in classes:
            detector = anomaly_detector(samples.train[samples.train_labels == label], model=model, score=score)
            scores = torch.from_numpy(detector.scores(samples.test))
            found.append(auroc(scores, samples.test_labels != label))
        seconds = (time.monotonic() - began) / len(classes)
        cells = " | ".join(f"{each:.3f}" for each in found)
        print(f"| {model}, {score} | {cells} | **{np.mean(found):.4f}** | {seconds:.1f} |", flush=True)


def heartbeats() -> None:
    """Print the AUROC of the later beats, by window, model and size of the code."""
    print("\nheartbeats: record 100, fitted to the normal beats of the first ten minutes\n")
    print("| window | model | numbers | AUROC |\n|---|---|---|---|")
    for window, spans in WINDOWS.items():
        samples = load_heartbeats(window)
        assert samples.test_labels is not None
        for model, numbers in (("pca", 16), ("neighbors", 16), ("hull", 30), ("dense", 16)):
            score = "smooth" if model == "hull" else "mse"
            detector = anomaly_detector(samples.train, data="series", model=model, score=score, latent_dim=numbers)
            scores = torch.from_numpy(detector.scores(samples.test))
            found = auroc(scores, samples.test_labels != 0)
            print(f"| {window}, {sum(spans)} samples | {model} | {numbers} | {found:.4f} |", flush=True)


def bundled() -> None:
    """Print the seconds that PCA and an autoencoder take to fit a class of the bundled sets and score the test set."""
    print("\n| data | pictures fitted to | PCA, seconds | dense autoencoder, seconds |\n|---|---|---|---|")
    for name, classes in (("digits", [3]), ("fashion-small", [0]), ("digits", [*range(9)])):
        samples = load_dataset(name)
        assert samples.train_labels is not None
        normal = samples.train[torch.isin(samples.train_labels, torch.tensor(classes))]
        seconds = []
        for model in ("pca", "dense"):
            began = time.monotonic()
            anomaly_detector(normal, model=model, score="smooth").scores(samples.test)
            seconds.append(time.monotonic() - began)
        print(f"| {name} | {len(normal):,} | {seconds[0]:.2f} | {seconds[1]:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="folder of the full data sets [the bundled subsets]")
    parser.add_argument("--data", nargs="*", default=["mnist", "fashion"], choices=("mnist", "fashion"))
    parser.add_argument("--classes", type=int, nargs="*", default=range(10), help="labels of the normal classes [all]")
    parser.add_argument("--models", nargs="*", choices=sorted({model for model, _ in RECIPES}), help="only these")
    parser.add_argument("--heartbeats", action="store_true", help="only the heartbeats")
    parser.add_argument("--bundled", action="store_true", help="only the seconds with the bundled sets")
    options = parser.parse_args()
    chosen = [recipe for recipe in RECIPES if not options.models or recipe[0] in options.models]
    only = options.heartbeats or options.bundled
    for name in () if only else options.data:
        one_class(name, options.data_dir, chosen, options.classes)
    if options.heartbeats or not (only or options.models):
        heartbeats()
    if options.bundled or not (only or options.models):
        bundled()


if __name__ == "__main__":
    main()
