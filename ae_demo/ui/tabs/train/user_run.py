"""A visitor's training run, at most one each, and what the page shows of it.

`follow` runs it and yields the changes of the components that show it; meanwhile `control`, `change` and `cancel` act
on the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from . import report
from .queued_run import QueuedRun
from .settings import PageSettings
from .view import View


class UserRun(QueuedRun):
    """The run of one visitor, and its view.

    cancelled: it must not change the page any more
    reset: it must empty the page
    """

    def __init__(self, settings: PageSettings, mode: str = "go") -> None:
        super().__init__(settings, mode)
        self.view = View(settings)
        self.cancelled = self.reset = False

    def control(self, command: str) -> None:
        super().control(command)
        if command == "stop":
            self.view.set_status("stopped" if self.ended else "stopping", reason=self.reason)

    def change(self, name: str, value: float) -> None:
        """Change the learning rate or a live option from the next step on; the view shows the result."""
        if self.worker and self.started and isinstance(name, str) and isinstance(value, int | float):
            self.worker.set(**{name: value})

    def cancel(self, reset: bool = False) -> None:
        """End the run at once, without saving; `reset`: and empty the page."""
        self.cancelled, self.reset = True, reset
        super().cancel()


_runs: dict[str, UserRun] = {}  # by session
_lock = threading.Lock()


def find(session: str) -> UserRun | None:
    """A visitor's current run, if any."""
    with _lock:
        run = _runs.get(session)
    return run if run and not run.ended else None


def count() -> int:
    """The number of visitors with a run."""
    with _lock:
        return len(_runs)


async def follow(session: str, settings: PageSettings, mode: str = "go") -> AsyncGenerator[dict[str, Any], None]:
    """Start a visitor's run, which replaces an earlier one, and yield its changes, a few times a second.

    Each dict has some of the values of the components `status`, `curve`, `preview`, `plane`, `activations` and
    `figures`. The first one also has `zip` and `report`, which are None; the last one has `folder` and `report`, the
    paths of the checkpoint and of its report, which are removed when the generator is resumed. Closing the generator
    ends the run.

    Raises `ConfigError` or `DataError` for settings that cannot be trained, `TrainingError` if the queue is full.
    """
    settings.check()
    began = time.monotonic()
    with UserRun(settings, mode) as run:
        with _lock:
            old, _runs[session] = _runs.get(session), run
        if old:
            old.cancel()
        try:
            yield run.view.clear()
            async with aclosing(run.events()) as batches:
                async for events in batches:
                    if run.cancelled:
                        break
                    yield run.view.update(events, time.monotonic() - began)
            if run.reset:
                yield {**run.view.clear(), "status": {"state": "idle"}}
            elif not run.cancelled:
                yield run.view.end(run.reason)
                if run.view.finished and run.folder:
                    yield {"folder": run.folder, "report": report.write_report(run.folder, settings, run.view)}
        finally:
            with _lock:
                if _runs.get(session) is run:
                    del _runs[session]
