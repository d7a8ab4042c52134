"""The live loop of a tab: a preview while a control moves, and the full result when the controls rest.

The smallest tab that uses it:

    @dataclass(frozen=True)
    class Request:
        path: str | None
        sigma: float

    def preview(request):                  # fast: at most a tenth of a second
        return {"results": [card("output", "blurred", blur(read_preview(request.path, 10_000), request.sigma))]}

    def full(request, progress):           # slow: calls progress(share) now and then, and yields its results
        yield {"results": [card("output", "blurred", blur(read_picture(request.path), request.sigma))]}

    inputs = {"path": picture_input("Picture"), "sigma": slider(0, 9, 2)}
    return LiveView(Request, inputs, {"results": cards("blur")}, busy("blur-busy"), full=full)

Both functions take a typed request and know nothing of Gradio. They give dicts of results by the names of the outputs;
an output that is not in the dict is left as it is, and None in place of a dict clears all outputs. So does an
`AEDemoError`; that of `full` is also a message, and stays in place of the results.

`full` runs in a thread. It ends, at its next call of `progress`, when the same visitor changes a control or leaves.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from traceback import clear_frames
from typing import Any, Generic, TypeVar

import gradio as gr
from gradio.components import Component

from ..errors import AEDemoError
from ..inference.scheduler import Cancelled, Client, client
from .components.busy import busy_ended, busy_failed, busy_value, mark_stale, not_before, when_still
from .sessions import client_of_request, preprocess
from .strings.messages import message_of
from .toasts import toast

R = TypeVar("R")
Results = dict[str, Any] | None
Progress = Callable[[float], None]

REPEAT_SECONDS = 2.0  # identical requests within this time, such as those of a tab that is just appearing, are merged
AT_ONCE_SECONDS = 0.3  # results that follow sooner are sent together: a page may process only the last
BUSY_AFTER_SECONDS = 0.4  # before the busy bar is shown
BUSY_SECONDS = 0.25  # between two updates of the busy bar
MAX_VISITORS = 10_000
QUIET = {"trigger_mode": "always_last", "api_visibility": "private"}
UNLIMITED = {"concurrency_limit": None}  # a request that waited in Gradio's queue could not supersede an earlier one


class Unchanged(dict):
    """`gr.skip()` for outputs that Gradio does not convert: the page reads it as such, and Gradio does not.

    For each `gr.skip()`, Gradio would make the component anew, in half a millisecond in which it answers nobody.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """The default, so that Gradio finds no "__type__"."""
        return default


class Superseded(Cancelled):
    """The visitor has changed a control, or has left."""


@dataclass(eq=False)
class Pending(Generic[R]):
    """A request of a visitor to a view; `request` is None for one that only previews.

    `repeated`: an identical request is being answered, or has just been. `answered`: the full results are known.
    """

    key: tuple[str, str]  # the view and the session; no session: a program
    request: R | None = None
    repeated: bool = False
    answered: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def current(self) -> bool:
        """Whether the visitor has asked for nothing newer. Programs without a session never cancel one another."""
        return not self.key[1] or _latest.get(self.key, self) is self

    @property
    def cancelled_by_preview(self) -> bool:
        """Whether a preview, which may have come late, has cancelled this request, so that no full answer follows."""
        newest = _latest.get(self.key, self)
        return newest is not self and newest.request is None


_latest: OrderedDict[tuple[str, str], Pending] = OrderedDict()
_lock = threading.Lock()


def begin(key: tuple[str, str], request: Any = None) -> Pending:
    """Make a request the visitor's latest one, unless it repeats the one that is being answered."""
    pending = Pending(key, request)
    with _lock:
        before = _latest.pop(key, None)
        if key[1] and request is not None and before is not None and before.request == request:
            pending.repeated = pending.began - before.began < REPEAT_SECONDS
        _latest[key] = before if pending.repeated else pending
        while len(_latest) > MAX_VISITORS:
            _latest.popitem(last=False)
    return pending


