"""Keeps each visitor's last finished run for an hour. Other tabs offer it as the choice `MY_RUN`.

A listener of such a tab calls `resolve(checkpoint, "denoise")`. The visitor is known from the request that Gradio is
handling, so that nobody can use the run of another visitor.
"""

from __future__ import annotations

import atexit
import json
import logging
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradio.context import LocalContext

from ... import checkpoints
from ...data.archive import unpack
from ...errors import CheckpointError

MY_RUN = "my-run"  # the value of the choice in lists of checkpoints
KEEP_SECONDS = 3600  # since the last use
MAX_RUNS = 64  # runs of all visitors
MAX_SESSIONS = 4096  # whose visitors are remembered
MAX_BYTES = 200_000_000  # of an unpacked checkpoint
MAX_JSON_BYTES = 16 << 20
PREFIX = "ae-demo-kept-"  # of the folders' names

on_remove: list[Callable[[Path], None]] = []  # called with the folder of each run that is removed
_kept: dict[
    str, tuple[Path, float]
] = {}  # by visitor, least recently used first: the folder, and the time of the last use
_visitors: dict[str, str] = {}  # by session; each loading of the page starts a new session
_lock = threading.Lock()
log = logging.getLogger(__name__)


def recognize(session: str, visitor: str) -> None:
    """Assign a session to a visitor: a secret that a browser's tab keeps when the page is reloaded.

    A run that the session has kept before is the visitor's from then on.
    """
    with _lock:
        _visitors[session] = visitor
        early = _kept.pop(session, None)
        previous = _kept.pop(visitor, None) if early else None
        if early:
            _kept[visitor] = early
        for _ in range(len(_visitors) - MAX_SESSIONS):
            _visitors.pop(next(iter(_visitors)))
    _remove(previous)


def keep(session: str, folder: Path, view: dict[str, Any] | None = None) -> Path:
    """Keep a checkpoint as the visitor's run, in place of the last one; return its new folder.

    `view`: the values of the Train tab's components, and the path of the report, for a page that is reloaded.
    """
    kept = Path(tempfile.mkdtemp(prefix=PREFIX)) / folder.name
    shutil.move(folder, kept)
    if view is not None:
        report = shutil.copy(view["report"], kept.parent)
        saved = {name: value for name, value in view.items() if name != "zip"}  # the zip can be made again
        _view_file(kept).write_text(json.dumps({**saved, "report": report}))
    with _lock:
        visitor = _visitors.get(session, session)
        previous = _kept.pop(visitor, None)
        _kept[visitor] = kept, time.monotonic()
        surplus = [_kept.pop(next(iter(_kept))) for _ in range(len(_kept) - MAX_RUNS)]
    for old in (previous, *surplus):
        _remove(old)
    return kept


def saved_view(folder: Path) -> dict[str, Any]:
    """The view that was kept with the run in `folder`; empty for a loaded checkpoint."""
    path = _view_file(folder)
    return json.loads(path.read_text()) if path.exists() else {}


def _view_file(folder: Path) -> Path:
    return folder.with_name("view.json")


def zip_checkpoint(folder: Path) -> Path:
    """Zip the checkpoint in `folder`, with the folder's name in the paths; return the zip's path, beside the folder."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in (checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS):
            file.write(folder / name, f"{folder.name}/{name}")
    return path


def load_zip(session: str, path: str) -> Path:
    """Keep the checkpoint in a zip of `zip_checkpoint` as the visitor's run; return its folder.

    Nothing in it is unpickled or executed. Raises `DataError` for a damaged zip or one with other files, and
    `CheckpointError` for a damaged checkpoint.
    """
    parts = {checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS}
    with tempfile.TemporaryDirectory(prefix=PREFIX) as scratch:
        wanted = {"wanted": lambda inside: inside.name in parts and len(inside.parts) <= 2, "strict": True}
        files = unpack(path, scratch, **wanted, most_files=len(parts), most_bytes=MAX_BYTES)
        if {file.name for file in files} != parts or len({file.parent for file in files}) > 1:
            raise CheckpointError(
                "The zip is not a checkpoint of this demo, which has {files} in a folder.",
                files=", ".join(sorted(parts)),
            )
        if any(file.stat().st_size > MAX_JSON_BYTES for file in files if file.suffix == ".json"):
            raise CheckpointError(
                "The zip is not a checkpoint of this demo: its JSON files are over {most} MB.",
                most=MAX_JSON_BYTES >> 20,
            )
        try:
            model = checkpoints.load(files[0].parent, "cpu")
            checkpoints.load_metrics(files[0].parent)["data"]["name"]
        except CheckpointError as error:
            raise CheckpointError(error.message.without(f"{files[0].parent.name}/")) from error
        except (KeyError, TypeError) as error:
            raise CheckpointError("{file} does not name the training data.", file=checkpoints.METRICS) from error
        folder = Path(scratch) / f"{model.family}-loaded"
        folder.mkdir()
        for file in files:
            file.rename(folder / file.name)
        return keep(session, folder)


def find(session: str | None) -> Path | None:
    """The folder of the visitor's last run, if any."""
    with _lock:
        visitor = _visitors.get(session, session)
        if visitor not in _kept:
            return None
        folder, _ = _kept.pop(visitor)
        _kept[visitor] = folder, time.monotonic()  # now the most recently used
    return folder


def resolve(checkpoint: str, task: str | None = None) -> str | Path:
    """Resolve the choice of a checkpoint for `inference`: `MY_RUN` becomes the folder of the visitor's run.

    Raises `CheckpointError` if there is none, or if it is not for `task`.
    """
    if checkpoint != MY_RUN:
        return checkpoint
    request = LocalContext.request.get(None)
    folder = find(request.session_hash if request else None)
    if folder is None:
        raise CheckpointError("You have no finished run yet, or it is over an hour old: train one in the Train tab.")
    if task and (family := checkpoints.family_of(folder)).task != task:
        raise CheckpointError(
            "Your run is of the family {family}; this tab needs a model that can {task}.",
            family=family.family,
            task=task,
        )
    return folder


def sweep() -> None:
    """Remove the runs that were not used for `KEEP_SECONDS`; called regularly while the demo is served."""
    with _lock:
        old = [visitor for visitor, (_, used) in _kept.items() if time.monotonic() - used > KEEP_SECONDS]
        removed = [_kept.pop(visitor) for visitor in old]
    for each in removed:
        _remove(each)


def clear() -> None:
    """Remove all runs."""
    with _lock:
        removed = list(_kept.values())
        _kept.clear()
    for each in removed:
        _remove(each)


def _remove(kept: tuple[Path, float] | None) -> None:
    if kept:
        shutil.rmtree(kept[0].parent, ignore_errors=True)
        for callback in on_remove:
            try:
                callback(kept[0])
            except Exception:  # what is left to remove is removed all the same
                log.exception("Something made for the run %s could not be removed.", kept[0].name)


atexit.register(clear)
