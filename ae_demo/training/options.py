"""Training options, the same for every family. Flags and controls are derived from these fields."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import Options, option


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Options):
    """Settings of a run, the same for every family."""

    epochs: int = option(20, "passes over the training samples", minimum=1, maximum=100_000)
    batch_size: int = option(128, "samples in one step", minimum=1, maximum=65_536)
    lr: float = option(1e-3, "peak learning rate", minimum=1e-7, maximum=10.0, label="learning rate")
    optimizer: str = option("adam", "update rule of the weights", choices=("adam", "muon", "sgd"))
    schedule: str = option(
        "cosine", "course of the learning rate, after a short warm-up", choices=("cosine", "constant")
    )
    l1: float = option(0.0, "weight of the sum of absolute weights", minimum=0.0, maximum=1.0, label="L1")
    l2: float = option(0.0, "weight of the sum of squared weights", minimum=0.0, maximum=1.0, label="L2")
    augment: float = option(
        0.0,
        "augmentation: scale, rotate and shear half of the pictures by up to this fraction",
        minimum=0.0,
        maximum=0.5,
    )
    mirror: bool = option(False, "flip half of the pictures horizontally")
    contrast: float = option(
        0.0,
        "clip up to this fraction of the range at each end, in half of the pictures, to black and white",
        minimum=0.0,
        maximum=0.45,
    )
    seed: int = option(0, "seed of the weights, the order of samples and the noise", minimum=0, maximum=2**31 - 1)
    threads: int = option(0, "processor threads; 0: all", minimum=0, maximum=256)
    precision: str = option("float32", "precision of matrix products", choices=("float32", "bfloat16"))
