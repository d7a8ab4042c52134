"""Compresses the text that a browser fetches: the page with the configuration of its components, scripts and styles."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

TEXT = (".js", ".css", ".json", "/", "/config")


class PageCompression(GZipMiddleware):
    """Gzip for text files only: events are streamed, and pictures and checkpoints are already compressed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith(TEXT):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
