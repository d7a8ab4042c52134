"""Latencies of many simultaneous visitors, with trainings at the same time. Linux only.

    python benchmarks/bench_load.py                          # 10, 30 and 100 visitors, a minute each, 2 trainings
    python benchmarks/bench_load.py --visitors 30 --minutes 10

Each visitor moves a slider for a second (with sequential previews, at most 20 per second), receives the full result,
and pauses for two to eight seconds. Of five visitors, two reconstruct a digit, two denoise one, and the fifth denoises
or reconstructs a photograph of 512 × 512 pixels. The visitors also use processor time, which the server then lacks.

Prints the median and the 95th percentile of the latency in seconds, by kind, and the errors: "preview" is for a moving
slider, "result" for the picture of the full result, "all" for the end of the full result (in Denoise with the classical
filters), unless the next movement cancels it. Then prints the server's memory, the processors that the server and the
visitors used, and the steps per second of each training relative to those before the visitors arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field

import httpx
import numpy as np
from PIL import Image
from visitors import ROOT, Page, ServerError, connected, processor_seconds, resident, served

DRAG_SECONDS, PREVIEWS, STILL_SECONDS = 1.0, 20, 0.3
THINK_SECONDS = (2.0, 8.0)
ALONE_SECONDS = 15.0  # for measuring the speed of the trainings without visitors
PICTURE = 1500  # characters; longer answers contain a picture
SIDE = 512
STEP = re.compile(r'"step"(?:\]\s*,|:)\s*(\d+)')  # in an event, or in its difference from the previous one


@dataclass(frozen=True)
class Task:
    """A visitor's task: in `tab`, with `checkpoint` and the picture `file`, move `slider` between two values."""

    kind: str
    tab: str
    checkpoint: str
    file: str
    slider: str
    values: tuple[float, float]


DIGITS = [
    Task("28 px", "reconstruct", "conv-mnist", "digit", "reconstruct-threshold", (60, 99)),
    Task("28 px", "denoise", "denoising-mnist", "digit", "noise-gaussian", (0.05, 0.45)),
]
PHOTOS = [
    Task("512 px", "denoise", "denoising-photo", "photo", "noise-gaussian", (0.05, 0.45)),
    Task("512 px", "reconstruct", "conv-photo", "photo", "reconstruct-channels", (4, 60)),
]


