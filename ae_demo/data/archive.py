"""Unpacking of untrusted zip files into one folder, with limits on the number of files and bytes.

The sizes in a zip's directory may be false, so bytes are also counted while they are read.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ..errors import DataError
from .listing import is_system_file

_CHUNK = 1 << 20


def unpack(
    path: str | Path,
    folder: str | Path,
    *,
    wanted: Callable[[PurePosixPath], bool],
    most_files: int,
    most_bytes: int,
    strict: bool = False,
    left_out: list[str] | None = None,
) -> list[Path]:
    """Unpack files of a zip under `folder`, with their subfolders, and return their paths.

    wanted: whether to unpack the file with this path inside the zip
    most_files, most_bytes: maximum number of files, and of bytes of all files together
    strict: raise an error for other files; by default they are skipped
    left_out: a list to which the names of skipped files are appended, except those written by operating systems

    Raises `DataError` for a zip that is damaged, encrypted or too large, or that has paths outside its folder.
    """
    try:
        with zipfile.ZipFile(path) as file:
            chosen = _choose(file, wanted, strict, [] if left_out is None else left_out)
            total = sum(info.file_size for info, _ in chosen)
            if len(chosen) > most_files:
                raise DataError(
                    "The zip holds {count:,} files; {most:,} are allowed. Take some out.",
                    count=len(chosen),
                    most=most_files,
                )
            if total > most_bytes:
                raise DataError(
                    "The zip unpacks to {total:,.0f} MB; {most:,.0f} MB are allowed. Take some out.",
                    total=total / 1e6,
                    most=most_bytes / 1e6,
                )
            unpacked, remaining = [], most_bytes
            for info, inside in chosen:
                target = Path(folder).joinpath(*(part[-120:] for part in inside.parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                remaining -= _copy(file, info, target, remaining, most_bytes)
                unpacked.append(target)
            return unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        raise DataError(
            "This file cannot be read as a zip ({reason}). Create it again as an ordinary zip.", reason=error
        ) from error
    except OSError as error:  # for example an offset beyond the end of the file
        reason = error.strerror or "unknown reason"
        raise DataError(
            "This file cannot be read as a zip ({reason}). Create it again as an ordinary zip.", reason=reason
        ) from error
    except RuntimeError as error:  # raised by zipfile for encrypted files
        raise DataError("The zip is encrypted. Create it again without a password.") from error


def _choose(
    file: zipfile.ZipFile, wanted: Callable[[PurePosixPath], bool], strict: bool, left_out: list[str]
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files to unpack, with their paths inside the zip."""
    chosen = []
    for info in file.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in info.filename or "\0" in info.filename:
            raise DataError(
                "The zip holds {path!r}, a path outside its folder. Create it again from the folder itself.",
                path=info.filename[:80],
            )
        if info.is_dir() or is_system_file(inside):
            continue
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if wanted(inside) and not is_link:
            chosen.append((info, inside))
        elif strict:
            raise DataError("The zip holds {path!r}, which is not allowed there. Remove it.", path=info.filename[:80])
        else:
            left_out.append(inside.name)
    return chosen


def _copy(file: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, remaining: int, most_bytes: int) -> int:
    """Unpack one file of at most `remaining` bytes, and return its size."""
    done = 0
    with file.open(info) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            done += len(chunk)
            if done > remaining:
                raise DataError(
                    "The zip unpacks to more than the {most:,.0f} MB that are allowed.", most=most_bytes / 1e6
                )
            out.write(chunk)
    return done
