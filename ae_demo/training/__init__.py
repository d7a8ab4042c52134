"""Training: the engine (a generator of events), the settings of a run, and worker processes."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import run_to_end, train
    from .evaluation import evaluate
    from .events import Checkpointed, Evaluated, Event, Failed, Finished, Started, Stepped
    from .options import TrainOptions
    from .settings import RunSettings

__all__ = [
    "Checkpointed",
    "Evaluated",
    "Event",
    "Failed",
    "Finished",
    "RunSettings",
    "Started",
    "Stepped",
    "TrainOptions",
    "evaluate",
    "run_to_end",
    "train",
]
_MODULE_OF = {
    "RunSettings": "settings",
    "TrainOptions": "options",
    "evaluate": "evaluation",
    "run_to_end": "engine",
    "train": "engine",
}


def __getattr__(name: str) -> Any:
    """Import names when they are first used, since a worker process imports this package before PyTorch."""
    if name in __all__:
        return getattr(import_module(f".{_MODULE_OF.get(name, 'events')}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
