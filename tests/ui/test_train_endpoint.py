"""The endpoint /train, served: bad settings, waiting, and clients that go away at any time."""

import asyncio
import itertools
import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from ae_demo.ui.shared import clients
from ae_demo.ui.tabs.train import build_endpoint, queued_run, run_queue, spare_worker

LONG = {"hidden": [32], "epochs": 500}
SECONDS = 10  # until a client that has gone is noticed: 2, but on a machine that does nothing else


@pytest.fixture(scope="module")
def url():
    with gr.Blocks(analytics_enabled=False) as app:
        build_endpoint()
    _, url, _ = app.queue(max_size=64).launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, max_threads=100)
    yield url.rstrip("/")
    app.close()
    spare_worker.end()


@pytest.fixture
def workers(monkeypatch):
    """The processes that are started for runs."""
    started, take = [], spare_worker.take

    def spied():
        started.append(take())
        return started[-1]

    monkeypatch.setattr(queued_run.spare_worker, "take", spied)
    return started


@pytest.fixture
def full(monkeypatch):
    """Fail the test if a run starts."""
    monkeypatch.setattr(run_queue, "MAX_RUNS", 0)


def call(url, settings=LONG):
    """Ask for a run, without reading its events; return the address of its events."""
    body = json.dumps({"data": ["dense", "digits", settings]}).encode()
    request = urllib.request.Request(f"{url}/gradio_api/call/train", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return f"{url}/gradio_api/call/train/{json.load(answer)['event_id']}"


def lines_from(stream):
    """The values that a stream of events brings."""
    for line in stream:
        if line.startswith(b"data: [") and (data := json.loads(line[6:])):
            yield data[0]


def until(condition, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_bad_setting_is_refused_while_others_wait(url, full):
    with urllib.request.urlopen(call(url), timeout=20) as waiting:
        lines = lines_from(waiting)
        assert next(lines)["event"] == "working"
        assert next(lines) == {"event": "waiting", "ahead": 1}
        with pytest.raises(AppError, match="latent_dim"):
            Client(url, verbose=False).predict("dense", "digits", {"latent_dim": -3}, api_name="/train")
        began = time.monotonic()
        assert next(lines)["event"] == "working"  # there is news every second, also in the queue
        assert time.monotonic() - began < SECONDS
    until(lambda: run_queue.size() == 0)  # its place is free when it leaves


def test_a_client_that_never_reads_gets_no_place(url, workers, monkeypatch):
    monkeypatch.setattr(clients, "UNREAD_SECONDS", 0.5)
    closed = []
    monkeypatch.setattr(clients, "is_over", lambda since, over=clients.is_over: over(since) and not closed.append(1))
    call(url)
    until(lambda: closed)
    assert run_queue.size() == 0
    assert not workers


def test_a_client_that_stops_reading_loses_its_place(url, full, monkeypatch):
    monkeypatch.setattr(clients, "UNREAD_SECONDS", 0.5)
    stalled, count = False, itertools.count(1)
    # as when the connection takes no more
    monkeypatch.setattr(clients, "unread", lambda request: next(count) if stalled else 0)
    with urllib.request.urlopen(call(url), timeout=20) as stream:
        assert next(lines_from(stream))["event"] == "working"
        until(lambda: run_queue.size() == 1)
        stalled = True
        until(lambda: run_queue.size() == 0)


@pytest.mark.parametrize(("unread", "yielded"), [([0, 1, 1, 2, 2, 3, 3, 4, 4], 9), ([0, 1, 2, 3, 4, 5, 6, 7, 8], 2)])
def test_a_client_that_is_always_behind_but_reads_keeps_its_place(monkeypatch, unread, yielded):
    monkeypatch.setattr(clients, "UNREAD_SECONDS", 0.02)
    left = iter(unread)
    monkeypatch.setattr(clients, "unread", lambda request: next(left))

    async def values():
        for number in range(len(unread)):
            await asyncio.sleep(0.05)
            yield number

    async def read():
        return [value async for value in clients.while_read(values(), None)]

    with ThreadPoolExecutor(1) as pool:  # Playwright runs a loop in this thread
        assert pool.submit(asyncio.run, read()).result() == list(range(yielded))


def test_a_client_that_goes_before_the_first_event_ends_its_process(url, workers):
    with urllib.request.urlopen(call(url), timeout=20) as stream:
        assert next(lines_from(stream))["event"] == "working"
        until(lambda: workers)
    until(lambda: not workers[0].is_alive() and run_queue.size() == 0)


def test_a_client_that_goes_in_mid_run_ends_it_and_a_long_run_is_stopped(url, workers, monkeypatch):
    monkeypatch.setenv("AE_SPARE_WORKERS", "1")  # the second process imports while the first one trains
    with urllib.request.urlopen(call(url), timeout=20) as stream:
        next(line for line in lines_from(stream) if line["event"] == "stepped")
    until(lambda: not workers[0].is_alive() and run_queue.size() == 0)
    monkeypatch.setenv("AE_SPARE_WORKERS", "0")
    with urllib.request.urlopen(call(url), timeout=20) as stream:
        for line in lines_from(stream):
            if line["event"] == "started":
                monkeypatch.setattr(queued_run, "MAX_SECONDS", 0)
    assert line["event"] == "finished"
    assert line["stopped"]
    assert "half an hour" in line["notice"]
