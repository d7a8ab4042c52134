"""t-SNE (van der Maaten and Hinton, 2008) in a process of its own.

scikit-learn's implementation reports its progress in lines of text alone, and does not stop before its end. A process
can be killed, and its lines can be read.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import AEDemoError

ITERATIONS = 1000  # by default
PERPLEXITY = 30.0
POLL_SECONDS = 0.25  # between two calls of `progress`, at most
NICE = 5  # of 19: the server and the browser come first
_ITERATION = re.compile(r"\[t-SNE\] Iteration (\d+)")


def tsne(x: np.ndarray, *, seed: int = 0, progress: Callable[[float], None] = lambda share: None) -> np.ndarray:
    """Codes `(N, D)` as points of a plane, float32 `(N, 2)`.

    progress: called with the share done, several times a second; an exception from it ends the work

    Raises `AEDemoError` if the process is killed or fails.
    """
    from ..training.worker import child_environment  # which imports PyTorch: not in the process below

    with tempfile.TemporaryDirectory(prefix="ae-demo-tsne-") as folder:
        given, made = Path(folder, "x.npy"), Path(folder, "points.npy")
        np.save(given, x)
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", __name__, str(given), str(made), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=child_environment(),
        )
        try:
            _follow(process, progress)
        finally:
            process.kill()
            process.wait()
        if not made.is_file():
            raise AEDemoError(
                "t-SNE ended unexpectedly (exit status {code}). Choose UMAP or PCA.", code=process.returncode
            )
        return np.load(made)


def _follow(process: subprocess.Popen[str], progress: Callable[[float], None]) -> None:
    """Report the progress of a process until it ends."""
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    stream = process.stdout

    def read() -> None:
        with stream:
            for line in stream:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    share = 0.0
    while True:
        progress(share)
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        if line is None:
            process.wait()
            return
        if found := _ITERATION.match(line):
            share = min(1.0, int(found[1]) / ITERATIONS)


def main(given: str, made: str, seed: str) -> None:
    """The process: reads codes from a file, and writes points to another."""
    from sklearn.manifold import TSNE

    if hasattr(os, "nice"):
        os.nice(NICE)
    x = np.load(given)
    perplexity = min(PERPLEXITY, (len(x) - 1) / 3)
    method = TSNE(perplexity=perplexity, init="pca", random_state=int(seed), n_jobs=1, verbose=2)
    points = method.fit_transform(x).astype(np.float32)
    unfinished = Path(made).with_suffix(".part.npy")
    np.save(unfinished, points)
    unfinished.rename(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
