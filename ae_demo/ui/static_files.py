"""Files that the page fetches, named by the hash of their content, so that a browser can cache them for ever."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import gradio as gr


@lru_cache(maxsize=1)
def _root() -> tempfile.TemporaryDirectory:
    root = tempfile.TemporaryDirectory(prefix="ae-demo-static-", ignore_cleanup_errors=True)
    gr.set_static_paths([root.name])
    return root


def publish(data: bytes, suffix: str, folder: str = "") -> str:
    """Write `data` to a file that the page can fetch; return its path.

    The file stays until the server ends or, in a `folder` (whose name should be hard to guess), until `withdraw`.
    """
    parent = Path(_root().name).resolve() / folder
    parent.mkdir(exist_ok=True)
    path = parent / f"{hashlib.sha256(data).hexdigest()[:24]}.{suffix}"
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
    return str(path)


def withdraw(folder: str) -> None:
    """Remove all files that were published in `folder`."""
    shutil.rmtree(Path(_root().name, folder), ignore_errors=True)


@lru_cache(maxsize=1)
def publish_tree(folder: Path, *suffixes: str) -> str:
    """Publish the files of a folder with these suffixes under one name, the hash of them all; returns its path.

    They keep their places in the folder, so that modules may import one another by relative paths.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix in suffixes)
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    place = Path(_root().name).resolve() / hashed.hexdigest()[:24]
    for path in paths:
        copy = place / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return str(place)
