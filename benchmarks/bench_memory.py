"""Memory of the server: at rest, for large photographs, and over many visitors and programs. Linux only.

    python benchmarks/bench_memory.py --photo                     # photographs of 12 megapixels
    python benchmarks/bench_memory.py --sessions 2000             # programs that each make one small request
    python benchmarks/bench_memory.py --visitors 2000             # visitors who open a tab; with --tabs every tab
    python benchmarks/bench_memory.py --soak 60                   # visitors who use every tab and train, for an hour

With --photo, each tab and each endpoint that takes photographs gets one of 12 megapixels. Prints the peak memory above
that at rest, then for how long the server continues to work after the visitor has left, at each of several moments. The
others print the resident memory in MB: after the first one and each tenth, or twelve times in the time of the soak.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from visitors import ROOT, Page, connected, resident, served

SIZE = (4000, 3000)  # pixels
LEAVES_AT = (0.1, 0.5, 0.9)  # shares of the time that the whole work takes
WINDOW = 0.1  # seconds, in which the time of the server's threads is measured
IDLE_SHARE = 0.3  # of a core; the server is idle below it
SETTLED = 1.0  # seconds for which an idle server stays idle


@dataclass(frozen=True)
class Work:
    """The work on a photograph: a tab's full result for `checkpoint`, or the answer of an endpoint to `arguments`."""

    name: str
    tab: str = ""
    checkpoint: str = ""
    endpoint: str = ""
    arguments: tuple = ()


WORKS = (
    Work("tab Reconstruct: compress", "reconstruct", "conv-photo"),
    Work("tab Denoise", "denoise", "denoising-photo"),
    Work("tab Colorize", "colorize", "colorization-photo"),
    Work("/reconstruct", endpoint="reconstruct", arguments=("conv-photo", 0, None, None)),
    Work("/denoise", endpoint="denoise", arguments=("denoising-photo", None, None)),
    Work("/colorize", endpoint="colorize", arguments=(1.0, 0.0, [], None)),
)


def large_photo() -> bytes:
    """A bundled photograph, as a JPEG of 4000 × 3000 pixels."""
    buffer = io.BytesIO()
    Image.open(ROOT / "assets/photos/astronaut.jpg").convert("RGB").resize(SIZE).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def busy_seconds(process: int) -> dict[str, float]:
    """For how long each thread of a process ran, or waited for a processor, as it does on a busy machine."""
    seconds = {}
    for thread in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended
            seconds[thread.name] = sum(map(int, (thread / "schedstat").read_text().split()[:2])) / 1e9
    return seconds


def reset_peak(process: int) -> None:
    """Let the peak of the resident memory begin at the present value."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak(process: int) -> float:
    """The peak of the resident memory since `reset_peak`, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6


async def prepare(client: httpx.AsyncClient, work: Work) -> Callable[[], Awaitable[None]]:
    """Load the page and upload the photograph; returns a function that does the work."""
    page = Page(client)
    await page.load()
    if work.tab:
        await page.open(work.tab)
    photo = await page.upload("large.jpg", large_photo())
    if work.endpoint:
        return lambda: page.call(page.endpoint(work.endpoint), [photo, *work.arguments])
    page.set(f"{work.tab}-picture", photo)
    with contextlib.suppress(StopIteration):  # the tab has a single model, and no list
        page.set(f"{work.tab}-checkpoint", work.checkpoint)
    return lambda: page.call(page.listener(f"{work.tab}-busy", "submit"))


async def until_idle(process: int) -> float:
    """Wait until the server is idle; returns the seconds for which it was not."""
    began = last = time.monotonic()
    while (now := time.monotonic()) < last + SETTLED:
        used = busy_seconds(process)
        await asyncio.sleep(WINDOW)
        busy = sum(seconds - used.get(thread, 0.0) for thread, seconds in busy_seconds(process).items())
        if busy > IDLE_SHARE * (time.monotonic() - now):
            last = time.monotonic()
    return last - began


