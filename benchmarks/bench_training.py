"""Speed of training, as ratios within one run: medians over rounds, in each of which the variants alternate.

python benchmarks/bench_training.py [--rounds 5] [--seconds 3] [--only engine worker stops denoise start]

engine   pictures per second of the engine, of the usual recipe (torchvision's dataset, a DataLoader, ToTensor, Adam)
         and of a bare loop over a tensor in memory with fused Adam: dense, conv and variational, batch 128, two threads
worker   the engine in the Train tab's process, streaming, compared with the engine in a process of the command line
start    seconds from Start to the first picture, with a spare process
stops    seconds that a stop takes, and memory, threads and files after `--stops` starts and stops
denoise  latency of a preview of the Denoise tab, with two runs in progress and with none
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from ae_demo.data import Samples, load_dataset
from ae_demo.models import build_model
from ae_demo.training import Started, Stepped, TrainOptions, train
from ae_demo.training.settings import RunSettings
from ae_demo.training.worker import RunSpec, Worker
from ae_demo.training.worker_run import NICE

ROOT = Path(__file__).resolve().parent.parent
BATCH = 128
MODELS = {
    "dense": {"hidden": (256, 128), "latent_dim": 32},
    "conv": {"channels": (16, 32), "blocks": 1, "latent_dim": 32},
    "vae": {"hidden": (256, 128), "decoder_hidden": (128, 256), "latent_dim": 32},
}


def full_size() -> Samples:
    """The bundled digits, repeated to the size of MNIST."""
    data = load_dataset("digits")
    return replace(data, train=data.train.repeat(13, 1, 1, 1), train_labels=data.train_labels.repeat(13))


def engine_rate(family: str, seconds: float, threads: int, clock: Callable[[], float]) -> float:
    """Pictures per second of the engine, after its first event."""
    torch.manual_seed(0)
    model = build_model(family, **MODELS[family])
    options = TrainOptions(epochs=100_000, batch_size=BATCH, threads=threads, schedule="constant")
    first = None
    for event in train(model, full_size(), options, device="cpu"):
        if not isinstance(event, Stepped):
            continue
        now = clock()
        if first is None:
            first = event.step, now
        elif now - first[1] > seconds:
            return (event.step - first[0]) * BATCH / (now - first[1])
    raise AssertionError("the run ended")


def timed(steps: Iterator[int], seconds: float, clock: Callable[[], float]) -> float:
    """Pictures per second of a loop that yields the number of pictures of each step."""
    for _ in range(3):
        next(steps)
    began, pictures = clock(), 0
    while (now := clock()) - began < seconds:
        pictures += next(steps)
    return pictures / (now - began)


def usual(family: str) -> Iterator[int]:
    """The loop of most tutorials, with torchvision's MNIST, which decodes each picture."""
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    data = full_size()
    dataset = MNIST.__new__(MNIST)  # without reading its files
    dataset.data, dataset.targets = data.train[:, 0], data.train_labels
    dataset.transform, dataset.target_transform = ToTensor(), None
    model = build_model(family, **MODELS[family])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    while True:
        for x, _ in DataLoader(dataset, batch_size=BATCH, shuffle=True):
            optimizer.zero_grad()
            model.batch_loss(x)["loss"].backward()
            optimizer.step()
            yield len(x)


def bare(family: str) -> Iterator[int]:
    """A minimal loop: a tensor in memory, fused Adam, no output."""
    x = full_size().train
    model = build_model(family, **MODELS[family]).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    while True:
        for index in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            model.batch_loss(x[index].float().div_(255))["loss"].backward()
            optimizer.step()
            yield len(index)


def bench_engine(rounds: int, seconds: float, threads: int, clock: Callable[[], float]) -> None:
    torch.set_num_threads(threads)
    for family in MODELS:
        variants: dict[str, Callable[[], float]] = {
            "engine": lambda f=family: engine_rate(f, seconds, threads, clock),
            "usual recipe": lambda f=family: timed(usual(f), seconds, clock),
            "bare loop": lambda f=family: timed(bare(f), seconds, clock),
        }
        rates = {name: [] for name in variants}
        for _ in range(rounds):
            for name, measure in variants.items():
                rates[name].append(measure())
        shown = ", ".join(f"{name} {statistics.median(rate):,.0f}/s" for name, rate in rates.items())
        for other, wanted in (("usual recipe", 3), ("bare loop", 0.9)):
            ratio = statistics.median(a / b for a, b in zip(rates["engine"], rates[other], strict=True))
            shown += f"; {ratio:.2f} × the {other} (wanted {wanted})"
        print(f"{family:6} {shown}", flush=True)


def worker_rate(family: str, seconds: float, how: str) -> float:
    """Pictures per second of an engine in another process with one thread: "worker", as in the Train tab, or "cli"."""
    config, first = MODELS[family], None
    with tempfile.TemporaryDirectory() as folder:
        options = {"epochs": 100_000, "schedule": "constant", "threads": 1}
        if how == "worker":
            with Worker(RunSpec(RunSettings.from_flat(family, "digits", config | options), f"{folder}/run")) as worker:
                for batch in worker.events():
                    for event in batch:
                        if isinstance(event, Stepped):
                            first = first or (event.step, time.perf_counter())
                            if time.perf_counter() - first[1] > seconds:
                                return rate_of(first, event.step)
        flags = [f"--{k.replace('_', '-')}={v}" for k, v in (config | options).items() if not isinstance(v, tuple)]
        for name, value in config.items():
            flags += [f"--{name.replace('_', '-')}", *map(str, value)] if isinstance(value, tuple) else []
        command = [sys.executable, "-m", "ae_demo", "train", family, "--data", "digits", "--json", "--out", folder]
        nice = ["nice", "-n", str(NICE)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "AE_DEVICE": "cpu"}
        with subprocess.Popen(
            [*nice, *command, *flags], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        ) as run:
            try:
                for line in run.stdout:
                    event = json.loads(line)
                    if event["event"] == "stepped":
                        first = first or (event["step"], time.perf_counter())
                        if time.perf_counter() - first[1] > seconds:
                            return rate_of(first, event["step"])
            finally:
                run.kill()
    raise AssertionError("the run ended")


