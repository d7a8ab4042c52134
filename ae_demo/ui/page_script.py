"""Puts scripts at the beginning of the page: Gradio's `head` comes only after it has chosen the language."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .replica import HEADER, SERVER
from .strings import texts_under

SCRIPTS = [Path(__file__).with_name(name) for name in ("early.js", "same_server.js", "unshown.js")]


class PageScript:
    """Puts `links` and the scripts `SCRIPTS` into the head of each HTML page, before any script of Gradio.

    links: HTML of what the page fetches from here on, while Gradio's scripts start
    """

    def __init__(self, app: ASGIApp, links: str = "") -> None:
        self.app = app
        server = {"id": SERVER, "header": HEADER, "texts": texts_under("server.")}
        values = f"window.aeServer = {json.dumps(server)};\n".encode()
        scripts = b"".join(file.read_bytes() for file in SCRIPTS)
        self.script = b"<head>" + links.encode() + b"<script>" + values + scripts + b"</script>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None

        async def add_script(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and is_html(message):
                start = message  # held until the first part of the body, since the length changes
                return
            if start is not None:
                message = {**message, "body": message["body"].replace(b"<head>", self.script, 1)}
                headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
                if not message.get("more_body"):
                    headers.append((b"content-length", str(len(message["body"])).encode()))
                await send({**start, "headers": headers})
                start = None
            await send(message)

        wanted = scope["type"] == "http" and scope["method"] == "GET" and "gradio_api" not in scope["path"]
        await self.app(scope, receive, add_script if wanted else send)


def is_html(message: Message) -> bool:
    """Whether the response that begins is an HTML page."""
    return dict(message["headers"]).get(b"content-type", b"").startswith(b"text/html")
