"""Several servers behind a proxy, and restarts: a page belongs to the server that made it.

Only that server has the page's components and its visitor's runs. Each request of a page names it (`same_server.js`),
and another server answers 404: a proxy then tries the next one, and the page reports that its server is gone.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "X-AE-Server"
SERVER = secrets.token_hex(8)  # of this process
OPEN = ("/app_id", "/config")  # by which Gradio's page detects a restarted server


def is_own(scope: Scope) -> bool:
    """Whether a request comes from a page that this server made."""
    return Headers(scope=scope).get(HEADER) == SERVER


def is_others(scope: Scope) -> bool:
    """Whether a request comes from a page that another server made."""
    return Headers(scope=scope).get(HEADER, SERVER) != SERVER


class SameServer:
    """Middleware that refuses requests of pages that another server made. Programs send no such header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_others(scope) and not scope["path"].endswith(OPEN):
            answer = PlainTextResponse("Another server made this page; reload it.", 404, {HEADER: SERVER})
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)
