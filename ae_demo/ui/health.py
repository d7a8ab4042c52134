"""Whether the demo is alive and can serve, for load balancers and monitoring: /healthz, /readyz and /metrics.

/metrics has figures for Prometheus if the package prometheus-client is installed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .replica import is_own

try:
    import prometheus_client
except ImportError:  # then there is no /metrics
    prometheus_client = None

PATHS = ("/healthz", "/readyz", "/metrics")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # the others are counted together


class Health:
    """The state of a server.

    Attributes:
        ready: set once the models are loaded.
        draining: whether the server is shutting down; it then accepts no new work.
        requests: the number of requests under way.
        idle_since: when the last request ended, by `time.monotonic`.
    """

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.draining = False
        self.requests = 0
        self.idle_since = time.monotonic()
        self.routes = [Route("/healthz", self._alive), Route("/readyz", self._ready)]
        self.registry = None
        if prometheus_client:
            self.registry = prometheus_client.CollectorRegistry()
            self._gauges: dict[str, prometheus_client.Gauge] = {}
            prometheus_client.ProcessCollector(registry=self.registry)
            self.answered = prometheus_client.Histogram(
                "ae_demo_request_seconds", "Time of requests", ["method", "status"], registry=self.registry
            )
            self.observe("ae_demo_requests_under_way", "Requests under way", lambda: self.requests)
            self.observe(
                "ae_demo_ready", "Whether the demo can serve", lambda: self.ready.is_set() and not self.draining
            )
            self.routes.append(Route("/metrics", self._metrics))

    def observe(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Add a figure to /metrics, if it is served, or replace it: a launch may try several ports in turn."""
        if not self.registry:
            return
        if name not in self._gauges:
            self._gauges[name] = prometheus_client.Gauge(name, about, registry=self.registry)
        self._gauges[name].set_function(value)

    def note(self, method: str, status: int, seconds: float) -> None:
        """Note a finished request."""
        if self.registry:
            self.answered.labels(method if method in METHODS else "other", f"{status // 100}xx").observe(seconds)

    async def _metrics(self, _: Request) -> Response:
        return Response(
            prometheus_client.generate_latest(self.registry), media_type=prometheus_client.CONTENT_TYPE_LATEST
        )

    def wait_until_idle(self, seconds: float) -> None:
        """Wait until no request is under way, at most for `seconds`."""
        deadline = time.monotonic() + seconds
        while self.requests and time.monotonic() < deadline:
            time.sleep(0.02)

    def wait_for_a_pause(self, pause: float, deadline: float) -> None:
        """Wait until no request has been under way for `pause` seconds, at most until `deadline`."""
        while time.monotonic() < deadline and (self.requests or time.monotonic() < self.idle_since + pause):
            time.sleep(0.02)

    async def _alive(self, _: Request) -> Response:
        return PlainTextResponse("alive")

    async def _ready(self, _: Request) -> Response:
        if self.draining:
            return PlainTextResponse("ending", 503)
        return PlainTextResponse("ready") if self.ready.is_set() else PlainTextResponse("loading models", 503)


def is_new(scope: Scope) -> bool:
    """Whether a request starts something new: a page, or a program's work. Open pages may continue during draining."""
    if scope["method"] == "POST":
        return not is_own(scope)
    return scope["path"] in ("/", "/config")


class CountRequests:
    """Middleware that counts requests for `health`, and refuses new pages and work while the server is draining."""

    def __init__(self, app: ASGIApp, health: Health) -> None:
        self.app, self.health = app, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self.app(scope, receive, send)
            return
        if self.health.draining and is_new(scope):
            await PlainTextResponse("The server is shutting down.", 503, {"Retry-After": "5"})(scope, receive, send)
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
            self.health.idle_since = time.monotonic()
            self.health.note(scope["method"], status, time.monotonic() - began)