def task_of(number: int) -> Task:
    """The task of a visitor."""
    return PHOTOS[number // 5 % 2] if number % 5 == 4 else DIGITS[number % 2]


@dataclass
class Figures:
    """The measurements."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory: float = 0.0  # MB, the maximum


class Visitor:
    """One visitor's page in one tab."""

    def __init__(self, page: Page, task: Task, figures: Figures, rng: random.Random) -> None:
        self.page, self.task, self.figures, self.rng = page, task, figures, rng
        self.answering: asyncio.Task | None = None

    async def come(self, files: dict[str, bytes]) -> None:
        """Load the page, open the tab, choose the model and upload the picture."""
        task = self.task
        await self.page.load()
        await self.page.open(task.tab)
        picture = await self.page.upload(f"{task.file}.png", files[task.file])
        self.page.set(f"{task.tab}-picture", picture)
        self.page.set(f"{task.tab}-checkpoint", task.checkpoint)
        self.preview = self.page.listener(task.slider, "input")
        self.full = self.page.listener(f"{task.tab}-busy", "submit")

    async def play(self, end: float) -> None:
        """Move the slider until `end`."""
        await asyncio.sleep(self.rng.uniform(0, THINK_SECONDS[1]))
        while time.monotonic() < end:
            try:
                await self.move()
            except (ServerError, httpx.HTTPError) as error:
                self.figures.errors.append(f"{self.task.kind}: {type(error).__name__} {error}")
            await asyncio.sleep(self.rng.uniform(*THINK_SECONDS))
        if self.answering:
            await self.answering

    async def move(self) -> None:
        """Drag the slider, then request the full result, which arrives while the visitor pauses."""
        began, (low, high) = time.monotonic(), self.task.values
        while (now := time.monotonic()) < began + DRAG_SECONDS:
            value = low + (high - low) * self.rng.random()
            self.page.set(self.task.slider, round(value) if high > 1 else round(value, 2))
            await self.page.call(self.preview)
            self.note("preview", now)
            await asyncio.sleep(max(0, now + 1 / PREVIEWS - time.monotonic()))
        await asyncio.sleep(STILL_SECONDS)
        if self.answering:  # a page has only one stream; the preview has cancelled the previous result
            await self.answering
        self.answering = asyncio.create_task(self.answer())

    async def answer(self) -> None:
        """Request and receive the full result."""
        began, seen = time.monotonic(), False
        try:
            async for answer in self.page.answers(self.full):
                if not seen and len(answer) > PICTURE:
                    seen = True
                    self.note("result", began)
            if seen:
                self.note("all", began)
        except (ServerError, httpx.HTTPError) as error:
            self.figures.errors.append(f"{self.task.kind}: {type(error).__name__} {error}")

    def note(self, what: str, began: float) -> None:
        """Record the time of an answer."""
        self.figures.seconds[f"{self.task.kind} {what}"].append(time.monotonic() - began)


class Training:
    """A run of /train, and its number of steps at each time."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, [(time.monotonic(), 0)]

    async def run(self) -> None:
        """Train until cancelled."""
        await self.page.load()
        settings = ["dense", "digits", {"epochs": 500, "hidden": [512, 256], "batch_size": 128}]
        async for answer in self.page.answers(self.page.endpoint("train"), settings):
            if found := STEP.search(answer):
                self.steps.append((time.monotonic(), int(found[1])))

    def speed(self, begin: float, end: float) -> float:
        """Steps per second between two times."""
        times, steps = zip(*self.steps, strict=True)
        first, last = np.interp([begin, end], times, steps)
        return (last - first) / (end - begin)


async def measure(client: httpx.AsyncClient, process: int, count: int, options: argparse.Namespace) -> None:
    """Print the figures of `count` visitors."""
    figures, files = Figures(), pictures()
    trainings = [Training(Page(client)) for _ in range(options.trainings)]
    running = [asyncio.create_task(each.run()) for each in trainings]
    began = time.monotonic()
    while any(len(each.steps) < 5 for each in trainings) and time.monotonic() < began + 120:
        await asyncio.sleep(0.2)
    alone = time.monotonic()
    if trainings:
        await asyncio.sleep(ALONE_SECONDS)
    visitors = [Visitor(Page(client), task_of(n), figures, random.Random(n)) for n in range(count)]
    came = time.monotonic()
    await asyncio.gather(*(each.come(files) for each in visitors))
    begin = time.monotonic()
    used = [processor_seconds(each) for each in (process, os.getpid())]
    watcher = asyncio.create_task(watch(process, figures))
    await asyncio.gather(*(each.play(begin + options.seconds) for each in visitors))
    end = time.monotonic()
    server, own = (processor_seconds(each) - before for each, before in zip((process, os.getpid()), used, strict=True))
    figures.errors += [f"a training has ended: {each.exception()}" for each in running if each.done()]
    for each in (watcher, *running):
        each.cancel()
    print(
        f"{count} visitors, {len(trainings)} trainings, {end - begin:.0f} s (all pages open after {begin - came:.1f} s)"
    )
    for kind, seconds in sorted(figures.seconds.items()):
        middle, late = np.percentile(seconds, [50, 95])
        print(f"  {kind:16} {len(seconds):5} p50 {middle:6.3f} s  p95 {late:6.3f} s  longest {max(seconds):.3f} s")
    print(f"  errors: {len(figures.errors)}", *sorted(set(figures.errors))[:5], sep="\n    ")
    print(f"  memory of the server: at most {figures.memory:.0f} MB")
    print(f"  processors: the server used {server / (end - begin):.2f}, the visitors {own / (end - begin):.2f}")
    for number, each in enumerate(trainings, 1):
        before, loaded = each.speed(alone, came), each.speed(begin, end)
        share = 100 * loaded / before if before else 0.0
        print(f"  training {number}: {loaded:.0f} of {before:.0f} steps/s, {share:.0f} %", flush=True)


async def watch(process: int, figures: Figures) -> None:
    """Record the maximum memory of the server."""
    while True:
        figures.memory = max(figures.memory, resident(process))
        await asyncio.sleep(0.2)


def pictures() -> dict[str, bytes]:
    """A digit and a photograph, as PNG files."""
    digit = Image.open(ROOT / "assets/examples/digit-8.png")
    photo = Image.open(ROOT / "assets/photos/astronaut.jpg").convert("RGB").resize((SIDE, SIDE))
    files = {}
    for name, image in (("digit", digit), ("photo", photo)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        files[name] = buffer.getvalue()
    return files


async def run(options: argparse.Namespace) -> None:
    """Start a server and measure each number of visitors."""
    with served() as (server, url):
        async with connected(url) as client:
            print(f"the server at rest: {resident(server.pid):.0f} MB")
            for count in options.visitors:
                await measure(client, server.pid, count, options)


def main() -> None:
    """Read the flags, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--trainings", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--minutes", type=float, help="instead of --seconds")
    options = parser.parse_args()
    options.seconds = 60 * options.minutes if options.minutes else options.seconds
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
