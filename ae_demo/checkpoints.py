"""Checkpoints: folders with model.safetensors, config.json and metrics.json.

Weights are stored in half precision and loaded in single precision; metrics are measured after that rounding. Nothing
is unpickled, so a checkpoint from an untrusted source cannot run code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from .errors import CheckpointError, ConfigError, Message
from .models import FAMILIES, Autoencoder, build_model
from .models.outline import without_values
from .resources import resource_folder

ROOT = Path(os.environ.get("AE_CHECKPOINTS") or resource_folder("checkpoints"))
FORMAT = 1
WEIGHTS, CONFIG, METRICS = "model.safetensors", "config.json", "metrics.json"


def best_device() -> torch.device:
    """The device `AE_DEVICE` if it is set, otherwise CUDA, MPS or the CPU. Raises `ConfigError` if there is none."""
    if wanted := os.environ.get("AE_DEVICE"):
        try:
            device = torch.zeros(0, device=wanted).device
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise ConfigError(
                "AE_DEVICE is {wanted!r}, which this machine does not have; use cpu, cuda or mps.", wanted=wanted
            ) from error
        if device.type == "meta":
            raise ConfigError("AE_DEVICE is 'meta', which computes nothing; use cpu, cuda or mps.")
        return device
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def list_checkpoints(root: str | Path | None = None, *, task: str | None = None) -> list[str]:
    """Names of the checkpoints under `root` (default: those of the project), sorted by family and name.

    Damaged checkpoints are left out, see `damaged_checkpoints`.

    task: one of `models.TASKS`; None: all
    """
    families = list(FAMILIES)
    found = []
    for folder in _candidates(root):
        if _damage(folder) is None:
            family = _outline_of(folder).family
            if task is None or FAMILIES[family].task == task:
                found.append((families.index(family), folder.name))
    return [name for _, name in sorted(found)]


def damaged_checkpoints(root: str | Path | None = None) -> dict[str, Message]:
    """The damaged checkpoints under `root`, and what is wrong with each; the message begins with the file's name."""
    reasons = {folder.name: _damage(folder) for folder in sorted(_candidates(root))}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _candidates(root: str | Path | None) -> list[Path]:
    """Folders with weights or a config. An unfinished run has neither."""
    return list({path.parent for name in (WEIGHTS, CONFIG) for path in Path(root or ROOT).glob(f"*/{name}")})


