"""Evaluation: a model's figures, averaged over a test set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import Message
from ..models import Autoencoder

MEAN_SAMPLES = 10_000  # training samples whose mean is compared with
ALIKE = 1e-5  # mean squared error below which all samples count as one; a step of 8 bits is 1.5e-5


def to_input(batch: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Convert stored samples to a model's input: uint8 pictures to [0, 1]; series and symbols stay as they are."""
    batch = batch.to(device, non_blocking=True)
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


def batches_of(
    model: Autoencoder, samples: torch.Tensor, labels: torch.Tensor | None, batch_size: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """The arguments of the model's losses and of `measure`, batch by batch: samples and, if it takes them, labels.

    labels: int64, of the samples, or of more that follow them; or None
    """
    device = next(model.parameters()).device
    for start in range(0, len(samples), batch_size):
        part = slice(start, min(start + batch_size, len(samples)))
        x = to_input(samples[part], device)
        yield (x, labels[part].to(device)) if model.takes_labels and labels is not None else (x,)


@contextmanager
def fixed_seed(device: torch.device) -> Iterator[None]:
    """Within the block, random numbers are the same each time; the random state is restored after it."""
    on_cpu = device.type == "cpu"
    with torch.random.fork_rng([] if on_cpu else [device], device_type="cuda" if on_cpu else device.type):
        torch.manual_seed(0)
        yield


@torch.inference_mode()
def measure_all(
    model: Autoencoder, samples: torch.Tensor, batch_size: int = 250, labels: torch.Tensor | None = None
) -> dict[str, torch.Tensor]:
    """Measure each sample: figures by name, each `(N,)` float32. Restores the model's mode and the random state.

    `labels` int64 `(N,)`, if they are known, are given to a model that takes them.
    """
    device, training = next(model.parameters()).device, model.training
    model.eval()
    with fixed_seed(device):
        parts = [model.measure(*batch) for batch in batches_of(model, samples, labels, batch_size)]
    model.train(training)
    return {name: torch.cat([part[name].cpu().float() for part in parts]) for name in parts[0]}


def evaluate(
    model: Autoencoder, samples: torch.Tensor, batch_size: int = 250, labels: torch.Tensor | None = None
) -> dict[str, float]:
    """The mean of each figure over `samples` `(N, …)`, uint8 pictures or float32 series in [0, 1], or symbols."""
    return means_of(measure_all(model, samples, batch_size, labels))


def advice(
    model: Autoencoder, figures: dict[str, float], samples: torch.Tensor, training: torch.Tensor
) -> Message | None:
    """Advice for a model that is no better on `samples` `(N, …)` than the mean of the training samples; else None.

    `figures` are from `evaluate`. A model whose code carries no information, such as a collapsed VAE, outputs about
    that mean. (The mean of `samples` would not be a fair baseline: for a single sample its error is zero.) None if all
    samples are alike.
    """
    cpu = torch.device("cpu")
    x = to_input(samples, cpu)
    if "mse" not in figures or not x.is_floating_point():
        return None
    mean = to_input(training[:MEAN_SAMPLES], cpu).mean(dim=0)
    of_mean = (x - mean).square().mean().item()
    if figures["mse"] < of_mean or of_mean < ALIKE:
        return None
    if hasattr(model.config, "beta"):
        advised = Message("Try another learning rate, more epochs, more samples, or a smaller β.")
    else:
        advised = Message("Try another learning rate, more epochs or more samples.")
    return Message(
        "On held-out samples the model is no better than the mean of the training samples (MSE {mse:.4f}; "
        "MSE of the mean: {of_mean:.4f}). {advised}",
        mse=figures["mse"],
        of_mean=of_mean,
        advised=advised,
    )


def means_of(measured: dict[str, torch.Tensor]) -> dict[str, float]:
    """The mean of each figure of `measure_all`."""
    return {name: values.mean().item() for name, values in measured.items()}
