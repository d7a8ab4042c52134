"""Training: an engine that is a generator of events, and what reads them."""

from .engine import run_to_end, train
from .evaluation import evaluate
from .events import Checkpointed, Evaluated, Event, Failed, Finished, Started, Stepped
from .options import TrainOptions

__all__ = [
    "Checkpointed",
    "Evaluated",
    "Event",
    "Failed",
    "Finished",
    "Started",
    "Stepped",
    "TrainOptions",
    "evaluate",
    "run_to_end",
    "train",
]