def rate_of(first: tuple[int, float], step: int) -> float:
    return (step - first[0]) * 4500 / 36 / (time.perf_counter() - first[1])


def bench_worker(rounds: int, seconds: float) -> None:
    for family in MODELS:
        rates = {how: [] for how in ("worker", "cli")}
        for _ in range(rounds):
            for how, rate in rates.items():
                rate.append(worker_rate(family, seconds, how))
        ratio = statistics.median(a / b for a, b in zip(rates["worker"], rates["cli"], strict=True))
        medians = {how: statistics.median(rate) for how, rate in rates.items()}
        rates_text = f"{family:6} worker {medians['worker']:,.0f}/s, command line {medians['cli']:,.0f}/s"
        print(f"{rates_text}; {ratio:.2f} × (wanted 0.85)", flush=True)


def follow(act: Callable, family: str = "dense") -> None:
    """Start a run as the tab does; `act` is called with the run and each change of the page, until it returns True."""
    from ae_demo.ui.tabs.train import user_run
    from ae_demo.ui.tabs.train.settings import PageSettings

    async def read() -> None:
        settings = PageSettings.from_flat(family, "digits", {**MODELS[family], "epochs": 500})
        changes = user_run.follow("visitor", settings)
        async for change in changes:
            if act(user_run.find("visitor"), change):
                break
        await changes.aclose()

    asyncio.run(read())


def ready(seconds: float = 15) -> None:
    """Prepare a spare process, and wait until it has imported everything."""
    from ae_demo.ui.tabs.train import spare_worker

    spare_worker.prepare()
    time.sleep(seconds)


def bench_start(rounds: int) -> None:
    taken = []
    for _ in range(rounds):
        ready()
        began = time.perf_counter()
        follow(lambda run, change: bool(change.get("preview")))
        taken.append(time.perf_counter() - began)
    print(f"Start to the first picture: {statistics.median(taken):.2f} s (wanted 1.5)", flush=True)


def bench_stops(count: int) -> None:
    taken, asked = [], 0.0

    def act(run, change) -> bool:
        nonlocal asked
        if run.started and not asked:
            asked = time.perf_counter()
            run.control("stop")
        return False

    def own_memory() -> float:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    before = None
    for number in range(count + 5):
        asked = 0.0
        follow(act)
        taken.append(time.perf_counter() - asked)
        if number == 4:  # after everything that is loaded once
            before = own_memory(), threading.active_count(), len(os.listdir("/proc/self/fd"))
    after = own_memory(), threading.active_count(), len(os.listdir("/proc/self/fd"))
    print(f"a stop takes {statistics.median(taken):.2f} s, from the button to figures and checkpoint (wanted 0.5)")
    print(f"{count} starts and stops: memory {before[0]:.0f} → {after[0]:.0f} MB, threads {before[1]} → {after[1]}, "
          f"open files {before[2]} → {after[2]}", flush=True)  # fmt: skip


def bench_denoise(rounds: int) -> None:
    from ae_demo import inference
    from ae_demo.data.pictures import load_picture
    from ae_demo.functional.noise import Noise
    from ae_demo.ui.tabs.denoise.view import PREVIEW_PIXELS, picture_cards

    clean = load_picture(ROOT / "assets/photos/astronaut.jpg", max_pixels=PREVIEW_PIXELS).pixels
    torch.set_num_threads(2)

    def latency(times: int = 15) -> float:
        taken = []
        for level in range(times):
            began = time.perf_counter()
            noisy = inference.add_noise(clean, Noise(gaussian=level / 50))
            picture_cards(
                clean, noisy, inference.denoise(noisy, "denoising-photo", orientations=1), already_noisy=False
            )
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    inference.get_model("denoising-photo")
    latency()
    ratios, idle = [], []
    for _ in range(rounds):
        idle.append(latency())
        with tempfile.TemporaryDirectory() as folder:
            settings = RunSettings.from_flat("dense", "digits", {"epochs": 100_000})
            specs = [RunSpec(settings, f"{folder}/{n}") for n in range(2)]
            with Worker(specs[0]) as one, Worker(specs[1]) as two:
                for worker in (one, two):
                    next(batch for batch in worker.events() if any(isinstance(e, Started) for e in batch))
                ratios.append(latency() / idle[-1])
    idle_text = f"a Denoise preview: idle {1000 * statistics.median(idle):.0f} ms, with two runs in progress"
    print(f"{idle_text} {statistics.median(ratios):.2f} × (wanted at most 1.5)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="duration of each measurement of a rate [3]")
    parser.add_argument("--stops", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2, help="threads of the engine [2]; use 1 on a busy machine")
    parser.add_argument("--cpu-time", action="store_true", help="measure processor time, for a busy machine")
    parts = ("engine", "worker", "start", "stops", "denoise")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    options = parser.parse_args()
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    clock = time.process_time if options.cpu_time else time.perf_counter
    benches = {
        "engine": lambda: bench_engine(options.rounds, options.seconds, options.threads, clock),
        "worker": lambda: bench_worker(options.rounds, options.seconds),
        "start": lambda: bench_start(options.rounds),
        "stops": lambda: bench_stops(options.stops),
        "denoise": lambda: bench_denoise(options.rounds),
    }
    for part in options.only:
        benches[part]()


if __name__ == "__main__":
    main()
