"""The latent plane in headless Chromium: frames painted during a drag of one second, and latency to the painted frame.

    python benchmarks/bench_latent.py [--drags 5]

Each drag sends 60 pointer moves in a second as input events of the browser. *Frames* is the number of different decoded
pictures painted meanwhile, *requests* the number sent by the page, *latency* the time from an event's creation to the
frame in which its picture was painted. Measured idle, with 80 ms of network latency, and with two training runs in
separate processes, as in the Train tab. The ratios are to the idle figures of the same run.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from install_browser import DESKTOP, start_chromium  # noqa: E402

from ae_demo.training import RunSettings, Stepped  # noqa: E402
from ae_demo.training.worker import RunSpec, Worker  # noqa: E402

TAB = 3  # index of the tab
WATCH = (Path(__file__).parent / "bench_latent.js").read_text(encoding="utf-8")


@contextmanager
def two_trainings():
    """Run two trainings during the block."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        specs = [
            RunSpec(RunSettings.from_flat("vae", "digits", {"epochs": 100_000}), f"{folder}/{n}") for n in range(2)
        ]
        for worker in [stack.enter_context(Worker(spec)) for spec in specs]:
            next(batch for batch in worker.events() if any(isinstance(event, Stepped) for event in batch))
        yield


@contextmanager
def slow_network(page):
    """Add 80 ms to the latency of each response during the block."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**limits, "latency": 80})
    yield
    session.send("Network.emulateNetworkConditions", {**limits, "latency": 0})


@contextmanager
def dragging(page, selector: str, places: Sequence[Sequence[float]], pressed: Callable[[], object] = lambda: None):
    """Press at the first of `places`, fractions of an element's box, and move to each of them, 60 in a second.

    The mouse is released at the end of the block. `pressed` is called before the moves. Yields the seconds that they
    took, and the addresses of the requests since the press.
    """
    session = page.context.new_cdp_session(page)
    box = page.locator(selector).first.bounding_box()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    def send(kind: str, place: Sequence[float]) -> None:
        at = {"x": box["x"] + place[0] * box["width"], "y": box["y"] + place[1] * box["height"]}
        session.send("Input.dispatchMouseEvent", {"type": kind, "button": "left", "buttons": 1, "clickCount": 1, **at})

    send("mousePressed", places[0])
    pressed()
    began = time.perf_counter()
    for i, place in enumerate(places):
        time.sleep(max(0.0, began + (i + 1) / 60 - time.perf_counter()))
        send("mouseMoved", place)
    yield time.perf_counter() - began, requests
    send("mouseReleased", places[-1])


def drag(page) -> dict:
    """One drag of a second along a circle."""
    page.evaluate("window.watchDrag()")
    with dragging(page, "#latent-map canvas", page.evaluate("window.circle(60)")) as (seconds, requests):
        pass
    page.wait_for_timeout(100)
    return {**page.evaluate("window.dragWatched()"), "seconds": seconds, "requests": len(requests)}


def measure(page, name: str, drags: int, idle: float | None = None) -> float:
    """Print a line of figures for `drags` drags; return the 95th percentile of the latency, in ms."""
    drag(page)  # once to warm up
    runs = [drag(page) for _ in range(drags)]
    latencies = sorted(value for run in runs for value in run["latencies"])
    p95 = latencies[int(0.95 * len(latencies))]
    frames = statistics.median(run["frames"] for run in runs)
    moves = statistics.median(run["moves"] for run in runs)
    requests = sum(run["requests"] for run in runs)
    seconds = statistics.median(run["seconds"] for run in runs)
    ratio = f"{p95 / idle:6.2f}" if idle else "     1"
    print(
        f"{name:24}{frames:7.0f}{moves:7.0f}{seconds:9.2f}{statistics.median(latencies):9.1f}{p95:8.1f}{ratio}{requests:10}"
    )
    return p95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drags", type=int, default=5, help="drags in each situation [5]")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        server = stack.enter_context(serving())
        playwright = stack.enter_context(sync_playwright())
        browser = start_chromium(playwright)
        stack.callback(browser.close)
        page = browser.new_context(viewport=DESKTOP, locale="en-US").new_page()
        page.add_init_script(WATCH)
        page.goto(server)
        page.wait_for_selector("#reconstruct-results figure", timeout=60_000)
        page.wait_for_timeout(3000)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        page.locator("#ae-tabs button[role=tab]").nth(TAB).click()
        page.wait_for_function("window.openedIn")
        opened = page.evaluate("window.openedIn") / 1000
        print(f"from the click on the tab to the first decoded picture on the screen: {opened:.2f} s")
        page.wait_for_function(
            "(latent => latent?.complete && latent.plane.refined)(document.querySelector('#latent-map canvas')?.latent)"
        )
        page.wait_for_timeout(1000)
        print(f"{'':24}{'frames':>7}{'moves':>7}{'seconds':>9}{'median':>9}{'p95, ms':>8}{'ratio':>6}{'requests':>10}")
        idle = measure(page, "idle", options.drags)
        with slow_network(page):
            measure(page, "80 ms of network", options.drags, idle)
        with two_trainings():
            measure(page, "two trainings", options.drags, idle)


@contextmanager
def serving():
    """Run the demo in a separate process during the block; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        environment = {**os.environ, "PORT": port, "HOST": "127.0.0.1"}
        with log.open("w") as stream:
            server = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=stream, stderr=stream
            )
        try:
            while "runs on" not in log.read_text():
                if server.poll() is not None:
                    raise SystemExit(log.read_text())
                time.sleep(0.2)
            time.sleep(10)  # until the background work at startup is done
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
