"""Memory of the server: at rest, for one large photograph, and over many visitors. Linux only.

    python benchmarks/bench_memory.py --visitors 2000

Denoises a photograph of 12 megapixels and prints the peak memory above that at rest. Then does so again, with a client
that leaves before the end, and prints how long the server continues to work. Then simulates visitors: each loads the
page, opens one tab (with --tabs all of them) and leaves. Prints the resident memory in MB after each tenth of them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import time
from pathlib import Path

import httpx
import numpy as np
from PIL import Image
from visitors import Page, connected, resident, served

LEAVES_AFTER = 3.0  # seconds
IDLE_SHARE = 0.3  # of a core; the server is idle below it


def large_photo() -> bytes:
    """A JPEG of 4000 × 3000 pixels."""
    rng, buffer = np.random.default_rng(0), io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).resize((4000, 3000)).save(buffer, "JPEG")
    return buffer.getvalue()


def cpu_seconds(process: int) -> float:
    """Processor time of a process."""
    return sum(map(int, Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[11:13])) / 100


async def denoise(client: httpx.AsyncClient, seconds: float | None = None) -> None:
    """Denoise the large photograph; leave after `seconds`, if given."""
    page = Page(client)
    await page.load()
    data = [await page.upload("large.jpg", large_photo()), "denoising-photo", None, None]
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(page.call(page.endpoint("denoise"), data), seconds)


async def peak_above(client: httpx.AsyncClient, process: int) -> float:
    """The peak memory, above the present one, while the large photograph is denoised, in MB."""
    before, peak, working = resident(process), 0.0, asyncio.create_task(denoise(client))
    while not working.done():
        peak = max(peak, resident(process))
        await asyncio.sleep(0.02)
    await working
    return peak - before


async def works_on(client: httpx.AsyncClient, process: int) -> float:
    """The seconds for which the server works after the client has left."""
    await denoise(client, LEAVES_AFTER)
    began = time.monotonic()
    while True:
        now, used = time.monotonic(), cpu_seconds(process)
        await asyncio.sleep(0.25)
        if cpu_seconds(process) - used < IDLE_SHARE * (time.monotonic() - now):
            return now - began


async def measure(process: int, client: httpx.AsyncClient, options: argparse.Namespace) -> None:
    """Print the figures of a server that is ready."""
    print(f"at rest: {resident(process):.0f} MB")
    if not options.no_photo:
        above = await peak_above(client, process)
        print(f"12 megapixels: at most {above:.0f} MB more; then {resident(process):.0f} MB")
        print(f"12 megapixels, and the client leaves: {await works_on(client, process):.1f} s of work", flush=True)
    for number in range(1, options.visitors + 1):
        page = Page(client)
        await page.load()
        for tab in page.tabs if options.tabs else page.tabs[:1]:
            await page.open(tab)
        if number % max(1, options.visitors // 10) == 0:
            print(f"after {number} visitors: {resident(process):.0f} MB", flush=True)


async def run(options: argparse.Namespace) -> None:
    """Start a server and measure it."""
    with served() as (server, url):
        async with connected(url) as client:
            await measure(server.pid, client, options)


def main() -> None:
    """Read the flags, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=300)
    parser.add_argument("--tabs", action="store_true", help="each visitor opens all tabs")
    parser.add_argument("--no-photo", action="store_true", help="leave out the large photograph")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
