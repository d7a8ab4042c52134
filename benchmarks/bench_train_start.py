"""Time from Start to the first output of a training in the page, with a spare process (warm) and without (cold).

    python benchmarks/bench_train_start.py [--rounds 3] [--loops 0 2] [--only cold warm]

*answer* is the time from the click on Start to the first change of the line below the buttons, *picture* that to the
first picture, *step* that to the first speed: medians over the rounds. `--loops` are the numbers of busy loops that run
at the same time. Also prints the memory of a spare process, and the speed of a run with the loops relative to that
without them. Linux only; needs an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from bench_page import ROOT, free_port, serve

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from install_browser import DESKTOP, start_chromium  # noqa: E402

LINK = "?tab=train&family=dense&epochs=500&lang=en"
TIMEOUT = 180_000  # ms


@contextmanager
def busy_loops(count: int):
    """Run `count` busy loops in separate processes during the block."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def workers() -> list[int]:
    """The ids of the worker processes of this program's servers."""
    parents, found = {}, []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            parents[int(status.parent.name)] = int(lines["PPid"])
            if b"worker_process" in status.with_name("cmdline").read_bytes():
                found.append(int(status.parent.name))
        except OSError:  # it has ended
            continue
    return [pid for pid in found if parents.get(parents[pid]) == os.getpid()]


def cpu_seconds(pid: int) -> float:
    """Processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_ready(count: int) -> None:
    """Wait until `count` workers have finished their imports and are idle."""
    used: list[float] = []
    while True:
        time.sleep(3)
        before, used = used, [cpu_seconds(pid) for pid in workers()]
        if len(used) == count and used == before:
            return


def memory_of(pid: int) -> str:
    """The memory of a process, and the part that is not shared with other processes."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    mb = {name: int(value.split()[0]) / 1000 for name, value in lines.items()}
    return (
        f"{mb['Rss']:.0f} MB, {mb['Private_Dirty'] + mb['Private_Clean']:.0f} MB of it not shared with other processes"
    )


def start_once(page, count: int) -> tuple[dict[str, float], float]:
    """The seconds from Start to each change, and the run's samples per second a few seconds later."""
    page.locator("#train-start").click()
    began = time.perf_counter()
    seconds = {}
    changed = "text => !document.querySelector('#train .line').textContent.startsWith(text)"
    for name, condition, value in (
        ("answer", changed, "Ready"),
        ("picture", "() => document.querySelector('#train-preview img[src]')", None),
        ("step", "() => document.querySelector('#train .figures').textContent.includes('pictures/s')", None),
    ):
        page.wait_for_function(condition, arg=value, polling=20)
        seconds[name] = time.perf_counter() - began
    page.wait_for_timeout(4000)
    shown = page.locator("#train .figures").inner_text()
    speed = float(next(part for part in shown.split(" · ") if "pictures/s" in part).split()[0].replace(",", ""))
    page.locator("#train-reset").click()
    page.wait_for_selector("#train .progress.idle")
    wait_until_ready(count)
    return seconds, speed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loops", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--only", nargs="+", choices=["cold", "warm"], default=["cold", "warm"])
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        for kind in options.only:
            count = {"cold": 0, "warm": 1}[kind]
            os.environ["AE_SPARE_WORKERS"] = str(count)
            alone = 0.0
            with serve(["app.py"], port := free_port()) as (url, _):
                assert url.endswith(str(port))
                chromium = start_chromium(playwright)
                page = chromium.new_page(viewport=DESKTOP, locale="en-US")
                page.set_default_timeout(TIMEOUT)
                page.goto(f"{url}/{LINK}")
                page.wait_for_function("document.querySelector('#train-epochs input')?.value === '500'")
                wait_until_ready(count)
                for pid in workers():
                    print(f"a spare process: {memory_of(pid)}")
                for loops in options.loops:
                    with busy_loops(loops):
                        measured = [start_once(page, count) for _ in range(options.rounds)]
                    shown = ", ".join(
                        f"{name} {statistics.median(seconds[name] for seconds, _ in measured):.2f} s"
                        for name in measured[0][0]
                    )
                    speed = statistics.median(speed for _, speed in measured)
                    alone = alone or speed
                    print(
                        f"{kind}, {loops} busy loops: {shown}; {speed:,.0f} pictures/s, {speed / alone:.0%}", flush=True
                    )
                chromium.close()


if __name__ == "__main__":
    main()
