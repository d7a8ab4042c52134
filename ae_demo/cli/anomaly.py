"""`ae-demo anomaly`: fit a model to normal pictures or series, and flag others."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

from ..errors import ConfigError


def add_command(commands: Any) -> None:
    """Add `anomaly`."""
    anomaly = commands.add_parser(
        "anomaly",
        help="fit a model to normal pictures or series, and flag others",
        description="Fits a model to normal samples only, scores others, and flags those above a quantile of the "
        "scores of normal ones. Samples are pictures (a folder or a zip) or series (.csv: one series, one column per "
        "channel, whose rows are scored; .npy: (N, T), (N, T, F) or one series (S,); or a folder of such files).",
    )
    anomaly.add_argument("--normal", type=Path, required=True, metavar="PATH", help="normal samples to fit to")
    anomaly.add_argument("--test", type=Path, required=True, metavar="PATH", help="samples to score")
    anomaly.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="labels of the samples to score: .csv with a label, or a name and a label, per row; or .npy; 1: anomaly",
    )
    anomaly.add_argument("--model", default="hull", help="pca, neighbors, hull or a family [%(default)s]")
    anomaly.add_argument(
        "--score", default="relative", help="mse, mae, smooth, relative, ssim, patch or elbo [%(default)s]"
    )
    anomaly.add_argument("--latent-dim", type=int, default=32, metavar="N", help="numbers in the code [%(default)s]")
    anomaly.add_argument("--window", type=int, metavar="T", help="steps of the windows of series [chosen by length]")
    anomaly.add_argument(
        "--quantile",
        type=float,
        default=0.95,
        metavar="Q",
        help="quantile of the scores of normal samples above which one is flagged [%(default)s]",
    )
    anomaly.add_argument("--seed", type=int, default=0, help="seed of the held-out part and the weights [%(default)s]")
    anomaly.add_argument(
        "--out", type=Path, default=Path("anomalies.csv"), metavar="FILE", help="the table of flags [%(default)s]"
    )
    anomaly.set_defaults(run=run_anomaly)


def run_anomaly(options: argparse.Namespace) -> int:
    """The command `anomaly`."""
    from ..analysis.anomaly import anomaly_detector
    from ..analysis.detection import judge_scores, load_labels
    from ..data.named_samples import load_samples
    from ..data.series_files import Series

    if options.out.suffix.lower() != ".csv":
        raise ConfigError("--out is {given}; its name must end with .csv.", given=options.out)
    normal, test = load_samples(options.normal), load_samples(options.test)
    for samples in (normal, test):
        if samples.notice:
            print(samples.notice)
    detector = anomaly_detector(
        normal,
        data="series" if isinstance(normal.items[0], Series) else "pictures",
        model=options.model,
        score=options.score,
        latent_dim=options.latent_dim,
        window=options.window,
        seed=options.seed,
    )
    threshold = detector.threshold(options.quantile)
    scores = detector.scores(test)
    flags = scores > threshold
    names = list(test.names) if len(test.names) == len(scores) else [str(row) for row in range(1, len(scores) + 1)]
    labels = load_labels(options.labels, names) if options.labels else None
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["sample", "score", "threshold", "anomaly", *(["label"] if labels is not None else [])])
        for i, name in enumerate(names):
            known = [int(labels[i])] if labels is not None else []
            writer.writerow([name, f"{scores[i]:.6g}", f"{threshold:.6g}", int(flags[i]), *known])
    print(f"{flags.sum():,} of {len(flags):,} flagged, with scores above {threshold:.4g}; the table is {options.out}")
    if labels is not None:
        figures = judge_scores(scores, labels, threshold)
        area = "– (all samples have the same label)" if figures.auroc is None else f"{figures.auroc:.4f}"
        print(f"AUROC {area}  precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f}")
    return 0
