"""Which tabs take which models.

Each tab registers when it is imported, so that the Models tab need not import them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ... import checkpoints

Serves = TypeVar("Serves", bound=Callable[[str | Path], bool])

_serving: dict[str, Callable[[str | Path], bool]] = {}


def takes_models(tab: str) -> Callable[[Serves], Serves]:
    """A decorator of the function that says whether the tab takes a checkpoint, given by its name or path."""

    def register(serves: Serves) -> Serves:
        _serving[tab] = serves
        return serves

    return register


def of_task(task: str) -> Callable[[str | Path], bool]:
    """A function that says whether a checkpoint is of the task and takes pictures."""
    return lambda checkpoint: checkpoints.family_of(checkpoint).task == task and checkpoints.takes_pictures(checkpoint)


def tabs_for(checkpoint: str | Path) -> list[str]:
    """The names of the tabs that take a checkpoint."""
    return [tab for tab, serves in _serving.items() if serves(checkpoint)]
