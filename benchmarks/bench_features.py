"""What the codes of the shipped checkpoints are good for, compared with PCA and raw pixels, on the official test sets.

    python benchmarks/bench_features.py --data-dir data [--data mnist fashion] [--only dense-mnist pca …]
        [--write] [--noise]

The encoders were trained on the training pictures without labels. A linear probe (logistic regression) is fitted to 10,
50, 100 or 500 labelled training pictures, ten draws each, or to 10,000, and tested on all 10,000 test pictures, which
are also clustered. With noise, both training and test pictures are noisy (100 labels of 1,000 training pictures);
"denoised" are the same pictures after the denoising model. `--write` saves the figures for the Features tab. With
`--noise` only those of noisy pictures are measured, and the saved ones are shown beside them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ae_demo.analysis import representations as r  # noqa: E402
from ae_demo.analysis.code_maps import FIGURES, fingerprint  # noqa: E402
from ae_demo.data import Samples, load_dataset  # noqa: E402


def measure(
    name: str, data: Samples, noisy: dict[str, r.NoisyPictures], saved: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The figures of one representation; those without noise are taken from `saved`."""
    if name == r.PCA:
        representation = r.of_pca(data.train)
    else:
        representation = r.of_pixels() if name == r.PIXELS else r.of_checkpoint(name)
    row = saved or r.measure(representation, data)
    row["noise"] = {kind: r.measure_noise(representation, pictures) for kind, pictures in noisy.items()}
    if saved is None and name not in (r.PCA, r.PIXELS):
        row["of"] = fingerprint(name)
    return row


def print_row(name: str, row: dict[str, Any]) -> None:
    labels = " | ".join(f"{100 * p['mean']:.1f} ± {100 * p['std']:.1f}" for p in row["labels"]["probe"])
    noise = " | ".join(f"{100 * p['mean']:.1f} ± {100 * p['std']:.1f}" for p in row["noise"].values())
    clusters = " | ".join(
        f"{row[m]['accuracy']:.3f} / {row[m]['nmi']:.3f} / {row[m]['ari']:.3f}" for m in ("kmeans", "gaussian")
    )
    figures = f"{100 * row['probe']:.1f} | {100 * row['knn']:.1f}"
    print(f"| {name} | {row['numbers']} | {labels} | {figures} | {clusters} | {noise} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="folder of the full data sets [data]")
    parser.add_argument("--data", nargs="+", choices=("mnist", "fashion"), default=["mnist", "fashion"])
    parser.add_argument("--only", nargs="+", help="checkpoints, pca, pixels; all by default")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {FIGURES.name}")
    parser.add_argument("--noise", action="store_true", help="measure only the figures of noisy pictures")
    options = parser.parse_args()
    stored = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for data_name in options.data:
        data = load_dataset(data_name, data_dir=options.data_dir)
        if data.notice:
            raise SystemExit(data.notice)
        denoiser = r.denoiser_of(data_name)
        noisy = {kind: r.add_noise(data, kind) for kind in r.NOISES}
        noisy |= {f"{kind}_denoised": r.add_noise(data, kind, denoiser) for kind in r.NOISES if denoiser}
        print(
            f"\n{data_name}: probe with 10 | 50 | 100 | 500 labels | with 10,000 | 5 nearest of 10,000 | "
            "accuracy / NMI / ARI of k-means | of a Gaussian mixture | "
            f"100 labels under {' | '.join(noisy)}",
            flush=True,
        )
        for name in (r.PIXELS, r.PCA, *r.checkpoints_of(data_name)):
            if (options.only and name not in options.only) or (options.noise and name not in stored[data_name]):
                continue
            began = time.monotonic()
            row = measure(name, data, noisy, stored[data_name][name] if options.noise else None)
            print_row(name, row)
            print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr)
            if options.write:  # after each one, so that an interrupted run keeps its results
                FIGURES.parent.mkdir(exist_ok=True)
                stored.setdefault(data_name, {})[name] = rounded(row)
                FIGURES.write_text(json.dumps(stored, indent=1) + "\n")


def rounded(value: Any) -> Any:
    """Floats with four decimals."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
