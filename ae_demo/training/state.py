"""The saved state of an unfinished run: weights, optimizer, random states and progress, without pickle.

Tensors are in state.safetensors, everything else in state.json; both are removed when the run finishes.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from .. import checkpoints
from ..errors import CheckpointError
from ..models import Autoencoder
from .controls import live_fields
from .run import Run

TENSORS, PROGRESS = "state.safetensors", "state.json"


def save_state(run: Run) -> None:
    """Save a run in its folder. Tensors are written first: after a crash in between, they are one save ahead."""
    assert run.folder is not None
    assert run.optimizer is not None
    tensors = {f"model/{name}": value for name, value in run.model.state_dict().items()}
    for index, entries in run.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{k}": torch.as_tensor(v) for k, v in entries.items() if v is not None}
    tensors |= {"random/global": torch.get_rng_state(), "random/shuffler": run.shuffler.get_state()}
    if torch.cuda.is_available():
        tensors |= {"random/cuda": torch.cuda.get_rng_state()}
    tensors |= {"epoch": torch.tensor(run.epoch)}
    checkpoints.write_tensors(run.folder / TENSORS, {k: v.detach().cpu().contiguous() for k, v in tensors.items()})
    progress = {**_identity(run), "epoch": run.epoch, "seconds": run.seconds, "history": run.history}
    checkpoints.write_json(run.folder / PROGRESS, progress)


def is_saved(folder: str | Path) -> bool:
    """Whether `folder` contains the state of an unfinished run."""
    return (Path(folder) / PROGRESS).exists()


def restore_live_options(model: Autoencoder, folder: str | Path) -> None:
    """Restore the options that may change during a run, see `live_fields`, to their values when the run was saved."""
    saved = checkpoints.read_json(Path(folder) / PROGRESS)["config"]
    model.config = dataclasses.replace(model.config, **{name: saved[name] for name in live_fields(type(model).Config)})


def load_state(run: Run, folder: Path) -> dict[str, torch.Tensor]:
    """Restore a run from `folder`; return the optimizer's tensors.

    Raises `CheckpointError` if there is no run to resume, if its settings differ, or if a file is damaged.
    """
    if not is_saved(folder):
        raise CheckpointError("There is no unfinished run in {folder}. Start without --resume.", folder=folder)
    progress = checkpoints.read_json(folder / PROGRESS)
    for kind, value in _identity(run).items():
        saved = progress.get(kind) or {}
        if kind == "options":  # the number of threads affects only rounding
            value, saved = ({k: v for k, v in d.items() if k != "threads"} for d in (value, saved))
        if saved != value:
            raise CheckpointError(
                "The run in {folder} has {kind} {saved}, but {value} was given; give the same.",
                folder=folder,
                kind=kind,
                saved=saved,
                value=value,
            )
    try:
        tensors = safetensors.torch.load_file(folder / TENSORS)
        weights = {k.removeprefix("model/"): v for k, v in tensors.items() if k.startswith("model/")}
        run.model.load_state_dict(weights)
        torch.set_rng_state(tensors["random/global"])
        run.shuffler.set_state(tensors["random/shuffler"])
        if torch.cuda.is_available() and "random/cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random/cuda"])
        run.epoch = int(tensors["epoch"])
    except (OSError, safetensors.SafetensorError, KeyError, RuntimeError) as error:
        raise CheckpointError(
            "The run saved in {folder} is damaged ({error}). Start again without --resume.", folder=folder, error=error
        ) from error
    run.history = [entry for entry in progress["history"] if entry["epoch"] <= run.epoch]
    run.resumed_seconds = progress["seconds"]
    return {k: v for k, v in tensors.items() if k.startswith("optimizer/")}


def _identity(run: Run) -> dict[str, Any]:
    """The settings that must be the same when a run is resumed."""
    return {
        "family": run.model.family,
        "config": run.model.config.to_dict(),
        "options": run.options.to_dict(),
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Restore the state of an optimizer, if it belongs to the same parameters.

    Its tensors get the memory format of the parameters, since fused optimizers process memory in order.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    saved: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        _, index, entry = name.split("/")
        like = parameters[int(index)]
        value = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
        saved.setdefault(int(index), {})[entry] = value
    if len(saved) == len(parameters):
        optimizer.load_state_dict({"state": saved, "param_groups": optimizer.state_dict()["param_groups"]})


def clear_state(folder: Path) -> None:
    """Remove the saved state from `folder`."""
    for name in (TENSORS, PROGRESS):
        (folder / name).unlink(missing_ok=True)
