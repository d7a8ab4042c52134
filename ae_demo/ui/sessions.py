"""What is kept in memory for each visitor: little, and for a bounded number of visitors.

Gradio keeps a copy of the configuration of every component for each visitor, and builds the parts of `gr.render` anew
for each. Here visitors share the components, and a session holds only those that were changed for its visitor.
"""

from __future__ import annotations

import threading
import time
from collections import ChainMap, OrderedDict
from collections.abc import Callable
from contextvars import copy_context
from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig
from gradio.components import Component
from gradio.context import LocalContext, get_blocks_context
from gradio.events import EventListener
from gradio.renderable import Renderable
from gradio.state_holder import SessionState, StateHolder

from ..inference.scheduler import Client

MAX_SESSIONS = 1000
IDLE_SECONDS = 6 * 3600  # after which a session is forgotten

_building = threading.Lock()


class SharedPart(Renderable):
    """A part of the page that is built once for all visitors: by `prepare`, or when the first of them opens it.

    Args:
        build: builds the components and their listeners, for no particular visitor.
        opened: the event of its opening.
    """

    def __init__(self, build: Callable[[], None], opened: EventListener) -> None:
        self._built_in: BlocksConfig | None = None
        super().__init__(
            build,
            inputs=[],
            triggers=[(opened.__self__, opened.event_name)],
            concurrency_limit=None,
            concurrency_id=None,
            trigger_mode="always_last",
            queue=False,
            show_progress="hidden",
        )
        self._forget_output()

    def _forget_output(self) -> None:
        """Declare no output of the event.

        For each layout block that was an output, Gradio's page reads all components within it, at every step of every
        event from then on.
        """
        events = get_blocks_context().fns.values()
        next(event for event in events if event.renderable is self).outputs = []

    def apply(self) -> None:
        """Build the part, unless it is there; Gradio then sends its configuration to the visitor, as it was built."""
        visitor = LocalContext.blocks_config.get()
        self.prepare(visitor.root_block.state_holder.shared)
        if isinstance(visitor.blocks, ChainMap):
            for number in self._numbers:  # what was changed when the visitor had it open before
                visitor.blocks.maps[0].pop(number, None)

    def prepare(self, shared: BlocksConfig) -> None:
        """Build the part, unless it is there, among the components that all visitors share."""
        with _building:
            if self._built_in is not shared:
                copy_context().run(self._build, shared)
                self._built_in = shared

    def _build(self, shared: BlocksConfig) -> None:
        config = copy(shared)  # visitors see the part when it is complete
        LocalContext.request.set(None)
        LocalContext.blocks_config.set(config)
        LocalContext.renderable.set(self)
        container = self.ContainerClass(render=False, show_progress=True)
        container._id, container.page = self.container_id, self.page
        with container:
            self.fn()
        config.blocks[self.container_id] = container
        config.attach_load_events(self)
        self._numbers = config.blocks.keys() - (shared.blocks.keys() - {self.container_id})
        shared.fns.update(config.fns)
        shared.blocks.update(config.blocks)
        shared.fn_id = config.fn_id


class Visitor(SessionState):
    """The state of one visitor: the components that were changed for them, over the shared ones."""

    def __init__(self, shared: BlocksConfig) -> None:
        self.blocks_config = BlocksConfig(shared.root_block)
        self.blocks_config.blocks = ChainMap({}, shared.blocks)
        self.blocks_config.fns = ChainMap({}, shared.fns)
        self.config_values: dict[int, dict[str, Any]] = {}  # for Gradio's deep links, which the demo does not use
        self.state_data: dict[int, Any] = {}
        self.is_closed = False
        self._state_ttl: dict[int, Any] = {}
        self.used = time.monotonic()

    def __setitem__(self, key: int, value: Any) -> None:
        block = self.blocks_config.blocks.get(key)
        if block is not None and block.stateful:
            self.state_data[key] = value
        elif block is not value:
            self.blocks_config.blocks[key] = value

    def _update_config(self, key: int) -> None:
        """Keep nothing."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Keep nothing."""


class Sessions(StateHolder):
    """The visitors by session. A forgotten visitor who comes back keeps the page, but not the changed components."""

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__()
        self.session_data: OrderedDict[str, Visitor] = OrderedDict()
        self.set_blocks(blocks)
        self.shared = copy(blocks.default_config)

    def __getitem__(self, session_id: str) -> Visitor:
        with self.lock:
            visitor = self.session_data.setdefault(session_id, Visitor(self.shared))
            self.session_data.move_to_end(session_id)
            visitor.used = time.monotonic()
            forgotten = [self._pop() for _ in range(len(self.session_data) - MAX_SESSIONS)]
        self._forget(forgotten)
        return visitor

    def update(self, session_id: str) -> None:
        """Note the use of a session, if it is known."""
        if session_id in self:
            self[session_id]

    def forget_idle(self) -> None:
        """Forget the sessions that were not used for `IDLE_SECONDS`."""
        forgotten, before = [], time.monotonic() - IDLE_SECONDS
        with self.lock:
            while self.session_data and next(iter(self.session_data.values())).used < before:
                forgotten.append(self._pop())
        self._forget(forgotten)

    def _pop(self) -> str:
        return self.session_data.popitem(last=False)[0]

    def _forget(self, sessions: list[str]) -> None:
        """Forget the data of sessions in Gradio's queue, unless they have pending work."""
        queue = self.blocks._queue
        for session in sessions:
            if not queue.pending_event_ids_session.get(session):
                queue.pending_event_ids_session.pop(session, None)
                queue.pending_messages_per_session.pop(session, None)


def client_of_request() -> Client:
    """The client whose request Gradio is handling; its work is cancelled once the connection has ended."""
    request, blocks = LocalContext.request.get(None), LocalContext.blocks.get(None)
    event_id = LocalContext.event_id.get(None)
    event = blocks._queue.event_ids_to_events.get(event_id) if blocks and event_id else None
    return Client(getattr(request, "session_hash", None) or "", lambda: event is not None and not event.alive)


def preprocess(component: Component, payload: Any) -> Any:
    """The value of a component as Gradio converts it; of a component that was changed for the visitor, as changed."""
    if visitor := LocalContext.blocks_config.get(None):
        component = visitor.blocks.get(component._id, component)
    model = getattr(component, "data_model", None)
    return component.preprocess(payload if model is None or payload is None else model.model_validate(payload))
