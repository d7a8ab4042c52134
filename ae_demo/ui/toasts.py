"""Errors of listeners as messages in the page."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import aclosing
from functools import wraps
from traceback import clear_frames
from typing import Any

import gradio as gr

from ..errors import AEDemoError, PictureError
from ..inference.scheduler import Cancelled, client
from .sessions import client_of_request
from .strings.messages import message_of


def toast_errors(listener: Callable) -> Callable:
    """Show an `AEDemoError` of a listener as a message; its outputs stay as they are.

    The listener may be a function, a generator or an asynchronous generator.
    """

    if inspect.isgeneratorfunction(listener):

        @wraps(listener)
        def stream(*args: Any, **kwargs: Any) -> Any:
            try:
                yield from listener(*args, **kwargs)
            except AEDemoError as error:
                raise toast(error) from error

        return stream

    if inspect.isasyncgenfunction(listener):

        @wraps(listener)
        async def stream_async(*args: Any, **kwargs: Any) -> Any:
            try:
                async with aclosing(listener(*args, **kwargs)) as values:
                    async for value in values:
                        yield value
            except AEDemoError as error:
                raise toast(error) from error

        return stream_async

    @wraps(listener)
    def call(*args: Any, **kwargs: Any) -> Any:
        client.set(client_of_request())
        try:
            return listener(*args, **kwargs)
        except Cancelled as error:  # its client has gone
            clear_frames(error.__traceback__)  # which hold large pictures
            raise gr.Error("cancelled", print_exception=False) from error
        except AEDemoError as error:
            raise toast(error) from error

    return call


def toast(error: AEDemoError) -> gr.Error:
    """The error as Gradio shows it, in the visitor's language, without a stack trace in the log."""
    title = "" if isinstance(error, PictureError) else "AE Demo"
    return gr.Error(message_of(error), duration=8, title=title, print_exception=False)
