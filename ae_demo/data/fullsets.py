"""The full MNIST and Fashion-MNIST: from the disk, else downloaded by torchvision, else the bundled stand-in.

Files are IDX: a magic number 0x0000080d (unsigned bytes, d dimensions), d big-endian lengths, the bytes (LeCun,
Cortes & Burges, The MNIST database). They are read here, since importing torchvision alone takes seconds.
"""

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
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..errors import DataError
from .bundled import DIGIT_CLASSES, FASHION_CLASSES, load_bundled
from .samples import Samples

ANSWER_SECONDS = 5  # to find out whether there is a network
STALL_SECONDS = 20  # without a byte, while downloading
_SETS = {  # name -> torchvision's class and folder, classes, stand-in
    "mnist": ("MNIST", DIGIT_CLASSES, "digits"),
    "fashion": ("FashionMNIST", FASHION_CLASSES, "fashion-small"),
}
_REMEDY = "delete it, and the set is downloaded again"
_FILES = tuple(f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))


def load_full_set(name, data_dir=None, download=True):
    """All of "mnist" or "fashion" from `<data_dir>/MNIST/raw` or `<data_dir>/FashionMNIST/raw`, gzipped or not.

    Without the files there, and without a network or with `download=False`, the bundled stand-in under its own name,
    with a notice. Raises DataError if files are there but damaged.
    """
    kind, classes, small = _SETS[name]
    data_dir = Path(data_dir or "data")
    paths = _find(data_dir / kind / "raw")
    if paths is None and download and _download(kind, data_dir):
        paths = _find(data_dir / kind / "raw")
    if paths is None:
        stand_in = load_bundled(small)
        why = "could not be downloaded" if download else "is not to be downloaded"
        notice = (
            f"The full {kind} is not in {data_dir / kind / 'raw'} and {why}, so the bundled "
            f"{len(stand_in.train):,} + {len(stand_in.test):,} pictures stand in for it."
        )
        return replace(stand_in, notice=notice)
    train, train_labels, test, test_labels = (torch.from_numpy(read_idx(path)) for path in paths)
    for images, labels in ((train, train_labels), (test, test_labels)):
        if images.ndim != 3 or labels.shape != images.shape[:1] or labels.max() >= len(classes):
            raise DataError(
                f"The files in {paths[0].parent} do not belong together: delete them, and the set is downloaded again."
            )
    return Samples(name, train[:, None], test[:, None], train_labels.long(), test_labels.long(), classes)


def read_idx(path):
    """A uint8 array from an IDX file, gzipped or not. Raises DataError if it is damaged."""
    opened = gzip.open if Path(path).suffix == ".gz" else open
    try:
        with opened(path, "rb") as stream:
            zero, kind, rank = struct.unpack(">HBB", stream.read(4))
            shape = struct.unpack(f">{rank}I", stream.read(4 * rank))
            if zero != 0 or kind != 8 or rank not in (1, 3) or math.prod(shape) > 2**30:
                raise DataError(f"{path} is not an IDX file of bytes: {_REMEDY}.")
            content = stream.read(math.prod(shape))
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise DataError(f"{path} is damaged: {_REMEDY}.") from error
    if len(content) < math.prod(shape) or not content:
        raise DataError(f"{path} is cut off: {_REMEDY}.")
    return np.frombuffer(bytearray(content), np.uint8).reshape(shape)


def _find(folder):
    """The four files in the order of `_FILES`, or None."""
    found = [next((path for path in (folder / file, folder / f"{file}.gz") if path.is_file()), None) for file in _FILES]
    return None if None in found else found


def _download(kind, data_dir):
    """Whether torchvision could fetch the set."""
    try:
        import torchvision.datasets
    except ImportError:
        return False
    source = getattr(torchvision.datasets, kind)
    if not _any_answers(source.mirrors):
        return False
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)  # torchvision sets none, and would wait for ever
    raw = data_dir / kind / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
        # Aside, and moved when complete: another process may be fetching the same, and one may be cut off.
        with tempfile.TemporaryDirectory(prefix="download-", dir=data_dir) as aside:
            with redirect_stdout(sys.stderr):  # standard output may carry our events
                source(aside, download=True)
            for name in _FILES:
                os.replace(Path(aside, kind, "raw", name), raw / name)
    except (OSError, RuntimeError, EOFError):
        return False
    finally:
        socket.setdefaulttimeout(before)
    return True


def _any_answers(addresses):
    """Whether one of the hosts answers soon; in threads, because looking up a name can block beyond any timeout."""
    answered = threading.Event()

    def ask(address):
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=ANSWER_SECONDS).close()
        except urllib.error.HTTPError:
            pass  # that, too, is an answer
        except (OSError, ValueError):
            return
        answered.set()

    threads = [threading.Thread(target=ask, args=(address,), daemon=True) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(0 if answered.is_set() else ANSWER_SECONDS)
    return answered.is_set()
