"""A model's figures over a test set: the mean of what it measures of each picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..models import Autoencoder


def to_input(batch: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Stored samples as the model's input: uint8 pictures to [0, 1]; numbers and symbols as they are."""
    batch = batch.to(device, non_blocking=True)
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


@contextmanager
def same_draws(device: torch.device) -> Iterator[None]:
    """Draw the same random numbers each time within the block, and restore the random state after it."""
    on_cpu = device.type == "cpu"
    with torch.random.fork_rng([] if on_cpu else [device], device_type="cuda" if on_cpu else device.type):
        torch.manual_seed(0)
        yield


@torch.inference_mode()
def measure_all(model: Autoencoder, pictures: torch.Tensor, batch_size: int = 250) -> dict[str, torch.Tensor]:
    """Each figure of each picture, `(N,)` float32. Leaves the model's mode and the random state as they were."""
    device, training = next(model.parameters()).device, model.training
    model.eval()
    with same_draws(device):
        parts = [model.measure(to_input(batch, device)) for batch in pictures.split(batch_size)]
    model.train(training)
    return {name: torch.cat([part[name].cpu().float() for part in parts]) for name in parts[0]}


def evaluate(model: Autoencoder, pictures: torch.Tensor, batch_size: int = 250) -> dict[str, float]:
    """The mean of each figure over `pictures`, stored samples `(N, …)`."""
    return means_of(measure_all(model, pictures, batch_size))


def advice(model: Autoencoder, figures: dict[str, float], pictures: torch.Tensor) -> str | None:
    """Advice for a model that is no better on `pictures`, stored samples `(N, …)`, than their mean; else None.

    `figures` are those of `evaluate`. The mean is the best constant prediction, and what a model gives whose code holds
    nothing, such as a collapsed VAE.
    """
    x = to_input(pictures, torch.device("cpu"))
    if "mse" not in figures or not x.is_floating_point():
        return None
    of_mean = x.var(dim=0, correction=0).mean().item()
    if figures["mse"] < of_mean:
        return None
    smaller = ", or a smaller β" if hasattr(model.config, "beta") else ""
    return (
        f"On held-out samples the model is no better than their mean (MSE {figures['mse']:.4f}; MSE of the mean: "
        f"{of_mean:.4f}). Try another learning rate, more epochs or more samples{smaller}."
    )


def means_of(measured: dict[str, torch.Tensor]) -> dict[str, float]:
    """The mean of each figure of `measure_all`."""
    return {name: values.mean().item() for name, values in measured.items()}
