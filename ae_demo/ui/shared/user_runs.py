"""Each visitor's last finished run, for an hour: to use in the other tabs, where the choice `MY_RUN` means one's own.

A listener of another tab calls `resolve(checkpoint, "denoise")` on the choice it is given; who asks is known from the
request that Gradio is working on, so nobody can name another's run.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradio.context import LocalContext

from ... import checkpoints
from ...data.archive import unpack
from ...errors import CheckpointError

MY_RUN = "my-run"  # among the choices of checkpoints
KEEP_SECONDS = 3600  # after it was last asked for
SWEEP_SECONDS = 600
MAX_RUNS = 64  # runs of all visitors
MAX_SESSIONS = 4096  # whose visitors are known again
MAX_BYTES = 200_000_000  # of an unpacked checkpoint
MAX_JSON = 16 << 20
PREFIX = "ae-demo-kept-"  # of the folders
STALE_SECONDS = 24 * 3600  # after which what a killed server left is cleared away

on_remove: list[Callable[[Path], None]] = []  # called with the folder of each run that is removed
_kept: dict[str, tuple[Path, float]] = {}  # by visitor: the folder, and when it was last asked for
_visitors: dict[str, str] = {}  # by session, of which each loading of the page begins a new one
_timer: threading.Timer | None = None  # at most one, which sweeps
_lock = threading.Lock()


def recognize(session: str, visitor: str) -> None:
    """From here on a session is that visitor's: a secret which one tab of a browser keeps when the page is reloaded."""
    with _lock:
        _visitors[session] = visitor
        for _ in range(len(_visitors) - MAX_SESSIONS):
            _visitors.pop(next(iter(_visitors)))


def keep(session: str, folder: Path, view: dict[str, Any] | None = None) -> Path:
    """Move a checkpoint's folder to where it is the visitor's own, in place of the last one; where it is now.

    `view` holds the values of the Train tab's components, with the path of the report, for a page that is reloaded.
    """
    place = Path(tempfile.mkdtemp(prefix=PREFIX)) / folder.name
    shutil.move(folder, place)
    if view is not None:
        report = shutil.copy(view["report"], place.parent)
        stays = {name: value for name, value in view.items() if name != "zip"}  # which can be made again
        _view_file(place).write_text(json.dumps({**stays, "report": report}))
    with _lock:
        visitor = _visitors.get(session, session)
        before = _kept.pop(visitor, None)
        _kept[visitor] = place, time.monotonic()
        beyond = [_kept.pop(next(iter(_kept))) for _ in range(len(_kept) - MAX_RUNS)]
    for old in (before, *beyond):
        _remove(old)
    _sweep_later()
    return place


def saved_view(folder: Path) -> dict[str, Any]:
    """What the Train tab showed at the end of the run in `folder`; empty for a checkpoint that was loaded."""
    path = _view_file(folder)
    return json.loads(path.read_text()) if path.exists() else {}


def _view_file(folder: Path) -> Path:
    return folder.with_name("view.json")


def zip_checkpoint(folder: Path) -> Path:
    """The checkpoint in `folder` as a zip beside it, with the folder in it."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in (checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS):
            file.write(folder / name, f"{folder.name}/{name}")
    return path


def load_zip(session: str, path: str) -> Path:
    """Make the checkpoint in a zip, as the Train tab gives it, the visitor's own; its folder.

    Nothing in it is unpickled or run. Raises `DataError` for what is no such zip, `CheckpointError` for what is no
    checkpoint.
    """
    parts = {checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS}
    with tempfile.TemporaryDirectory(prefix=PREFIX) as place:
        wanted = {"wanted": lambda inside: inside.name in parts and len(inside.parts) <= 2, "strict": True}
        files = unpack(path, place, **wanted, most_files=len(parts), most_bytes=MAX_BYTES)
        if {file.name for file in files} != parts or len({file.parent for file in files}) > 1:
            raise CheckpointError(
                f"The zip is no checkpoint of ours: it needs {', '.join(sorted(parts))}, in a folder."
            )
        if any(file.stat().st_size > MAX_JSON for file in files if file.suffix == ".json"):
            raise CheckpointError(f"The zip is no checkpoint of ours: its JSON files are over {MAX_JSON >> 20} MB.")
        try:
            model = checkpoints.load(files[0].parent, "cpu")
            checkpoints.load_metrics(files[0].parent)["data"]["name"]
        except CheckpointError as error:
            raise CheckpointError(str(error).replace(f"{files[0].parent}{os.sep}", "")) from error
        except (KeyError, TypeError) as error:
            raise CheckpointError(f"{checkpoints.METRICS} does not say what the model was trained on.") from error
        folder = Path(place) / f"{model.family}-loaded"
        folder.mkdir()
        for file in files:
            file.rename(folder / file.name)
        return keep(session, folder)


def find(session: str | None) -> Path | None:
    """The folder of a visitor's last run, if there is one."""
    with _lock:
        visitor = _visitors.get(session, session)
        if visitor not in _kept:
            return None
        folder, _ = _kept.pop(visitor)
        _kept[visitor] = folder, time.monotonic()  # and the last in the line of those that go
    return folder


def resolve(checkpoint: str, task: str | None = None) -> str | Path:
    """A choice of a list as what `inference` takes: `MY_RUN` becomes the folder of the visitor's own run.

    Raises `CheckpointError` where there is none, or where it is not for `task`.
    """
    if checkpoint != MY_RUN:
        return checkpoint
    request = LocalContext.request.get(None)
    folder = find(request.session_hash if request else None)
    if folder is None:
        raise CheckpointError("You have no finished run yet, or it is over an hour old: train one in the Train tab.")
    if task and (family := checkpoints.family_of(folder)).task != task:
        raise CheckpointError(f"Your run is of the family {family.family}; this tab needs a model that can {task}.")
    return folder


def sweep() -> None:
    """Remove what nobody has asked for in its time; again in a while, as long as something is kept."""
    global _timer
    with _lock:
        _timer = None
        old = [s for s, (_, asked) in _kept.items() if time.monotonic() - asked > KEEP_SECONDS]
        gone = [_kept.pop(session) for session in old]
        left = bool(_kept)
    for each in gone:
        _remove(each)
    if left:
        _sweep_later()


def _sweep_later() -> None:
    global _timer
    with _lock:
        if _timer is None:
            _timer = threading.Timer(SWEEP_SECONDS, sweep)
            _timer.daemon = True
            _timer.start()


def clear() -> None:
    """Remove all."""
    with _lock:
        gone = list(_kept.values())
        _kept.clear()
    for each in gone:
        _remove(each)


def remove_stale(*prefixes: str) -> None:
    """Remove folders that a server which was killed left in the place for temporary files."""
    for prefix in prefixes:
        for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


def _remove(kept: tuple[Path, float] | None) -> None:
    if kept:
        shutil.rmtree(kept[0].parent, ignore_errors=True)
        for callback in on_remove:
            callback(kept[0])


atexit.register(clear)