class Job(Generic[R]):
    """`work(request, progress)` in a thread. Iterating gives shares done, as floats, and results, as they come.

    The work ends when the iteration is stopped. Raises the errors of the work, and `Superseded`.
    """

    def __init__(self, work: Callable[[R, Progress], Iterable[Results]], request: R, pending: Pending) -> None:
        self.pending, self.share, self.abandoned = pending, 0.0, False
        self._client = client_of_request()
        self.began = time.monotonic()  # of the stage under way: a stage ends with a result
        self._events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=copy_context().run, args=(self._run, work, request), daemon=True).start()

    def _run(self, work: Callable, request: R) -> None:
        client.set(Client(self.pending.key[1], self._cancelled))
        try:
            for number, results in enumerate(work(request, self._progress)):
                self._check()
                self.pending.answered = self.pending.answered or number == 0
                self._events.put(("results", results))
        except BaseException as error:
            clear_frames(error.__traceback__)  # which hold large pictures
            self._events.put(("error", error))
        else:
            self._events.put(("end", None))

    def _cancelled(self) -> bool:
        return self.abandoned or self._client.cancelled() or not self.pending.current

    def _check(self) -> None:
        if self._cancelled():
            raise Superseded

    def _progress(self, share: float) -> None:
        self.share = share
        self._check()

    @property
    def seconds(self) -> float:
        """Since the stage under way began."""
        return time.monotonic() - self.began

    def __iter__(self) -> Iterator[float | Results]:
        wait = BUSY_AFTER_SECONDS
        try:
            while True:
                try:
                    kind, value = self._events.get(timeout=wait)
                except queue.Empty:
                    wait = BUSY_SECONDS
                    yield self.share
                    continue
                if kind == "end":
                    return
                if kind == "error":
                    raise value
                self.share, self.began, wait = 0.0, time.monotonic(), BUSY_AFTER_SECONDS
                yield value
        finally:
            self.abandoned = True


