"""Experiments: settings to compare, each with a hint in the strings, under `experiment.<name>`."""

from __future__ import annotations

from typing import Any, NamedTuple

from .settings import PageSettings

SMALL = {"hidden": (256, 128)}
SEQUENCES = {"linear_path": True, "time_features": 8}


class Experiment(NamedTuple):
    """Runs whose curves are compared; `variants`: their settings by the labels of the buttons."""

    name: str
    variants: dict[str, PageSettings]


def run(family: str, data: str = "digits", **values: Any) -> PageSettings:
    """Settings of a run from fields of the config and of the options."""
    return PageSettings.from_flat(family, data, values)


EXPERIMENTS = (
    Experiment("code_size", {str(n): run("dense", latent_dim=n, epochs=30, lr=2e-3, **SMALL) for n in (2, 32)}),
    Experiment(
        "variational",
        {
            "AE": run("dense", latent_dim=2, loss="bce", hidden=(512, 256), epochs=30),
            "VAE": run("vae", latent_dim=2, epochs=30),
        },
    ),
    Experiment("beta", {f"β = {b:g}": run("vae", "fashion-small", latent_dim=8, beta=b) for b in (0.1, 1.0, 4.0)}),
    Experiment(
        "noise",
        {
            "σ ≤ 0.1": run("denoising", limit=1500, gaussian=0.1, salt_and_pepper=0.0, mask=0.0, dropout_noise=0.0),
            "σ ≤ 0.5": run("denoising", limit=1500, gaussian=0.5, salt_and_pepper=0.0, mask=0.0, dropout_noise=0.0),
        },
    ),
    Experiment(
        "overfitting",
        {
            "10": run("dense", limit=10, batch_size=2, epochs=40, **SMALL),
            "4,500": run("dense", epochs=40, **SMALL),
        },
    ),
    Experiment(
        "linear",
        {
            "linear": run("dense", hidden=(), latent_dim=16, output="linear", epochs=20, lr=2e-3),
            "512 256": run("dense", hidden=(512, 256), latent_dim=16, epochs=20),
        },
    ),
    Experiment(
        "learning_rate",
        {lr: run("dense", lr=float(lr), epochs=6, **SMALL) for lr in ("0.00001", "0.001", "0.1")},
    ),
    Experiment(
        "sparse",
        {
            f"ρ = {rho:g}": run("sparse", rho=rho, sparsity_weight=1e-3, latent_dim=64, hidden=(256,))
            for rho in (0.05, 0.5)
        },
    ),
    Experiment(
        "stacked",
        {
            "layer by layer": run("stacked", greedy_share=0.5, hidden=(512, 256, 128), epochs=12),
            "all at once": run("stacked", greedy_share=0.0, hidden=(512, 256, 128), epochs=12),
        },
    ),
    Experiment("loss", {loss: run("dense", "fashion-small", loss=loss, epochs=6, **SMALL) for loss in ("mse", "l1")}),
    Experiment(
        "sequences",
        {
            "heartbeats": run(
                "seq2seq", "heartbeats", hidden_size=64, latent_dim=8, epochs=8, batch_size=32, lr=3e-3, **SEQUENCES
            ),
            "waves": run("seq2seq", "waves", hidden_size=64, latent_dim=8, epochs=4, lr=3e-3, **SEQUENCES),
            "words": run("seq2seq", "words", hidden_size=64, epochs=16, batch_size=512, lr=1e-2, **SEQUENCES),
        },
    ),
)
EXPERIMENTS_BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