async def measure_photo(client: httpx.AsyncClient, process: int, work: Work, leaves: Sequence[float]) -> None:
    """Print the figures of one kind of work on the large photograph."""
    run = await prepare(client, work)
    await until_idle(process)
    rest, began = resident(process), time.monotonic()
    reset_peak(process)
    await run()
    seconds = time.monotonic() - began
    above, late = peak(process) - rest, []
    for share in leaves:
        run = await prepare(client, work)
        await until_idle(process)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(run(), share * seconds)
        late.append(await until_idle(process))
    times = ", ".join(f"{each:.1f}" for each in late)
    print(f"{work.name}: {seconds:.0f} s, at most {above:.0f} MB more; works on for {times} s", flush=True)


async def request_once(first: Page) -> None:
    """A program's session, with one small request; the interface is that of the `first` page."""
    page = Page(first.client)
    await page.call(first.endpoint("decode"), [0.5, 0.5, "vae-mnist"])


async def visit(client: httpx.AsyncClient, every_tab: bool) -> None:
    """A visitor: loads the page, opens one tab or all of them, and leaves."""
    page = Page(client)
    await page.load()
    for tab in page.tabs if every_tab else page.tabs[:1]:
        await page.open(tab)


async def repeat(process: int, count: int, what: str, once: Callable[[], Awaitable[None]]) -> None:
    """Do something `count` times, and print the memory after each tenth."""
    for number in range(1, count + 1):
        await once()
        if number == 1 or number % max(1, count // 10) == 0:  # the first one loads models
            print(f"after {number} {what}: {resident(process):.0f} MB", flush=True)


async def use(client: httpx.AsyncClient, rng: random.Random) -> None:
    """A visitor opens every tab, denoises a photograph with random noise, trains for an epoch, and leaves."""
    page = Page(client)
    await page.load()
    for tab in page.tabs:
        await page.open(tab)
    page.set("noise-gaussian", round(rng.uniform(0.05, 0.45), 2))
    await page.call(page.listener("denoise-busy", "submit"))
    await page.call(page.endpoint("train"), ["dense", "digits", {"epochs": 1}])


async def soak(process: int, client: httpx.AsyncClient, seconds: float) -> None:
    """Let visitors come one after another for a time, and print the memory and the number of visitors."""
    rng, began, count, printed = random.Random(0), time.monotonic(), 0, 0
    while (passed := time.monotonic() - began) < seconds:
        await use(client, rng)
        count += 1
        if passed >= printed * seconds / 12:
            printed += 1
            print(f"after {passed / 60:.0f} minutes, {count} visitors: {resident(process):.0f} MB", flush=True)
    if count:
        print(f"at the end, after {count} visitors: {resident(process):.0f} MB", flush=True)


async def measure(process: int, client: httpx.AsyncClient, options: argparse.Namespace) -> None:
    """Print the figures of a server that is ready."""
    await until_idle(process)
    print(f"at rest: {resident(process):.0f} MB", flush=True)
    for work in WORKS if options.photo else ():
        if options.only in work.name:
            await measure_photo(client, process, work, options.leaves)
    first = Page(client)
    await first.load()
    await repeat(process, options.sessions, "programs", lambda: request_once(first))
    await repeat(process, options.visitors, "visitors", lambda: visit(client, options.tabs))
    await soak(process, client, 60 * options.soak)


async def run(options: argparse.Namespace) -> None:
    """Start a server and measure it."""
    with served() as (server, url):
        async with connected(url) as client:
            await measure(server.pid, client, options)


def main() -> None:
    """Read the flags, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", action="store_true", help="give photographs of 12 megapixels to all that take them")
    parser.add_argument("--only", default="", help="with --photo: only the work with this in its name")
    parser.add_argument("--leaves", type=float, nargs="+", default=LEAVES_AT, help="with --photo: shares of the time")
    parser.add_argument("--sessions", type=int, default=0, help="programs that make one small request")
    parser.add_argument("--visitors", type=int, default=0)
    parser.add_argument("--tabs", action="store_true", help="each visitor opens all tabs")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes in which visitors use every tab")
    options = parser.parse_args()
    if not (options.photo or options.sessions or options.visitors or options.soak):
        options.photo, options.sessions = True, 2000
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
