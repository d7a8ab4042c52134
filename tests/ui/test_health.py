"""What load balancers and monitoring ask, and what is refused before it reaches a listener."""

import socket
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ae_demo.ui import guard
from ae_demo.ui.guard import Guard
from ae_demo.ui.health import CountRequests, Health


@pytest.fixture
def health():
    return Health()


@pytest.fixture
def client(health):
    """A server that answers with the size of what it was sent."""

    async def size(request: Request):
        return PlainTextResponse(f"{len(await request.body())} bytes, {health.requests} under way")

    routes = [*health.routes, Route("/size", size, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(CountRequests, health), Middleware(Guard)])
    return TestClient(app, base_url="http://localhost:7860")


def test_it_is_ready_once_the_models_are_loaded_until_it_ends(client, health):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    health.ready.set()
    assert client.get("/readyz").text == "ready"
    assert client.post("/size", content=b"abc").text == "3 bytes, 1 under way"
    health.draining = True
    assert client.get("/readyz").status_code == 503
    assert client.post("/size", content=b"abc").status_code == 503
    assert client.get("/size").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_figure_that_is_observed_again_is_replaced(client, health):
    pytest.importorskip("prometheus_client")
    for value in (1, 2):  # as when a launch finds its first port taken
        health.observe("ae_demo_tries", "Tries", lambda value=value: value)
    assert "ae_demo_tries 2.0" in client.get("/metrics").text


def test_an_end_waits_for_requests_but_not_for_ever(health):
    health.requests = 1
    timer = threading.Timer(0.05, lambda: setattr(health, "requests", 0))
    timer.start()
    health.wait_until_idle(10)
    assert health.requests == 0
    health.requests = 1
    health.wait_until_idle(0.05)
    assert health.requests == 1


def test_metrics_count_requests_by_status(client):
    client.get("/size")
    client.get("/nowhere")
    text = client.get("/metrics").text
    assert 'ae_demo_request_seconds_count{method="GET",status="2xx"} 1.0' in text
    assert 'ae_demo_request_seconds_count{method="GET",status="4xx"} 1.0' in text
    assert "ae_demo_ready 0.0" in text
    assert "process_resident_memory_bytes" in text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::1"])
def test_pages_of_other_sites_cannot_use_a_local_server(client, origin):
    assert client.post("/size", content=b"abc", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:7860", "http://127.0.0.1:7860", "http://[::1]:7860", None])
def test_its_own_page_and_programs_can(client, origin):
    headers = {"origin": origin} if origin else {}
    assert client.post("/size", content=b"abc", headers=headers).status_code == 200


def test_a_public_server_may_be_embedded(client):
    headers = {"origin": "https://university.example", "host": "someone-ae-demo.hf.space"}
    assert client.post("/size", content=b"abc", headers=headers).status_code == 200


def test_huge_bodies_are_refused_with_and_without_a_length(client, monkeypatch):
    monkeypatch.setattr(guard, "MAX_JSON", 1000)
    assert client.post("/size", content=bytes(1000)).status_code == 200
    assert client.post("/size", content=bytes(1001)).status_code == 413
    assert client.post("/size", content=(bytes(100) for _ in range(11))).status_code == 413
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post("/size", content=bytes(5000), headers=form).status_code == 200


def test_endless_headers_are_refused(served):
    url = httpx.URL(served)
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X: " + b"a" * 10_000 + b"\r\n")
            answer = connection.recv(100)
        except OSError:  # it has closed the connection
            answer = b"HTTP/1.1 400"
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
