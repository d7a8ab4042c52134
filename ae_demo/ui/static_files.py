"""Files that the page fetches, named by the hash of their content, so that a browser can cache them for ever."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
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


def publish_tree(files: Mapping[str, bytes]) -> str:
    """Publish texts, given by their paths, in one folder named by the hash of them all; return the folder's path.

    Modules may import one another by relative paths.
    """
    hashed = hashlib.sha256()
    for name, content in files.items():
        hashed.update(name.encode() + content)
    place = Path(_root().name).resolve() / hashed.hexdigest()[:24]
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _trees.add(f"{place.as_posix()}/")
    return str(place)


_trees: set[str] = set()  # their folders


def is_in_tree(url: str) -> bool:
    """Whether a file of `publish_tree` has this address."""
    return url.partition("/file=")[2].startswith(tuple(_trees))
