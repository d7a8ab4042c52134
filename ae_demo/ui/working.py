"""Long work for a visitor: it tells how far it is, and ends as soon as the same visitor asks for something newer.

A drag on a slider would else be answered twice: by its preview, and seconds later by a full-size result of before.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import gradio as gr

T = TypeVar("T")
PATIENCE = 0.4  # seconds before the page is told that something takes long
OFTEN = 0.25  # seconds between two tellings
_MOST_VISITORS = 10_000
_latest: OrderedDict[tuple[str, str], tuple[int, tuple]] = OrderedDict()  # number and words of the latest request
_lock = threading.Lock()


class Superseded(Exception):
    """The visitor has asked for something newer, or has left."""


class Turn:
    """A visitor's request in one tab, `asked` in these words; `current` until the next one begins."""

    def __init__(self, tab: str, request: gr.Request | None, asked: tuple = ()) -> None:
        self.key = _key(tab, request)
        with _lock:
            self.number = _latest.pop(self.key, (0, ()))[0] + 1
            _latest[self.key] = self.number, asked
            while len(_latest) > _MOST_VISITORS:
                _latest.popitem(last=False)

    @property
    def current(self) -> bool:
        """Whether nothing newer was asked for. Programs without a session never disturb one another."""
        return not self.key[1] or _latest.get(self.key, (self.number, ()))[0] == self.number


def begin_preview(tab: str, request: gr.Request | None, asked: tuple) -> bool:
    """Begin a preview's turn, unless the same words are being answered in full, or were last.

    A busy page sends the last preview of a drag after the hand has let go: it must not end the answer at full size.
    """
    key = _key(tab, request)
    if key[1] and _latest.get(key, (0, ()))[1] == asked:
        return False
    Turn(tab, request)
    return True


def _key(tab: str, request: gr.Request | None) -> tuple[str, str]:
    return tab, getattr(request, "session_hash", None) or ""


class Job(Generic[T]):
    """`work(progress)` in a thread of its own: iterate for the shares done, then take the `result`."""

    def __init__(self, work: Callable[[Callable[[float], None]], T], turn: Turn) -> None:
        self.turn, self.share, self.left_alone = turn, 0.0, False
        self.began = time.monotonic()
        self._outcome: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Callable[[float], None]], T]) -> None:
        try:
            self._outcome = work(self._tell)
        except BaseException as error:
            self._error = error

    def _tell(self, share: float) -> None:
        self.share = share
        if self.left_alone or not self.turn.current:
            raise Superseded

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def __iter__(self) -> Iterator[float]:
        """Shares in [0, 1], once it takes long; whoever stops iterating ends the work."""
        try:
            self._thread.join(PATIENCE)
            while self._thread.is_alive():
                yield self.share
                self._thread.join(OFTEN)
        finally:
            self.left_alone = self._thread.is_alive()

    @property
    def result(self) -> T:
        """What the work returned. Raises what it raised, `Superseded` among them."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._outcome
