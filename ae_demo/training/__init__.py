"""Training: the engine (a generator of events), the settings of a run, and worker processes."""

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
