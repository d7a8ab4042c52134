"""Memory of the server: at rest, for one large photograph, and over many visitors. Linux only.

    python benchmarks/bench_memory.py --sessions 300        # 2000 in full

Each visitor loads the page, opens every tab, has the first one's answer in full, as a browser would ask for it, and
leaves. Prints the resident memory in MB at rest, the peak above it while a photograph of 12 megapixels is denoised, and
the memory after each tenth of the visitors.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client, handle_file
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


class Visitor:
    """A page of the demo without a browser."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.session = client, uuid.uuid4().hex[:11]
        client.get("/").raise_for_status()
        config = client.get("/config").raise_for_status().json()
        self.components: dict[int, dict] = {}
        self.listeners: list[dict] = []
        self.add(config)

    def add(self, config: dict) -> None:
        """Add the components and listeners of the page, or of a tab that was built when it was opened."""
        self.components |= {each["id"]: each for each in config["components"]}
        self.listeners += config["dependencies"]

    def openings(self) -> list[dict]:
        """The listeners of the components that say when they are first in the page."""
        ids = {i for i, c in self.components.items() if "ae-appearance" in (c["props"].get("elem_classes") or [])}
        return [each for each in self.listeners if any(target[0] in ids for target in each["targets"])]

    def call(self, listener: dict) -> None:
        """Have a listener answer, to its end."""
        data = [self.components[i]["props"].get("value") for i in listener["inputs"]]
        body = {"data": data, "fn_index": listener["id"], "session_hash": self.session}
        if not listener["queue"]:
            answer = self.client.post("/gradio_api/run/predict", json=body).raise_for_status().json()
            if answer.get("render_config"):
                self.add(answer["render_config"])
            return
        self.client.post("/gradio_api/queue/join", json=body).raise_for_status()
        query = {"session_hash": self.session}
        with self.client.stream("GET", "/gradio_api/queue/data", params=query) as lines:
            for line in lines.iter_lines():
                if line.startswith("data:") and json.loads(line[5:])["msg"] in ("process_completed", "close_stream"):
                    return

    def visit(self) -> None:
        """Open every tab, and have the first tab's answer."""
        first, *others = self.openings()
        self.call(first)
        inside = [each for each in self.openings() if each not in (first, *others)]
        for listener in (*inside, *others):
            self.call(listener)


def resident(process: int) -> float:
    """Memory of a process in MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_above(process: int, url: str) -> float:
    """The highest memory above the present one, in MB, while a photograph of 12 megapixels is denoised."""
    rng, before, peak, done = np.random.default_rng(0), resident(process), 0.0, threading.Event()
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).resize((4000, 3000)).save(buffer, "JPEG")
    path = ROOT / "large.jpg"
    path.write_bytes(buffer.getvalue())

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, resident(process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        Client(url, verbose=False).predict(handle_file(str(path)), api_name="/denoise")
    finally:
        done.set()
        watcher.join()
        path.unlink()
    return peak - before


def main() -> None:
    """Start the server and measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--no-photo", action="store_true", help="leave out the large photograph")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=300, trust_env=False) as client:
                measure(server.pid, client, options)
        finally:
            server.terminate()


def measure(process: int, client: httpx.Client, options: argparse.Namespace) -> None:
    """Print the figures of a server that is starting."""
    ready = False
    while not ready:
        time.sleep(1)
        try:
            ready = client.get("/readyz").is_success
        except httpx.TransportError:
            continue
    print(f"at rest: {resident(process):.0f} MB")
    if not options.no_photo:
        above = peak_above(process, str(client.base_url))
        print(f"12 megapixels: at most {above:.0f} MB more; then {resident(process):.0f} MB")
    for number in range(1, options.sessions + 1):
        Visitor(client).visit()
        if number % max(1, options.sessions // 10) == 0:
            print(f"after {number} visitors: {resident(process):.0f} MB", flush=True)


if __name__ == "__main__":
    main()