class LiveView(Generic[R]):
    """Inputs, outputs and the two functions between them; see the module's docstring for an example.

    Args:
        request: a frozen dataclass whose fields have the names of the inputs.
        inputs: the controls. A change of any of them renews the outputs.
        outputs: what the functions fill.
        bar: the busy bar, see `busy`.
        full: `full(request, progress)`, a generator of dicts of results.
        preview: `preview(request)`, which returns a dict of results.
        moving: names of the inputs whose movement is previewed.
    """

    def __init__(
        self,
        request: Callable[..., R],
        inputs: dict[str, Component],
        outputs: dict[str, Component],
        bar: gr.HTML,
        *,
        full: Callable[[R, Progress], Iterable[Results]],
        preview: Callable[[R], Results] | None = None,
        moving: Collection[str] = (),
    ) -> None:
        self.request, self.inputs, self.outputs, self.bar = request, inputs, outputs, bar
        self.full, self.preview, self._inputs = full, preview, list(inputs.values())
        self.empty = {name: component.value for name, component in outputs.items()}
        # Gradio converts each value in a thread of its own, which takes longer than a model of 28 × 28 pictures. So we
        # convert the inputs, and a `gr.HTML` needs no conversion.
        converted = not all(isinstance(component, gr.HTML) for component in outputs.values())
        self._unprocessed = {"preprocess": False, "postprocess": converted}
        self._unchanged = gr.skip() if converted else Unchanged(gr.skip())
        mark_stale(bar, [component.elem_id for component in outputs.values()])
        changes = [_rest_event(component, name in moving) for name, component in inputs.items()]
        when_still(changes, bar, **self.on_open, **QUIET)
        if moving:
            settings = {"inputs": self._inputs, "outputs": list(outputs.values()), "queue": False}
            gr.on([inputs[name].input for name in moving], self.show_preview, **settings, **self._unprocessed, **QUIET)

    @property
    def on_open(self) -> dict[str, Any]:
        """The listener that renews the outputs, for the time when the tab is opened."""
        listener = {"fn": self.show_full, "inputs": self._inputs, "outputs": [self.bar, *self.outputs.values()]}
        return {**listener, **self._unprocessed, **UNLIMITED}

    def show_at_first(self) -> None:
        """Fill the outputs with the preview of the controls' initial values, so that a tab appears with a result."""
        with suppress(AEDemoError):  # the full answer says why
            results = self.preview(self._read_payloads(tuple(each.value for each in self._inputs)))
            for name, value in (results or {}).items():
                if not isinstance(value, Component):  # those are updates of other properties
                    self.outputs[name].value = value

    def before(self, event: Callable, listener: Callable, inputs: Any, outputs: Any) -> None:
        """Answer an event by `listener`, which changes inputs of the view, before the outputs are renewed."""
        not_before(event, self.bar, listener, inputs, outputs, **QUIET)

    def show_preview(self, visitor: gr.Request, *values: Any) -> list[Any] | Any:
        """The listener of moving controls.

        It cancels a full answer to another request. A busy page sends the last preview of a movement when the full
        answer to the same request is under way: that one goes on, and the preview is shown only until it is there.
        """
        key, request = self._key(visitor), self._read_payloads(values)
        latest = _latest.get(key)
        if not key[1] or latest is None or latest.request != request:
            latest = begin(key)
        elif latest.answered:
            return self._update({})
        client.set(Client(key[1]))
        try:
            results = self.preview(request)
        except AEDemoError:  # the full answer says why
            results = None
        newest = _latest.get(key, latest)
        wanted = newest is latest or newest.request == request
        values = self._update(results if not key[1] or (wanted and not newest.answered) else {})
        return values if len(values) > 1 else values[0]  # Gradio itself makes a list of the value of a single output

    def show_full(self, visitor: gr.Request, *values: Any) -> Iterator[list[Any]]:
        """The listener of controls at rest: yields results as they come, and progress."""
        request = self._read_payloads(values)
        pending = begin(self._key(visitor), request)
        if pending.repeated:
            yield [self._unchanged, *self._update({})]
            return
        job = Job(self.full, request, pending)
        recent: dict[str, Any] = {}
        last = 0.0
        try:
            for event in job:
                if isinstance(event, float):
                    yield [busy_value(event, job.seconds) if pending.current else self._unchanged, *self._update({})]
                    continue
                now = time.monotonic()
                results = self.empty if event is None else event
                recent = recent | results if now - last < AT_ONCE_SECONDS else results
                last = now
                yield [None, *self._update(recent)]
        except Cancelled:
            yield [busy_ended(pending.cancelled_by_preview), *self._update({})]
        except AEDemoError as error:
            yield [busy_failed(message_of(error)), *self._update(None)]
            raise toast(error) from error

    def _key(self, visitor: gr.Request | None) -> tuple[str, str]:
        return self.bar.elem_id, getattr(visitor, "session_hash", None) or ""

    def read(self, values: tuple) -> R:
        """The request that the values of the inputs make."""
        return self.request(**dict(zip(self.inputs, values, strict=True)))

    def _read_payloads(self, payloads: tuple) -> R:
        """The request that values make which Gradio has not converted."""
        return self.read(tuple(map(preprocess, self._inputs, payloads)))

    def _update(self, results: Results) -> list[Any]:
        """A value for each output."""
        results = self.empty if results is None else results
        if unknown := set(results) - set(self.outputs):
            raise KeyError(f"The view has no outputs {sorted(unknown)}; it has {list(self.outputs)}.")
        return [results.get(name, self._unchanged) for name in self.outputs]


def _rest_event(component: Component, moving: bool) -> Callable:
    """The event of a control that has been changed. Our own controls change their value while they move, too."""
    if not isinstance(component, gr.HTML):
        return component.change
    return component.release if moving else component.input
