"""What a run needs to go on: weights, optimizer, random states and place, without pickle.

Tensors lie in state.safetensors, the rest in state.json; both are removed when the run finishes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from .. import checkpoints
from ..errors import CheckpointError
from ..models import Autoencoder
from .options import TrainOptions

TENSORS, PLACE = "state.safetensors", "state.json"


def save_state(
    folder: Path,
    model: Autoencoder,
    optimizer: torch.optim.Optimizer,
    options: TrainOptions,
    shuffler: torch.Generator,
    epoch: int,
    history: list[dict[str, Any]],
    seconds: float,
) -> None:
    """Save a run after `epoch` epochs. The tensors come first: a crash between leaves them one epoch ahead at most."""
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    for index, entries in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{k}": torch.as_tensor(v) for k, v in entries.items() if v is not None}
    tensors |= {"random/global": torch.get_rng_state(), "random/shuffler": shuffler.get_state()}
    if torch.cuda.is_available():
        tensors |= {"random/cuda": torch.cuda.get_rng_state()}
    tensors |= {"epoch": torch.tensor(epoch)}
    checkpoints.write_tensors(folder / TENSORS, {k: v.detach().cpu().contiguous() for k, v in tensors.items()})
    place = {"family": model.family, "config": model.config.to_dict(), "options": options.to_dict()}
    checkpoints.write_json(folder / PLACE, {**place, "epoch": epoch, "seconds": seconds, "history": history})


def load_state(
    folder: Path, model: Autoencoder, options: TrainOptions, shuffler: torch.Generator
) -> tuple[int, list[dict[str, Any]], float, dict[str, torch.Tensor]]:
    """Put model and random states where they were: epochs done, history, seconds spent, optimizer's tensors.

    Raises `CheckpointError` when there is no run to resume, or it was one with other settings.
    """
    if not (folder / PLACE).exists():
        raise CheckpointError(f"{folder} holds no unfinished run to resume. Start it without --resume.")
    place = checkpoints.read_json(folder / PLACE)
    wanted = {"family": model.family, "config": model.config.to_dict(), "options": options.to_dict()}
    for kind, value in wanted.items():
        if kind == "options":  # threads do not change what is learnt, but for rounding
            value, place[kind] = ({k: v for k, v in d.items() if k != "threads"} for d in (value, place[kind]))
        if place.get(kind) != value:
            raise CheckpointError(f"The run in {folder} has {kind} {place.get(kind)}, not {value}; give the same.")
    try:
        tensors = safetensors.torch.load_file(folder / TENSORS)
        model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model/")})
        torch.set_rng_state(tensors["random/global"])
        shuffler.set_state(tensors["random/shuffler"])
        if torch.cuda.is_available() and "random/cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random/cuda"])
        epoch = int(tensors["epoch"])
    except (OSError, safetensors.SafetensorError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"The run saved in {folder} is damaged ({error}); start it anew.") from error
    optimizer = {k: v for k, v in tensors.items() if k.startswith("optimizer/")}
    return epoch, [h for h in place["history"] if h["epoch"] <= epoch], place["seconds"], optimizer


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Give an optimizer its moments back, if they are of the same parameters.

    In the parameters' own memory format: the fused update goes through memory, not through indices.
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
    """Remove the traces of an unfinished run."""
    for name in (TENSORS, PLACE):
        (folder / name).unlink(missing_ok=True)
