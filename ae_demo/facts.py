"""The facts of a checkpoint that need no weights: task, data, code, size and metrics."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import checkpoints
from .data import DATA_SETS
from .errors import Message
from .models import FAMILIES, TASKS
from .models.base import FullyConvolutionalConfig

SUBJECTS = ("digits", "garments", "photographs", "heartbeats", "waves", "words", "own")
_OF_PICTURES = {"digit": "digits", "garment": "garments"}  # subjects by `DataSet.subject`


@dataclass(frozen=True)
class ModelFacts:
    """The facts of a checkpoint. For a damaged checkpoint, only `name` and `error` are set.

    name: the name of its folder
    error: what is wrong with its files; None if they are consistent
    task: one of `models.TASKS`
    family: one of `models.FAMILIES`
    subject: what its samples show, one of `SUBJECTS`; "own" for a user's data
    data: the name of the data set it was trained on
    input_shape: of one sample: (C, H, W), (T, F), or (T,) of symbols
    code_shape: of one sample's code: (latent_dim,), or a map (C, h, w)
    any_size: whether it takes pictures of any size; `input_shape` is then the shape of a training picture
    variational: whether the code is a distribution
    parameters: number of trainable parameters
    size: of the file of weights, in bytes
    figures: metrics by name, means over the test set; psnr is in dB, kl and bce in nats
    train_count, test_count: number of samples; None if unknown
    epochs, seconds: of the training run; None if unknown
    command: the command that trained it
    """

    name: str
    error: Message | None = None
    task: str = ""
    family: str = ""
    subject: str = ""
    data: str = ""
    input_shape: tuple[int, ...] = ()
    code_shape: tuple[int, ...] = ()
    any_size: bool = False
    variational: bool = False
    parameters: int = 0
    size: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    train_count: int | None = None
    test_count: int | None = None
    epochs: int | None = None
    seconds: float | None = None
    command: str = ""

    @property
    def numbers(self) -> int:
        """How many numbers the code of one sample of `input_shape` has."""
        return math.prod(self.code_shape)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can represent, by field name, including `numbers`."""
        return {**dataclasses.asdict(self), "numbers": self.numbers}


def list_models(root: str | Path | None = None) -> list[ModelFacts]:
    """The facts of all checkpoints under `root` (default: those of the project), by task, subject, family and size.

    Damaged checkpoints come last, with `error`.
    """
    folder = Path(root or checkpoints.ROOT)
    found = [describe_model(folder / name) for name in checkpoints.list_checkpoints(folder)]
    for name, reason in checkpoints.damaged_checkpoints(folder).items():
        found.append(ModelFacts(name, error=reason.without(f"{name}/")))
    return sorted(found, key=_sort_key)


def _sort_key(facts: ModelFacts) -> tuple[int, ...]:
    if facts.error:
        return (len(TASKS),)
    family = list(FAMILIES).index(facts.family)
    size = (not facts.any_size, facts.numbers, facts.parameters)
    return (TASKS.index(facts.task), SUBJECTS.index(facts.subject), family, *size)


def describe_model(checkpoint: str | Path) -> ModelFacts:
    """The facts of a checkpoint, given by name or path. Raises `CheckpointError` if it is missing or damaged."""
    folder = checkpoints.checkpoint_folder(checkpoint)
    paths = [folder / name for name in (checkpoints.CONFIG, checkpoints.WEIGHTS, checkpoints.METRICS)]
    stamps = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
    return _describe(folder, stamps)


@lru_cache(maxsize=256)
def _describe(folder: Path, stamps: tuple[int, ...]) -> ModelFacts:
    model = checkpoints.load_outline(folder)
    checkpoints.verify(folder)
    recorded = checkpoints.load_metrics(folder) if stamps[-1] else {}
    data, figures = recorded.get("data"), recorded.get("figures")
    data = data if isinstance(data, dict) else {}
    name = str(data.get("name", ""))
    return ModelFacts(
        folder.name,
        task=model.task,
        family=model.family,
        subject=subject_of(name, model.config.input_shape),
        data=name,
        input_shape=model.config.input_shape,
        code_shape=model.code_shape,
        any_size=len(model.code_shape) == 3 and isinstance(model.config, FullyConvolutionalConfig),
        variational=model.variational,
        parameters=model.parameter_count(),
        size=(folder / checkpoints.WEIGHTS).stat().st_size,
        figures={str(k): float(v) for k, v in figures.items() if _number(v)} if isinstance(figures, dict) else {},
        train_count=_count(data.get("train")),
        test_count=_count(data.get("test")),
        epochs=_count(recorded.get("epochs")),
        seconds=recorded["seconds"] if _number(recorded.get("seconds")) else None,
        command=str(recorded.get("command") or ""),
    )


def subject_of(data: str, input_shape: tuple[int, ...]) -> str:
    """What the samples of a data set show, one of `SUBJECTS`."""
    entry = DATA_SETS.get(data)
    if entry is None or entry.own:
        return "photographs" if len(input_shape) == 3 and input_shape[0] == 3 else "own"
    subject = _OF_PICTURES.get(entry.subject or "", entry.name)
    return subject if subject in SUBJECTS else "own"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> int | None:
    return int(value) if _number(value) else None
