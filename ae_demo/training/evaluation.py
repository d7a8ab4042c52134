"""Evaluation: a model's metrics, averaged over a test set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import Message
from ..models import Autoencoder

MEAN_SAMPLES = 10_000  # training samples whose mean is the baseline
MIN_VARIANCE = 1e-5  # of samples that are not all alike; the squared step of 8-bit values is 1.5e-5


def to_input(batch: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Convert stored samples to a model's input: uint8 pictures to [0, 1]; series and symbols are not changed."""
    batch = batch.to(device, non_blocking=True)
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


def batches_of(
    model: Autoencoder, samples: torch.Tensor, labels: torch.Tensor | None, batch_size: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Batches of arguments for the model's losses and for `measure`: samples and, if the model takes them, labels.

    labels: int64, at least one for each sample, in the same order; or None
    """
    device = next(model.parameters()).device
    for start in range(0, len(samples), batch_size):
        part = slice(start, min(start + batch_size, len(samples)))
        x = to_input(samples[part], device)
        yield (x, labels[part].to(device)) if model.takes_labels and labels is not None else (x,)


@contextmanager
def fixed_seed(device: torch.device) -> Iterator[None]:
    """Seed the random generators inside the block, and restore their states afterwards."""
    on_cpu = device.type == "cpu"
    with torch.random.fork_rng([] if on_cpu else [device], device_type="cuda" if on_cpu else device.type):
        torch.manual_seed(0)
        yield


@torch.inference_mode()
def measure_all(
    model: Autoencoder, samples: torch.Tensor, batch_size: int = 250, labels: torch.Tensor | None = None
) -> dict[str, torch.Tensor]:
    """The metrics of each sample, by name, each float32 `(N,)`; empty if there are no samples.

    Restores the model's mode and the random state.

    labels: int64 `(N,)`, passed to a model that takes them; None if unknown
    """
    if not len(samples):
        return {}
    device, training = next(model.parameters()).device, model.training
    model.eval()
    with fixed_seed(device):
        parts = [model.measure(*batch) for batch in batches_of(model, samples, labels, batch_size)]
    model.train(training)
    return {name: torch.cat([part[name].cpu().float() for part in parts]) for name in parts[0]}


def evaluate(
    model: Autoencoder, samples: torch.Tensor, batch_size: int = 250, labels: torch.Tensor | None = None
) -> dict[str, float]:
    """The mean of each metric over `samples` `(N, …)`: uint8 pictures, float32 series in [0, 1], or int64 symbols.

    labels: int64 `(N,)`, passed to a model that takes them; None if unknown
    """
    return means_of(measure_all(model, samples, batch_size, labels))


def advice(
    model: Autoencoder, figures: dict[str, float], samples: torch.Tensor, training: torch.Tensor
) -> Message | None:
    """Advice if the model is not better on `samples` `(N, …)` than the mean of the training samples; otherwise None.

    `figures` are from `evaluate`. A model whose code carries no information, such as a collapsed VAE, outputs
    approximately that mean. (The mean of `samples` would not be a fair baseline: its error is zero for a single
    sample.) None if all samples are alike.
    """
    cpu = torch.device("cpu")
    x = to_input(samples, cpu)
    if "mse" not in figures or not x.is_floating_point():
        return None
    mean = to_input(training[:MEAN_SAMPLES], cpu).mean(dim=0)
    of_mean = (x - mean).square().mean().item()
    if figures["mse"] < of_mean or of_mean < MIN_VARIANCE:
        return None
    if hasattr(model.config, "beta"):
        suggestion = Message("Try another learning rate, more epochs, more samples, or a smaller β.")
    else:
        suggestion = Message("Try another learning rate, more epochs or more samples.")
    return Message(
        "On held-out samples the model is no better than the mean of the training samples (MSE {mse:.4f}; "
        "MSE of the mean: {of_mean:.4f}). {advised}",
        mse=figures["mse"],
        of_mean=of_mean,
        advised=suggestion,
    )


def means_of(measured: dict[str, torch.Tensor]) -> dict[str, float]:
    """The means of the metrics from `measure_all`."""
    return {name: values.mean().item() for name, values in measured.items()}
