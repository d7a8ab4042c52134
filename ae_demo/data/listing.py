"""Files in a user's folder, and notices of files that are not used."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from pathlib import Path, PurePath, PurePosixPath

from ..errors import Message, PictureError

_MAX_KINDS = 4  # suffixes that a notice names


def is_system_file(path: PurePath) -> bool:
    """Whether a file is hidden or was written by an operating system. `path` is relative to the user's folder."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts) or path.name.lower() in (
        "thumbs.db",
        "desktop.ini",
    )


def list_files(root: Path) -> list[str]:
    """Sorted paths of the files under `root`, relative to it, without system files; follows links, except loops."""
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
    """The wanted names, and the others."""
    found: tuple[list[str], list[str]] = ([], [])
    for name in names:
        found[not wanted(name)].append(name)
    return found


def notice_of_others(names: Iterable[str], series: bool = False) -> Message | None:
    """A notice of files that were left out because of their suffixes; None if there are none."""
    suffixes = Counter(PurePosixPath(name).suffix.lower() or "–" for name in names)
    if not suffixes:
        return None
    shown = ", ".join(suffix[:20] for suffix, _ in suffixes.most_common(_MAX_KINDS))
    shown += ", …" if len(suffixes) > _MAX_KINDS else ""
    count = sum(suffixes.values())
    if series:
        if count == 1:
            return Message("1 file that is not a series was left out ({suffixes}).", suffixes=shown)
        return Message("{count:,} files that are not series were left out ({suffixes}).", count=count, suffixes=shown)
    if count == 1:
        return Message("1 file that is not a picture was left out ({suffixes}).", suffixes=shown)
    return Message("{count:,} files that are not pictures were left out ({suffixes}).", count=count, suffixes=shown)


def notice_of_unreadable(reasons: Sequence[PictureError]) -> Message | None:
    """A notice of pictures that cannot be read, with the first reason; None if there are none."""
    if not reasons:
        return None
    if len(reasons) == 1:
        return Message("1 file cannot be read and was left out: {reason}", reason=reasons[0])
    return Message(
        "{count:,} files cannot be read and were left out, the first because: {reason}",
        count=len(reasons),
        reason=reasons[0],
    )


def join_notices(*notices: Message | None) -> Message | None:
    """Several notices as one; None if there are none."""
    given = [notice for notice in notices if notice]
    return reduce(lambda first, then: Message("{first} {then}", first=first, then=then), given) if given else None
