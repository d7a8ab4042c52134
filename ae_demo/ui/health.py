"""Whether the demo is alive and can serve, for load balancers and monitoring: /healthz, /readyz and /metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS = ("/healthz", "/readyz", "/metrics")


class Health:
    """The state of a server.

    Attributes:
        ready: set once the models are loaded.
        draining: whether the server is about to end; it then takes no new work.
        requests: the number of requests under way.
    """

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.draining = False
        self.requests = 0
        self.routes = [Route("/healthz", self._alive), Route("/readyz", self._ready)]

    def wait_until_idle(self, seconds: float) -> None:
        """Wait until no request is under way, at most for `seconds`."""
        deadline = time.monotonic() + seconds
        while self.requests and time.monotonic() < deadline:
            time.sleep(0.02)

    async def _alive(self, _: Request) -> Response:
        return PlainTextResponse("alive")

    async def _ready(self, _: Request) -> Response:
        if self.draining:
            return PlainTextResponse("ending", 503)
        return PlainTextResponse("ready") if self.ready.is_set() else PlainTextResponse("loading models", 503)


class CountRequests:
    """Middleware that counts requests for `health`, and refuses new work while the server is draining.

    finished: called with each request's method, status and seconds.
    """

    def __init__(self, app: ASGIApp, health: Health, finished: Callable[[str, int, float], None] | None = None) -> None:
        self.app, self.health, self.finished = app, health, finished

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self.app(scope, receive, send)
            return
        if self.health.draining and scope["method"] == "POST":
            await PlainTextResponse("The server is about to end.", 503, {"Retry-After": "5"})(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        self.health.requests += 1
        try:
            await self.app(scope, receive, note)
        finally:
            self.health.requests -= 1
            if self.finished:
                self.finished(scope["method"], status, time.monotonic() - began)
