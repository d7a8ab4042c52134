"""The Features tab in headless Chromium: time to the map of a chosen model, frame rate, and time to neighbours.

    python benchmarks/bench_features_page.py [--choices 3] [--drags 3]

*Choice*: from the click on a model's name in the list to the frame in which its map is painted; the browser's cache is
empty at first. *Frames*: number of frames painted while 60 pointer moves are sent in a second, or with a turn of the
wheel before each of 60 frames, on the map of 10,000 garments; *requests*: those sent by the page meanwhile; *painting*:
the time of the script in one frame. *Neighbours*: from the click on a dot to the list of its neighbours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from bench_latent import DESKTOP, serving, start_chromium
from pages import title_of

PAINTED = "document.querySelector('#features-map .pane > canvas')?.pane?.painted > 0"
PLACE = """index => {
  const canvas = document.querySelector("#features-map .pane > canvas");
  const { left, top } = canvas.getBoundingClientRect();
  const [x, y] = canvas.pane.toPixel(canvas.pane.pointOf(index)).map((n) => n / canvas.pane.ratio);
  return [left + x, top + y];
}"""
PAINTED_FRAMES = "document.querySelector('#features-map .pane > canvas').pane.painted"
ZOOM = """() => new Promise((resolve) => {
  const canvas = document.querySelector("#features-map .pane > canvas");
  const { left, top, width } = canvas.getBoundingClientRect();
  const place = { clientX: left + width / 2, clientY: top + width / 2, cancelable: true };
  const before = canvas.pane.painted;
  const began = performance.now();
  let turns = 0;
  const turn = () => {
    if (turns === 60) return resolve([canvas.pane.painted - before, (performance.now() - began) / 1000]);
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: turns++ < 30 ? -20 : 20, ...place }));
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
})"""
PAINTS = """() => Array.from({ length: 100 }, () => {
  const { pane } = document.querySelector("#features-map .pane > canvas");
  const began = performance.now();
  pane.paint();
  return performance.now() - began;
})"""
WATCH = """
window.watchChoice = () => {
  const canvas = document.querySelector("#features-map .pane > canvas");
  const before = canvas.pane.points;
  window.chosenIn = null;
  let began = null;
  document.addEventListener("pointerdown", () => (began = performance.now()), { once: true, capture: true });
  const check = () => {
    if (began !== null && canvas.pane.points !== before) window.chosenIn = performance.now() - began;
    else requestAnimationFrame(check);
  };
  requestAnimationFrame(check);
};
window.watchClick = () => {
  const list = document.querySelector("#features-neighbours .lists");
  window.clickedIn = null;
  let began = null;
  document.addEventListener("pointerdown", (event) => (began = event.timeStamp), { once: true, capture: true });
  const observer = new MutationObserver(() => {
    window.clickedIn = performance.now() - began;
    observer.disconnect();
  });
  observer.observe(list, { childList: true });
};
"""


def choose(page, name: str) -> float:
    """Choose a model; return the seconds until its map is painted."""
    box = page.locator("#features-checkpoint input")
    box.click()
    option = page.locator(f'[role=option][aria-label="{title_of(name)}"]')
    page.evaluate("window.watchChoice()")
    option.click()
    page.wait_for_function("window.chosenIn !== null", timeout=60_000)
    return page.evaluate("window.chosenIn") / 1000


def pan(page) -> tuple[int, float, int]:
    """Send 60 pointer moves in a second; return frames painted, seconds and requests."""
    session = page.context.new_cdp_session(page)
    box = page.locator("#features-map .pane > canvas").first.bounding_box()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left"}
    before = page.evaluate(PAINTED_FRAMES)
    session.send("Input.dispatchMouseEvent", {"type": "mousePressed", "buttons": 1, **at})
    began = time.perf_counter()
    for i in range(60):
        time.sleep(max(0.0, began + (i + 1) / 60 - time.perf_counter()))
        at["x"] += 2 if i < 30 else -2
        session.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "buttons": 1, **at})
    took = time.perf_counter() - began
    session.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **at})
    page.wait_for_timeout(50)
    return page.evaluate(PAINTED_FRAMES) - before, took, len(requests)


def zoom(page) -> tuple[int, float, int]:
    """Turn the wheel before each of 60 frames; return frames painted, seconds and requests."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    frames, seconds = page.evaluate(ZOOM)
    return frames, seconds, len(requests)


def click(page, index: int) -> tuple[float, float]:
    """Click the dot of a picture; return the milliseconds until its neighbours are listed, and those of the search."""
    place = page.evaluate(PLACE, index)
    page.evaluate("window.watchClick()")
    page.mouse.click(*place)
    page.wait_for_function("window.clickedIn !== null")
    took = float(page.locator("#features-neighbours [data-took]").first.get_attribute("data-took"))
    return page.evaluate("window.clickedIn"), took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choices", type=int, default=3, help="choices of each model [3]")
    parser.add_argument("--drags", type=int, default=3, help="drags and zooms [3]")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with serving() as server, sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_context(viewport=DESKTOP, locale="en-US").new_page()
        page.add_init_script(WATCH)
        page.goto(f"{server}/?tab=features")
        page.wait_for_function(PAINTED, timeout=120_000)
        page.wait_for_selector("#features-table tbody tr", timeout=120_000)
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for name in ("dense-mnist", "denoising-mnist", "dense-fashion", "conv-mnist"):
            times = []
            for _ in range(options.choices):
                times.append(choose(page, name))
                page.wait_for_timeout(1500)
                choose(page, "vae-mnist")
                page.wait_for_timeout(1500)
            print(f"choice of {name}: first {times[0]:.2f} s, median {statistics.median(times):.2f} s")
        choose(page, "dense-fashion")
        page.wait_for_timeout(3000)
        count = page.evaluate("document.querySelector('#features-map .pane > canvas').pane.points.length / 2")
        for move in (pan, zoom):
            for _ in range(options.drags):
                frames, seconds, requests = move(page)
                moved = f"{move.__name__} of {count:,.0f} points"
                print(f"{moved}: {frames} frames of 60 in {seconds:.2f} s, {requests} requests")
        times = page.evaluate(PAINTS)
        print(f"painting {count:,.0f} points takes {statistics.median(times):.1f} ms (median of {len(times)})")
        clicks = [click(page, index) for index in range(100, 110)]
        print(
            f"neighbours: median {statistics.median(c for c, _ in clicks):.0f} ms from the click, of which the search "
            f"and the list take {statistics.median(t for _, t in clicks):.1f} ms"
        )
        browser.close()


if __name__ == "__main__":
    main()
