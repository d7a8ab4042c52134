"""Output of a run in a terminal: a progress bar, and a line for each evaluation."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from .events import Evaluated, Event, Failed, Finished, Started, Stepped


class ProgressBar:
    """Shows a progress bar for the steps, and prints a line for each evaluation."""

    def __init__(self) -> None:
        self.bar: Any = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            if event.notice:
                print(event.notice)
            print(f"{event.family} on {event.data}: {event.parameters:,} parameters, {event.device}")
            steps = event.epochs * event.steps_per_epoch
            self.bar = tqdm(total=steps, initial=event.first_epoch * event.steps_per_epoch, unit="step", mininterval=1)
        elif isinstance(event, Stepped):
            self.bar.update(event.step - self.bar.n)
            self.bar.set_postfix_str(f"loss {event.losses['loss']:.5g}, {event.images_per_second:,.0f} img/s")
        elif isinstance(event, Evaluated):
            losses = "  ".join(f"{k} {v:.5g}" for k, v in event.losses.items())
            self.bar.write(f"epoch {event.epoch} ({event.phase}): {losses} | held out: {format_figures(event.figures)}")
        elif isinstance(event, Finished):
            self.bar.close()
            state = "stopped; continue with --resume" if event.stopped else "finished"
            print(f"{state} after {event.epochs} epochs, {event.seconds:.0f} s: {format_figures(event.figures)}")
            print(f"saved in {event.folder}")
            if event.notice:
                print(event.notice)
        elif isinstance(event, Failed):
            self.bar.close()
            print(f"ae-demo: {event.message}", file=sys.stderr)


def format_figures(figures: dict[str, float]) -> str:
    """Metrics with their names, on one line."""
    return "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
