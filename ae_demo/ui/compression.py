"""Compresses the text that a browser fetches: the page with the configuration of its components, scripts and styles."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .static_files import is_in_tree

TEXT = (".js", ".css", ".json", "/", "/config")
FOR_EVER = "public, max-age=31536000, immutable"
MAX_KEPT = 32 << 20  # bytes: more than all files have, but a file has any number of addresses, such as /assets/./a.js


class PageCompression(GZipMiddleware):
    """Gzip for text files only: events are streamed, and pictures and checkpoints are already compressed.

    Files whose address contains a hash of their content are compressed once and then sent from memory, to be kept by
    the browser: for a new visitor's page, which fetches almost a hundred of them, that takes a tenth of the time.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, compresslevel=6)
        self._kept: dict[str, list[Message]] = {}  # the answers, by path
        self._size = 0  # bytes of their bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(TEXT):
            await self.app(scope, receive, send)
        elif scope["method"] == "GET" and never_changes(scope["path"]) and accepts_gzip(scope):
            for message in await self._answer(scope, receive):
                await send(message)
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        if scope["path"] in self._kept:
            return self._kept[scope["path"]]
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        await super().__call__(scope, receive, collect)
        complete = bool(answer) and not answer[-1].get("more_body")  # else the client has left meanwhile
        if complete and answer[0]["status"] == 200:
            MutableHeaders(scope=answer[0])["cache-control"] = FOR_EVER
            self._keep(scope["path"], answer)
        return answer

    def _keep(self, path: str, answer: list[Message]) -> None:
        """Keep an answer, unless there is no room, or another request for the same has just kept it."""
        size = sum(len(message.get("body", b"")) for message in answer)
        if path not in self._kept and self._size + size <= MAX_KEPT:
            self._size += size
            self._kept[path] = answer


def never_changes(path: str) -> bool:
    """Whether the address contains a hash of the content: those of our components' files and of Gradio's scripts do."""
    return "/assets/" in path or is_in_tree(path)


def accepts_gzip(scope: Scope) -> bool:
    """Whether the answer may be compressed."""
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")
