"""The temporary folder of a server, and its regular clean-up.

Each server has a folder of its own, which it locks, so that no two servers share a file and the folders of servers that
were killed can be recognized: nobody holds their locks.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # on Windows, where a file that is open cannot be removed
    fcntl = None

PREFIX = "ae-demo-server-"
LOCK = "lock"
UNLOCKED_SECONDS = 60  # for which a folder without a lock may still be under construction

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def server_folder() -> Path:
    """This process's folder, made at the first call and removed when the process ends. Gradio writes to it, too.

    It lies in `GRADIO_TEMP_DIR` or among the temporary files. Raises `OSError` if nothing can be written there.
    """
    parent = os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()
    os.makedirs(parent, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
    held = open(folder / "unlocked", "w")  # noqa: SIM115 (until the process ends)
    if fcntl:
        fcntl.flock(held, fcntl.LOCK_EX)
    (folder / "unlocked").rename(folder / LOCK)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")
    atexit.register(_remove_own, folder, held)
    remove_leftovers(folder.parent)
    return folder


def _remove_own(folder: Path, held: IO[str]) -> None:
    held.close()
    remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder to which threads and processes that are ending may still write, within a second."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def remove_leftovers(parent: Path) -> None:
    """Remove the folders of servers that were killed, and no others."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if is_left_over(folder):
                shutil.rmtree(folder)
                log.info("Removed %s, left by a server that was killed.", folder)
        except OSError as error:
            log.warning("%s could not be removed (%s).", folder, error.strerror)


def is_left_over(folder: Path) -> bool:
    """Whether a folder is this user's and no process holds its lock."""
    if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
        return False
    try:
        with open(folder / LOCK) as lock:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return time.time() - folder.stat().st_ctime > UNLOCKED_SECONDS
    except OSError:  # locked
        return False
    if not fcntl:
        with suppress(PermissionError):
            os.remove(folder / LOCK)
        return not (folder / LOCK).exists()
    return True


def remove_old_files(folder: Path, seconds: float, keep: Collection[str] = ()) -> set[str]:
    """Remove files in `folder` that have not changed for `seconds`, except those in `keep`, and empty folders as old.

    Returns the paths of the removed files. A file that cannot be removed is logged, and the others are removed.
    """
    removed, before = set(), time.time() - seconds
    for inside, folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(inside, name)
            try:
                if path not in keep and os.lstat(path).st_ctime < before:
                    os.remove(path)
                    removed.add(path)
            except FileNotFoundError:
                removed.add(path)
            except OSError as error:
                log.warning("%s could not be removed (%s).", path, error.strerror)
        for name in folders:
            with suppress(OSError):  # it is not empty
                if os.lstat(path := os.path.join(inside, name)).st_ctime < before:
                    os.rmdir(path)
    return removed


class Sweeper:
    """Calls `tasks` every `seconds` in a thread. Errors are logged, and the task is called again next time."""

    def __init__(self, seconds: float, *tasks: Callable[[], object]) -> None:
        self._seconds, self._tasks, self._closed = seconds, tasks, threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._closed.wait(self._seconds):
            for task in self._tasks:
                try:
                    task()
                except Exception:
                    log.exception("A clean-up failed; it will be tried again in %g seconds.", self._seconds)

    def close(self) -> None:
        """End the thread, after the call under way."""
        self._closed.set()
        self._thread.join()
