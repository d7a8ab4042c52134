"""The full MNIST and Fashion-MNIST: from disk, or downloaded by torchvision, or replaced by the bundled subset.

Files are IDX: a magic number 0x0000080d (unsigned bytes, d dimensions), d big-endian lengths, the bytes (LeCun,
Cortes & Burges, The MNIST database). They are read without torchvision, which takes seconds to import.
"""

from __future__ import annotations

import gzip
import math
import os
import socket
import struct
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, Message
from .bundled import DIGIT_CLASSES, FASHION_CLASSES, load_bundled
from .samples import Samples

CONNECT_SECONDS = 5  # timeout of the check for a network
STALL_SECONDS = 20  # timeout of a download that receives no data
_SETS = {  # name -> torchvision's class and folder, classes, bundled subset
    "mnist": ("MNIST", DIGIT_CLASSES, "digits"),
    "fashion": ("FashionMNIST", FASHION_CLASSES, "fashion-small"),
}
_FILES = tuple(f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))


def load_full_set(name: str, data_dir: str | Path | None = None, download: bool = True) -> Samples:
    """All of "mnist" or "fashion" from `<data_dir>/MNIST/raw` or `<data_dir>/FashionMNIST/raw`, gzipped or not.

    If the files are missing and cannot be downloaded, or `download` is False, returns the bundled subset under its own
    name, with a notice. Raises `DataError` if files are damaged.
    """
    kind, classes, bundled = _SETS[name]
    root = Path(data_dir or "data")
    paths = _find(root / kind / "raw")
    if paths is None and download and _download(kind, root):
        paths = _find(root / kind / "raw")
    if paths is None:
        subset = load_bundled(bundled)
        facts = {"set": kind, "folder": root / kind / "raw", "train": len(subset.train), "test": len(subset.test)}
        return replace(subset, notice=_notice_of_subset(download, facts))
    train, train_labels, test, test_labels = (torch.from_numpy(read_idx(path)) for path in paths)
    for images, labels in ((train, train_labels), (test, test_labels)):
        if images.ndim != 3 or labels.shape != images.shape[:1] or labels.max() >= len(classes):
            raise DataError(
                "The files in {folder} do not belong together: delete them to download the set again.",
                folder=paths[0].parent,
            )
    return Samples(name, train[:, None], test[:, None], train_labels.long(), test_labels.long(), classes)


def _notice_of_subset(downloading: bool, facts: dict[str, object]) -> Message:
    if downloading:
        return Message(
            "The full {set} is not in {folder} and could not be downloaded, so the bundled {train:,} + {test:,} "
            "pictures are used instead.",
            **facts,
        )
    return Message(
        "The full {set} is not in {folder} and was not downloaded, as requested, so the bundled {train:,} + {test:,} "
        "pictures are used instead.",
        **facts,
    )


def read_idx(path: str | Path) -> np.ndarray:
    """A uint8 array from an IDX file, gzipped or not. Raises `DataError` if it is damaged."""
    try:
        with gzip.open(path) if Path(path).suffix == ".gz" else open(path, "rb") as stream:
            zero, kind, rank = struct.unpack(">HBB", stream.read(4))
            shape = struct.unpack(f">{rank}I", stream.read(4 * rank))
            if zero != 0 or kind != 8 or rank not in (1, 3) or math.prod(shape) > 2**30:
                raise DataError("{path} is not an IDX file of bytes: delete it to download the set again.", path=path)
            content = stream.read(math.prod(shape))
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise DataError("{path} is damaged: delete it to download the set again.", path=path) from error
    if len(content) < math.prod(shape) or not content:
        raise DataError("{path} is truncated: delete it to download the set again.", path=path)
    return np.frombuffer(bytearray(content), np.uint8).reshape(shape)


def _find(folder: Path) -> list[Path] | None:
    """The four files in the order of `_FILES`, or None."""
    paths = []
    for file in _FILES:
        path = next((path for path in (folder / file, folder / f"{file}.gz") if path.is_file()), None)
        if path is None:
            return None
        paths.append(path)
    return paths


def _download(kind: str, data_dir: Path) -> bool:
    """Download a set with torchvision; returns whether that succeeded."""
    try:
        import torchvision.datasets
    except ImportError:
        return False
    source = getattr(torchvision.datasets, kind)
    if not _any_answers(source.mirrors):
        return False
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)  # torchvision sets no timeout
    raw = data_dir / kind / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
        # Files are moved when complete: another process may download the same set, and a download may be interrupted.
        with tempfile.TemporaryDirectory(prefix="download-", dir=data_dir) as temporary:
            with redirect_stdout(sys.stderr):  # standard output may carry the events of a run
                source(temporary, download=True)
            for name in _FILES:
                os.replace(Path(temporary, kind, "raw", name), raw / name)
    except (OSError, RuntimeError, EOFError):
        return False
    finally:
        socket.setdefaulttimeout(before)
    return True


def _any_answers(addresses: Sequence[str]) -> bool:
    """Whether one of the hosts answers in time. Uses threads, because name resolution can exceed the timeout."""
    answered = threading.Event()

    def ask(address: str) -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=CONNECT_SECONDS).close()
        except urllib.error.HTTPError:
            pass  # a host that returns an error status can be reached
        except (OSError, ValueError):
            return
        answered.set()

    threads = [threading.Thread(target=ask, args=(address,), daemon=True) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(0 if answered.is_set() else CONNECT_SECONDS)
    return answered.is_set()
