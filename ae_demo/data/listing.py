"""Files in a folder of the user's, and the notice about those that are not used."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath, PurePosixPath

_MAX_KINDS = 4  # suffixes that a notice names


def is_system_file(path: PurePath) -> bool:
    """Whether a file, given relative to the user's folder, was written by an operating system, or is hidden."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts) or path.name.lower() in (
        "thumbs.db",
        "desktop.ini",
    )


def list_files(root: Path) -> list[str]:
    """Paths of the files under `root`, relative to it, sorted; without system files. Links are followed, loops not."""
    found, seen = [], set()
    for folder, inner, files in os.walk(root, followlinks=True):
        seen.add(os.path.realpath(folder))
        relative = PurePosixPath(Path(folder).relative_to(root).as_posix())
        inner[:] = [
            name
            for name in inner
            if not is_system_file(PurePath(name)) and os.path.realpath(os.path.join(folder, name)) not in seen
        ]
        found += [(relative / name).as_posix() for name in files if not is_system_file(PurePath(name))]
    return sorted(found)


def split_names(names: Iterable[str], wanted: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """The names that are wanted, and the others."""
    found: tuple[list[str], list[str]] = ([], [])
    for name in names:
        found[not wanted(name)].append(name)
    return found


def notice_of_others(names: Iterable[str], kind: str = "picture") -> str | None:
    """A sentence that counts files that were left out for their suffix, or None if there are none."""
    suffixes = Counter(PurePosixPath(name).suffix.lower() or "without a suffix" for name in names)
    if not suffixes:
        return None
    count, plural = sum(suffixes.values()), "series" if kind == "series" else f"{kind}s"
    shown = ", ".join(suffix[:20] for suffix, _ in suffixes.most_common(_MAX_KINDS))
    more = ", …" if len(suffixes) > _MAX_KINDS else ""
    begin = f"1 file that is not a {kind} was" if count == 1 else f"{count:,} files that are not {plural} were"
    return f"{begin} left out ({shown}{more})."


def join_notices(*notices: str | None) -> str | None:
    """Several notices as one, or None."""
    return " ".join(notice for notice in notices if notice) or None