def _damage(folder: Path) -> Message | None:
    """What is wrong with the checkpoint in `folder`, or None; cached until a file changes."""
    files = (folder / name for name in (WEIGHTS, CONFIG, METRICS))
    stamps = [(file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None for file in files]
    return _cached_damage(folder, tuple(stamps))


@lru_cache(maxsize=256)
def _cached_damage(folder: Path, stamps: tuple[tuple[int, int] | None, ...]) -> Message | None:
    try:
        verify(folder)
    except CheckpointError as error:
        return error.message
    return None


def verify(folder: str | Path) -> None:
    """Check the files of the checkpoint in `folder`, without reading the weights. metrics.json may be missing.

    Raises `CheckpointError` if a file is missing, damaged, or inconsistent with the others.
    """
    folder = Path(folder)
    expected = {name: list(value.shape) for name, value in _outline_of(folder).state_dict().items()}
    with _reading_weights(folder), safetensors.safe_open(folder / WEIGHTS, "pt") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 (not a dict)
    if differing := sorted(name for name in expected | shapes if expected.get(name) != shapes.get(name)):
        raise CheckpointError(
            "{file} does not fit {config}: {reason}",
            file=f"{folder.name}/{WEIGHTS}",
            config=CONFIG,
            reason=", ".join(differing)[:200],
        )
    if (folder / METRICS).exists():
        read_json(folder / METRICS)


@contextmanager
def _reading_weights(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            "{file} is missing or damaged ({reason}). Download it again.",
            file=f"{folder.name}/{WEIGHTS}",
            reason=_reason(error),
        ) from error


def family_of(checkpoint: str | Path) -> type[Autoencoder]:
    """The class of a checkpoint's model, read from its config. Raises `CheckpointError` if it is missing or damaged."""
    folder = checkpoint_folder(checkpoint)
    family = str(read_json(folder / CONFIG).get("family"))
    if family not in FAMILIES:
        raise CheckpointError(
            "{file} has the unknown family {family!r}.", file=f"{folder.name}/{CONFIG}", family=family[:80]
        )
    return FAMILIES[family]


def takes_pictures(checkpoint: str | Path) -> bool:
    """Whether a checkpoint's model takes pictures rather than series or symbols. Raises `CheckpointError`."""
    return len(load_outline(checkpoint).config.input_shape) == 3


def data_of(checkpoint: str | Path) -> str:
    """The name of the data set that a checkpoint was trained on; empty if it is unknown."""
    try:
        return str(load_metrics(checkpoint)["data"]["name"])
    except (CheckpointError, KeyError, TypeError):
        return ""


def checkpoint_folder(checkpoint: str | Path) -> Path:
    """The folder of a checkpoint given by name or path. Raises `CheckpointError` if it does not exist."""
    with suppress(TypeError, OSError):  # raised for other types, and for paths that are too long
        path = Path(checkpoint)
        for folder in (ROOT / path, path) if len(path.parts) == 1 else (path,):
            if (folder / CONFIG).is_file():
                return folder
    raise CheckpointError(
        "There is no checkpoint {given!r}. Give the path of a folder with {config} and {weights}, or "
        "one of: {allowed}.",
        given=str(checkpoint)[:200],
        config=CONFIG,
        weights=WEIGHTS,
        allowed=", ".join(list_checkpoints()) or "none yet, train one first",
    )


def save(model: Autoencoder, folder: str | Path, metrics: dict[str, Any] | None = None) -> Path:
    """Save `model` as a checkpoint and return its folder. Each file is written atomically.

    Raises `CheckpointError` if a weight is not finite in half precision, or the folder cannot be written.
    """
    folder = make_folder(folder)
    weights = {k: v.detach().to("cpu", torch.float16).contiguous() for k, v in model.state_dict().items()}
    if not all(value.isfinite().all() for value in weights.values()):
        raise CheckpointError("The weights are too large or not finite, so nothing was saved. Train the model again.")
    write_tensors(folder / WEIGHTS, weights)
    write_json(folder / CONFIG, {"format": FORMAT, "family": model.family, "config": model.config.to_dict()})
    if metrics is not None:
        write_json(folder / METRICS, metrics)
    return folder


def make_folder(folder: str | Path) -> Path:
    """Create a folder for a checkpoint if it does not exist. Raises `CheckpointError` if it is not writable."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".part").touch()
        (folder / ".part").unlink()
    except OSError as error:
        raise CheckpointError(
            "Nothing can be saved in {folder} ({reason}). Give another folder.", folder=folder, reason=error.strerror
        ) from error
    return folder


def load(checkpoint: str | Path, device: str | torch.device | None = None) -> Autoencoder:
    """Load the model of a checkpoint, in evaluation mode and without gradients.

    checkpoint: a name from `list_checkpoints`, or the path of a folder
    device: None: see `best_device`

    Raises `CheckpointError` if the checkpoint is missing, damaged, or not one of AE Demo.
    """
    folder = checkpoint_folder(checkpoint)
    model = _build_outline(folder)
    with _reading_weights(folder):
        weights = safetensors.torch.load_file(folder / WEIGHTS)
    try:
        model.load_state_dict({k: v.float() for k, v in weights.items()}, assign=True)
    except RuntimeError as error:
        mismatch = str(error).splitlines()[-1].strip()  # the message has one line per tensor
        raise CheckpointError(
            "{file} does not fit {config}: {reason}", file=f"{folder.name}/{WEIGHTS}", config=CONFIG, reason=mismatch
        ) from error
    return model.to(device or best_device()).eval().requires_grad_(False)


def load_outline(checkpoint: str | Path) -> Autoencoder:
    """The model of a checkpoint on the meta device, without weights. It is cached and must not be changed.

    Raises `CheckpointError` if the checkpoint or its config is missing or damaged.
    """
    return _outline_of(checkpoint_folder(checkpoint))


def _outline_of(folder: Path) -> Autoencoder:
    config = folder / CONFIG
    return _cached_outline(folder, config.stat().st_mtime_ns if config.exists() else 0)


@lru_cache(maxsize=128)
def _cached_outline(folder: Path, modified: int) -> Autoencoder:
    return _build_outline(folder)


def _build_outline(folder: Path) -> Autoencoder:
    about = read_json(folder / CONFIG)
    try:
        family, config, version = about["family"], about["config"], about["format"]
        if version != FORMAT:
            raise CheckpointError(
                "{folder} has format {version!r}; this version of AE Demo reads {format}.",
                folder=folder.name,
                version=version,
                format=FORMAT,
            )
        with without_values():  # allocates no memory, even if config.json has very large layers
            return build_model(family, **config)
    except KeyError as error:
        raise CheckpointError(
            "{file} does not describe an AE Demo model: it has no {field}.", file=f"{folder.name}/{CONFIG}", field=error
        ) from error
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(
            "{file} does not describe an AE Demo model: {reason}", file=f"{folder.name}/{CONFIG}", reason=error
        ) from error


def load_metrics(checkpoint: str | Path) -> dict[str, Any]:
    """The content of a checkpoint's metrics.json, see `training.report`. Raises `CheckpointError`."""
    return read_json(checkpoint_folder(checkpoint) / METRICS)


def _reason(error: Exception) -> str:
    """The error's message, without the path of the file."""
    return (error.strerror or "cannot be read") if isinstance(error, OSError) else str(error)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises `CheckpointError` if the file is missing, damaged or contains another value."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            "{file} is missing or damaged ({reason}).", file=f"{path.parent.name}/{path.name}", reason=_reason(error)
        ) from error
    if not isinstance(value, dict):
        raise CheckpointError(
            "{file} does not hold a JSON object. Download it again.", file=f"{path.parent.name}/{path.name}"
        )
    return value


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write a safetensors file atomically."""
    part = path.with_suffix(".part")
    safetensors.torch.save_file(tensors, part)
    part.replace(path)
