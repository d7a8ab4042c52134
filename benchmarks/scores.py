"""The README's table of the checkpoints' metrics, generated from their metrics.json.

python benchmarks/scores.py            # prints the table
python benchmarks/scores.py --write    # writes it to README.md
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ae_demo import checkpoints  # noqa: E402

README = ROOT / "README.md"
BETWEEN = re.compile(r"(<!-- scores -->\n).*(<!-- /scores -->)", re.DOTALL)


def row(name: str) -> str:
    """One checkpoint's line."""
    about = checkpoints.load_metrics(name)
    model = checkpoints.load(name, "cpu")
    figures = about["figures"]
    code = (
        "×".join(map(str, model.code_shape)) if len(model.code_shape) == 1 else f"map, {model.code_shape[0]} channels"
    )
    size = (checkpoints.checkpoint_folder(name) / checkpoints.WEIGHTS).stat().st_size / 1e6
    ssim = f"{figures['ssim']:.3f}" if "ssim" in figures else "–"  # not defined for series
    if "mse" in figures:
        mse = f"{figures['mse']:.4f}" if figures["mse"] >= 1e-4 else f"{figures['mse']:.1e}"
        score = f"{mse} | {figures['psnr']:.1f} | {ssim}"
    else:
        score = "– | – | –"  # of symbols
    return f"| `{name}` | {code} | {max(size, 0.1):.1f} MB | {score} | {remark(model.family, figures)} |"


def remark(family: str, f: dict[str, float]) -> str:
    """Further metrics of a family."""
    if "negative_elbo" in f:
        label = f"; label inferred: {f['label_accuracy']:.1%} right" if "label_accuracy" in f else ""
        return f"BCE {f['bce']:.1f} + KL {f['kl']:.1f} = {f['negative_elbo']:.1f} nats{label}"
    if family == "sparse":
        return f"mean activation {f['activation']:.2f}, {f['active_share']:.0%} of units above ½"
    if family == "colorization":
        vivid = f"colourfulness {f['colourfulness']:.0f} (truth {f['colourfulness_truth']:.0f})"
        return f"{vivid}; left grey: {f['psnr_grey']:.1f} dB"
    if family == "denoising":
        kinds = (("σ 0.3", "gaussian_0.3"), ("salt and pepper 0.3", "salt_and_pepper_0.3"), ("mask 0.5", "mask_0.5"))
        return "; ".join(f"{label}: {f[f'psnr_{k}_noisy']:.1f} → {f[f'psnr_{k}']:.1f} dB" for label, k in kinds)
    if "exact" in f:
        return f"{f['accuracy']:.1%} of the symbols and {f['exact']:.1%} of the words right"
    if kept := [k for k in (4, 8, 16, 32) if f"psnr_{k}" in f]:
        figures = " / ".join(f"{f[f'psnr_{k}']:.1f}" for k in kept)
        return f"with its first {' / '.join(map(str, kept))} channels: {figures} dB"
    return ""


def table() -> str:
    """The whole table in Markdown."""
    head = "| checkpoint | code | weights | MSE | PSNR, dB | SSIM | |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(row(name) + "\n" for name in checkpoints.list_checkpoints())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table to README.md")
    made = table()
    print(made)
    if parser.parse_args().write:
        text = README.read_text(encoding="utf-8")
        README.write_text(BETWEEN.sub(lambda m: m[1] + made + m[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
