"""Trains the shipped checkpoints again: all of them, or the given ones.

    python checkpoints/train_all.py --data-dir data [vae-mnist …]

MNIST and Fashion-MNIST are downloaded to the folder if they are not there. The photo models need more folders in it:
`photos/`, any photographs (ours were 951 of ImageNet and 400 of BSDS500); `scenes64/` with `train/` and `val/`, outdoor
scenes of 64×64 pixels; and `photos64/` with `train/` and `val/`, photographs of 64×64 pixels (ours were 250 of each
category of Tiny ImageNet). From these, `make_colors.py` creates `colors64/` and `varied64/`. Runs use one thread unless
a recipe has another number, as did the runs of the shipped checkpoints.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SMALL = "--hidden 512 256"
CALM = "--temperature 0.35 --saturation 0.985 --doubt 18"
COLORS = "--batch-size 64 --optimizer muon --mirror"
NESTED = (
    "--patch 4 --channels 64 160 --latent-dim 0 --code-channels 64 --nested --output linear --linear-path --loss rmse "
    "--blocks 3 --optimizer muon"
)
WIDE = "--channels 64 128 192 --blocks 2"
NOISES = f"--optimizer muon {WIDE} --gaussian 0.22 --salt-and-pepper 0.75 --mask 0.75 --dropout-noise 0.5 --grain 0.15"
BOTH_CORES = "--threads 2 --precision float32"
GAUSSIAN = (
    "--optimizer muon --gaussian 0.22 --salt-and-pepper 0 --mask 0 --dropout-noise 0 --grain 0 --grey 0.6 "
    "--batch-size 12 --crop 96 --threads 2"
)
HARD = f"--batch-size 10 --crop 128 --contrast 0.45 {BOTH_CORES}"
MEAN = "mean of 2:"
SWEEP = "--epochs 30 --hidden 256 128 --latent-dim"
WIDER = "--augment 0.1 --hidden 384 256 --decoder-hidden 256 384 --latent-dim"
SERIES = "--latent-dim 8 --linear-path --time-features 8 --lr 3e-3 --precision float32"
LARGER = "--crop 128 --crops-per-epoch 2048"

# For each checkpoint: the folder of its data within the data folder, and the settings that differ from the defaults.
# Several settings are of consecutive runs; each starts from the weights of the previous run or, if its settings
# begin with `MEAN`, from the mean of the previous two; a name with a colon selects another folder of data.
RECIPES = {
    "dense-mnist": ("", "--epochs 80 --augment 0.1"),
    "conv-mnist": ("", "--epochs 20 --augment 0.1"),
    "denoising-mnist": ("", "--epochs 8 --channels 48 96 --blocks 2 --optimizer muon --lr 3e-3"),
    "vae-mnist": ("", "--epochs 200 --augment 0.1"),
    "cvae-mnist": ("", "--epochs 36 --augment 0.1"),
    "sparse-mnist": ("", f"--epochs 40 --augment 0.1 --sparsity-weight 2e-3 {SMALL}"),
    "stacked-mnist": ("", f"--epochs 50 --augment 0.1 {SMALL}"),
    "seq2seq-mnist": ("", "--epochs 12 --lr 2e-3"),
    "dense-fashion": ("", "--epochs 20"),
    "conv-fashion": ("", "--epochs 8"),
    "denoising-fashion": ("", "--epochs 6 --channels 32 64 --blocks 2 --optimizer muon --lr 3e-3"),
    "vae-fashion": ("", "--epochs 50"),
    "sparse-fashion": ("", f"--epochs 40 --augment 0.1 --sparsity-weight 2e-3 {SMALL}"),
    "stacked-fashion": ("", f"--epochs 24 {SMALL}"),
    "seq2seq-fashion": ("", "--epochs 8 --lr 2e-3"),
    "seq2seq-waves": ("", f"--epochs 4 --batch-size 64 --hidden-size 96 {SERIES}"),
    "seq2seq-heartbeats": ("", f"--epochs 60 --batch-size 32 --hidden-size 32 --optimizer muon {SERIES}"),
    "seq2seq-words": (
        "",
        "--epochs 24 --batch-size 512 --optimizer muon --lr 1e-2 --hidden-size 96 --latent-dim 32 --linear-path "
        "--time-features 8",
    ),
    "dense-mnist-2d": ("", "--epochs 30 --hidden 384 256 --latent-dim 2"),
    "dense-mnist-4d": ("", f"{SWEEP} 4"),
    "dense-mnist-8d": ("", f"{SWEEP} 8"),
    "dense-mnist-16d": ("", f"{SWEEP} 16"),
    "dense-mnist-32d": ("", f"{SWEEP} 32"),
    "dense-mnist-64d": ("", f"{SWEEP} 64"),
    "dense-fashion-2d": ("", "--epochs 30 --hidden 384 256 --latent-dim 2"),
    "vae-mnist-8d": ("", f"--epochs 60 {WIDER} 8"),
    "vae-mnist-32d": ("", f"--epochs 60 {WIDER} 32"),
    "vae-fashion-8d": ("", f"--epochs 40 {WIDER} 8"),
    "vae-fashion-32d": ("", f"--epochs 40 {WIDER} 32"),
    "colorization-photo": (
        "colors64",
        f"--epochs 8 {COLORS} --lr 1.5e-3",
        f"--epochs 7 {COLORS} --lr 1e-3 --augment 0.25",
        f"{MEAN} --epochs 1 {COLORS} --lr 1e-4 --augment 0.25",
        f"--epochs 6 {COLORS} --lr 1e-3 --augment 0.25 --seed 1",
        f"{MEAN} --epochs 1 {COLORS} --lr 1e-4 --augment 0.25 --seed 1 {CALM}",
        f"varied64: --epochs 4 {COLORS} --lr 1.5e-3 --hints 0.6 --rarity 0.2 --mean-weight 4 {BOTH_CORES}",
    ),
    "conv-photo": (
        "photos",
        f"--epochs 30 --batch-size 32 --lr 3e-3 {NESTED}",
        f"--epochs 16 --batch-size 8 --lr 1.5e-3 {LARGER} --nested-counts 4 8 16 16 32 {NESTED}",
        f"--epochs 10 --batch-size 8 --lr 7e-4 {LARGER} --nested-counts 4 8 16 16 16 32 64 --seed 1 {NESTED}",
    ),
    "conv-photo64": (
        "varied64",
        "--epochs 6 --batch-size 64 --optimizer muon --lr 3e-3 --mirror --crop 64 --crops-per-epoch 64000 --patch 4 "
        "--blocks 1 --channels 48 96 128 --latent-dim 128 --threads 2",
    ),
    "denoising-photo": (
        "photos",
        f"--epochs 30 --batch-size 16 --lr 3e-3 {NOISES}",
        f"--epochs 3 --lr 1e-3 --crops-per-epoch 6144 --grey 0.5 --seed 1 {HARD} {NOISES}",
        f"{MEAN} --epochs 1 --lr 3e-4 --crops-per-epoch 4096 --grey 0.3 --seed 2 {HARD} {NOISES}",
    ),
    "denoising-photo-gaussian": (
        "photos",
        f"--init {HERE / 'denoising-photo'} --epochs 4 --crops-per-epoch 4096 --lr 8e-4 --schedule constant --seed 3 "
        f"{GAUSSIAN} {WIDE}",
        f"--epochs 10 --crops-per-epoch 4096 --lr 4e-4 --seed 4 {GAUSSIAN} {WIDE}",
        f"--epochs 5 --crops-per-epoch 14336 --lr 1.5e-3 --seed 5 {GAUSSIAN} --channels 64 128 --blocks 3",
    ),
}


def commands(name: str, data_dir: str) -> list[list[str]]:
    """The consecutive command lines that train a checkpoint; intermediate ones are saved in `runs`."""
    family, data = name.split("-")[:2]
    folder, *stages = RECIPES[name]
    given = "folder" if folder else data
    words = [family, "--data", given, "--data-dir", str(Path(data_dir) / folder), "--threads", "1"]
    previous, lines = [], []
    for number, settings in enumerate(stages, 1):
        out = HERE / name if number == len(stages) else HERE.parent / "runs" / f"{name}-{number}"
        elsewhere = re.match(r"(\w+): ", settings)
        if elsewhere:
            words[words.index("--data-dir") + 1] = str(Path(data_dir) / elsewhere[1])
        initial = previous[-2:] if settings.startswith(MEAN) else previous[-1:]
        init = ["--init", *initial] if initial else []
        own = shlex.split(settings.removeprefix(MEAN).removeprefix(elsewhere[0] if elsewhere else ""))
        lines.append([*words, "--precision", "bfloat16", *own, *init, "--out", str(out)])
        previous.append(str(out))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="checkpoints [all]")
    parser.add_argument("--data-dir", default="data", help="folder of the data sets [data]")
    options = parser.parse_args()
    if unknown := set(options.names) - set(RECIPES):
        parser.error(f"there is no recipe for {', '.join(sorted(unknown))}; there is one for {', '.join(RECIPES)}")
    for line in (line for name in options.names or RECIPES for line in commands(name, options.data_dir)):
        words = [sys.executable, "-m", "ae_demo", "train", *line]
        print("\n" + shlex.join(words[1:]), flush=True)
        if status := subprocess.run(words, cwd=HERE.parent, check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
