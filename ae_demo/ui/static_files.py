"""Files that the page fetches, named by the hash of what they hold, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import gradio as gr


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory:
    folder = tempfile.TemporaryDirectory(prefix="ae-demo-static-")
    gr.set_static_paths([folder.name])
    return folder


def publish(data: bytes, suffix: str, place: str = "") -> str:
    """Put `data` where the page may fetch it; its path.

    It stays until the server ends, or, in a `place` of its own (a name that is hard to guess), until `withdraw`.
    """
    folder = Path(_folder().name).resolve() / place
    folder.mkdir(exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:24]}.{suffix}"
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
    return str(path)


def withdraw(place: str) -> None:
    """Remove all that was published in a place."""
    shutil.rmtree(Path(_folder().name, place), ignore_errors=True)


@lru_cache(maxsize=1)
def publish_tree(folder: Path, *suffixes: str) -> str:
    """Publish the files of a folder with these suffixes under one name, the hash of them all; returns its path.

    They keep their places in the folder, so that modules may import one another by relative paths.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix in suffixes)
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    place = Path(_folder().name).resolve() / hashed.hexdigest()[:24]
    for path in paths:
        copy = place / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return str(place)
