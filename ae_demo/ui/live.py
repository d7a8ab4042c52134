"""Long work for a visitor: it tells how far it is, and ends as soon as the same visitor asks for something newer.

A drag on a slider would else be answered twice: by its preview, and seconds later by a full-size result of before.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Generic, TypeVar

import gradio as gr

T = TypeVar("T")
AT_ONCE = 2.0  # seconds within which the same words again, such as of a tab that is just appearing, are one request
PATIENCE = 0.4  # seconds before the page is told that something takes long
OFTEN = 0.25  # seconds between two tellings
_MOST_VISITORS = 10_000
_latest: OrderedDict[tuple[str, str], Turn] = OrderedDict()  # by tab and session
_lock = threading.Lock()


class Superseded(Exception):
    """The visitor has asked for something newer, or has left."""


class Turn:
    """A visitor's request in one tab, `asked` in these words; `current` until the next one begins.

    It is `repeated` if the same is being answered already, or was just now, and then ends nothing.
    """

    def __init__(self, tab: str, request: gr.Request | None, asked: tuple = ()) -> None:
        self.key, self.asked, self.answered, self.at = _key(tab, request), asked, False, time.monotonic()
        with _lock:
            before = _latest.pop(self.key, None)
            same = self.key[1] and asked and before is not None and before.asked == asked
            self.repeated = bool(same) and self.at - before.at < AT_ONCE
            _latest[self.key] = before if self.repeated else self
            while len(_latest) > _MOST_VISITORS:
                _latest.popitem(last=False)

    @property
    def ended_by_preview(self) -> bool:
        """Whether a preview of other words has ended it, which may have been late: nobody answers in full then."""
        newest = _latest.get(self.key, self)
        return newest is not self and not newest.asked

    @property
    def current(self) -> bool:
        """Whether nothing newer was asked for. Programs without a session never disturb one another."""
        return not self.key[1] or _latest.get(self.key, self) is self


def preview_of(tab: str) -> Callable:
    """Make a listener of `(request, *asked)` a preview: it ends full-size work for other words, and never shows late.

    A busy page sends the last preview of a drag when the hand has come to rest and the answer at full size to the same
    words has begun: the preview must not end that, and is shown only until that is there.
    """

    def decorate(listener: Callable) -> Callable:
        @wraps(listener)
        def wrapped(request: gr.Request, *asked: Any) -> Any:
            key = _key(tab, request)
            latest = _latest.get(key)
            if not key[1] or latest is None or latest.asked != asked:
                latest = Turn(tab, request)
            elif latest.answered:
                return gr.skip()
            shown = listener(request, *asked)
            newest = _latest.get(key, latest)
            wanted = newest is latest or newest.asked == asked
            return shown if not key[1] or (wanted and not newest.answered) else gr.skip()

        return wrapped

    return decorate


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
            self.turn.answered = True
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
