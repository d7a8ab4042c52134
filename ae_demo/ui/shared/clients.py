"""Ends generators whose client has gone. Gradio does not notice a client that never fetches its messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

import gradio as gr
from gradio.context import LocalContext

UNREAD_SECONDS = 30.0  # after which a client that has not read its messages counts as gone; busy machines are late
POLL_SECONDS = 0.05

T = TypeVar("T")


async def while_read(values: AsyncGenerator[T, None], request: gr.Request) -> AsyncGenerator[T, None]:
    """Yield `values` to a client that reads them, even late; close them when it stops reading or has gone.

    The second value is asked for only when the first one was read. For generators that yield several times a minute.
    """
    unread_since: float | None = None
    async with aclosing(values):
        yield await anext(values)
        while (left := unread(request)) and not is_over(unread_since := unread_since or time.monotonic()):
            await asyncio.sleep(POLL_SECONDS)
        if left:
            return
        unread_since, before = None, 0
        async for value in values:
            left = unread(request)
            reads = left <= before  # one was added since; on a busy server the client may always be behind
            unread_since, before = None if reads else unread_since or time.monotonic(), left
            if is_over(unread_since):
                return
            yield value


def is_over(since: float | None) -> bool:
    """Whether messages were unread for too long."""
    return since is not None and time.monotonic() - since > UNREAD_SECONDS


def unread(request: gr.Request) -> int:
    """How many messages wait to be sent to the client of the request that Gradio is handling."""
    blocks = LocalContext.blocks.get(None)
    messages = blocks and blocks._queue.pending_messages_per_session.get(request.session_hash)
    return messages.qsize() if messages else 0
