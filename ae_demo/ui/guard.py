"""Refuses requests to a local server from pages of other sites, and requests that are too large."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
MAX_JSON = 48 << 20  # bytes: of drawings and photographs within JSON
MAX_FORM = 1 << 30  # of all files of an upload; each is bounded by `MAX_UPLOAD`


class Guard:
    """Middleware. Another site's page may not use a server on this machine through its visitor's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_foreign(headers.get("host", ""), headers.get("origin")):
            await PlainTextResponse("Other sites may not use this server.", 403)(scope, receive, send)
            return
        limit = MAX_FORM if headers.get("content-type", "").startswith("multipart/form-data") else MAX_JSON
        too_large = f"The request is larger than {limit >> 20} MB."
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            await PlainTextResponse(too_large, 413)(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:  # sent in chunks, without a length
                raise HTTPException(413, too_large)
            return message

        await self.app(scope, receive_bounded, send)


def is_foreign(host: str, origin: str | None) -> bool:
    """Whether a server on this machine is called by a page of another site. Programs send no origin."""
    return origin is not None and _hostname(f"//{host}") in LOOPBACK and _hostname(origin) not in LOOPBACK


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
