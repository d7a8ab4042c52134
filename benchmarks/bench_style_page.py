"""The Style tab in headless Chromium: from a move of a slider or of the pen to the painted grid of ten digits.

    python benchmarks/bench_style_page.py [--drags 5]

Each drag sends 60 pointer moves in a second as input events of the browser: along a slider of the style, or on the pad,
where the drawing's label is inferred at each move. *Frames* is the number of different grids painted meanwhile;
*latency* is the time from an event's creation to the frame in which its grid was painted, which includes the wait for
the next frame; *work* is the time of the page's scripts for a grid, and *on time* the share of grids for which it is
below a frame of 16.7 ms; *requests* are those sent by the page.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable
from pathlib import Path

from bench_latent import DESKTOP, dragging, serving, start_chromium

FRAME = 1000 / 60  # ms
WATCH = (Path(__file__).parent / "bench_style_page.js").read_text(encoding="utf-8")
Place = tuple[float, float]


def along_slider(share: float) -> Place:
    """A place in the slider's box, to the right and back."""
    return 0.1 + 0.8 * (1 - abs(2 * share - 1)), 0.5


def zigzag(share: float) -> Place:
    """A place on the pad, on a stroke from left to right and down, again and again."""
    return 0.2 + 0.6 * abs((6 * share) % 2 - 1), 0.2 + 0.6 * share


def drag(page, selector: str, event: str, place: Callable[[float], Place]) -> dict:
    """One drag of a second, answered at `event`; returns what was painted, and the number of requests."""
    page.locator(selector).first.scroll_into_view_if_needed()
    places = [place(i / 60) for i in range(1, 61)]
    watch = lambda: page.evaluate("type => window.watchMoves(type)", event)  # noqa: E731
    with dragging(page, selector, places, watch) as (seconds, requests):
        page.wait_for_timeout(100)
        painted = page.evaluate("window.movesWatched()")
    return {"painted": painted, "seconds": seconds, "requests": len(requests)}


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(page, name: str, drags: int, *movement) -> None:
    """Print a line of figures for `drags` drags; `movement`: the arguments of `drag`."""
    runs = []
    for number in range(drags + 1):
        run = drag(page, *movement)
        runs += [run] if number else []  # the first one warms up
        page.wait_for_timeout(600)  # the link is renewed
    painted = [each for run in runs for each in run["painted"]]
    latencies, works = ([each[key] for each in painted] for key in ("latency", "work"))
    on_time = sum(work <= FRAME for work in works) / len(works)
    frames = statistics.median(len(run["painted"]) for run in runs)
    seconds = statistics.median(run["seconds"] for run in runs)
    print(
        f"| {name} | {frames:.0f} of 60 in {seconds:.2f} s "
        f"| {statistics.median(latencies):.1f} / {percentile(latencies, 0.95):.1f} ms "
        f"| {statistics.median(works):.1f} / {percentile(works, 0.95):.1f} ms "
        f"| {100 * on_time:.0f} % | {sum(run['requests'] for run in runs)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drags", type=int, default=5, help="drags of each kind [5]")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with serving() as server, sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_context(viewport=DESKTOP, locale="en-US").new_page()
        page.add_init_script(WATCH + "try { localStorage.setItem('ae-tour', '1'); } catch {}")
        page.goto(f"{server}/?tab=style")
        page.wait_for_function("document.querySelector('#style-sheet .ten')?.sheet", timeout=120_000)
        page.wait_for_timeout(3000)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print("| move of | frames | latency, median / p95 | work, median / p95 | on time | requests |")
        print("|---|---|---|---|---|---|")
        measure(page, "a slider", options.drags, "#style-sheet .sliders input", "input", along_slider)
        measure(page, "the pen", options.drags, "#style-pad canvas", "pointermove", zigzag)
        times = page.evaluate("window.decodingTimes(100)")
        print(f"decoding ten digits takes {statistics.median(times):.1f} ms (median of {len(times)})")
        browser.close()


if __name__ == "__main__":
    main()
