"""Load time of the page compared with a bare Gradio page with the same number of tabs, alternating in one run.

    python benchmarks/bench_page.py [--rounds 5]

Each round opens both pages in a new headless Chromium with an empty cache. *Tabs* is the time until the row of tabs is
visible, *KB* (as transferred) and *requests* are what ended before, *config* is the size of the page itself, which
contains the configuration of all components, and *result* is the time until our first result is on the screen.
Before these rounds, a visitor opens our page as soon as the server answers. After them, each tab is opened in a page of
its own two seconds after the first result, and the time until its components are drawn is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from install_browser import DESKTOP, start_chromium  # noqa: E402

BARE = """
import os
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
with gr.Blocks(analytics_enabled=False) as app:
    with gr.Tabs(elem_id="ae-tabs"):
        for number in range({tabs}):
            with gr.Tab(f"Tab {{number}}"):
                gr.Markdown("A tab")
app.launch(server_port={port}, ssr_mode=False, quiet=True)
"""
TABS_VISIBLE = "#ae-tabs button[role=tab]"
FIRST_RESULT = "#reconstruct-results figure"
WATCH = """
requestAnimationFrame(function look() {
  if (!document.querySelector(TABS)?.checkVisibility()) return requestAnimationFrame(look);
  const now = performance.now();
  const page = performance.getEntriesByType("navigation");
  const fetched = [...page, ...performance.getEntriesByType("resource")].filter((each) => each.responseEnd <= now);
  const bytes = fetched.reduce((sum, each) => sum + each.transferSize, 0);
  window.tabsVisible = { tabs: now / 1000, requests: fetched.length, KB: bytes / 1000 };
});
"""


@contextmanager
def serve(command: list[str], port: int):
    """Run a server in a separate process during the block; yields its address, and the seconds until it answered."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "HOST": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError(f"the server ended with {server.returncode}") from None
                time.sleep(0.1)
        yield url, time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_page(chromium, url: str, first_result: str | None) -> dict[str, float]:
    """Open a page with an empty cache. The page itself notes when the tabs are visible, and what it has fetched."""
    context = chromium.new_context(viewport=DESKTOP, locale="en-US")
    page = context.new_page()
    page.add_init_script(WATCH.replace("TABS", json.dumps(TABS_VISIBLE)))
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    figures = page.wait_for_function("window.tabsVisible").json_value()
    if first_result:
        page.wait_for_selector(first_result, state="visible")
        figures["result"] = time.perf_counter() - began
    context.close()
    return figures


def open_tab(chromium, url: str, number: int) -> tuple[str, float]:
    """A tab's name, and the seconds from the click on it, in a page that is at rest, until all it shows is drawn."""
    context = chromium.new_context(viewport=DESKTOP, locale="en-US")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(FIRST_RESULT)
    page.wait_for_timeout(2000)
    button = page.locator(TABS_VISIBLE).nth(number)
    name = button.inner_text()
    began = time.perf_counter()
    button.click()
    page.wait_for_selector("[role=tabpanel] [data-mounted] >> visible=true >> nth=2")
    seconds = time.perf_counter() - began
    context.close()
    return name, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    from playwright.sync_api import sync_playwright

    from ae_demo.ui.tabs import TABS

    bare_port, port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE.format(tabs=len(TABS), port=bare_port), encoding="utf-8")
        chromium = start_chromium(playwright)
        with serve([str(bare)], bare_port) as (bare_url, _), serve(["app.py"], port) as (url, started):
            first = open_page(chromium, url, FIRST_RESULT)
            chromium.close()
            for name, each in (("bare", bare_url), ("ours", url)):
                asked = urllib.request.Request(each, headers={"Accept-Encoding": "gzip"})
                size, sent = (len(urllib.request.urlopen(address).read()) / 1000 for address in (each, asked))
                print(f"{name}: page with config {size:.0f} KB, sent {sent:.0f} KB")
            print(f"ours answers {started:.1f} s after its start")
            print(f"its first visitor has a result {first['result']:.2f} s later")
            measured: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
            for _ in range(rounds):
                for name, address in (("bare", bare_url), ("ours", url)):
                    chromium = start_chromium(playwright)
                    measured[name].append(open_page(chromium, address, FIRST_RESULT if name == "ours" else None))
                    chromium.close()
            medians = {
                name: {key: statistics.median(each[key] for each in runs) for key in runs[0]}
                for name, runs in measured.items()
            }
            for name, figures in medians.items():
                print(f"{name}: " + ", ".join(f"{key} {value:.2f}" for key, value in figures.items()))
            ratio = medians["ours"]["tabs"] / medians["bare"]["tabs"]
            print(f"time until the tabs are visible: {ratio:.2f} times that of the bare page")
            chromium = start_chromium(playwright)
            for number in range(1, len(TABS)):
                opened = [open_tab(chromium, url, number) for _ in range(rounds)]
                print(f"{opened[0][0]}: usable {statistics.median(each for _, each in opened):.2f} s after its click")
            chromium.close()


if __name__ == "__main__":
    main()
