"""Zip files from strangers: what is wanted comes out, inside its folder, and never more than there is room for.

What a zip says of its sizes may be a lie, so bytes are counted as they come.
"""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ..errors import DataError

_CHUNK = 1 << 20


def unpack(path, folder, *, wanted, most_files, most_bytes, strict=False):
    """Unpack the files of a zip whose name `wanted` accepts under `folder`, with their folders; the paths of these.

    wanted: called with a `PurePosixPath` inside the zip
    strict: refuse a zip that holds anything else; by default it is left out

    Raises DataError for a zip that is damaged, encrypted or too large, or whose paths lead out of it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            chosen = _choose(file, wanted, strict)
            total = sum(info.file_size for info, _ in chosen)
            if len(chosen) > most_files:
                raise DataError(f"The zip holds {len(chosen):,} files; {most_files:,} are allowed. Take some out.")
            if total > most_bytes:
                raise DataError(
                    f"The zip unpacks to {total / 1e6:,.0f} MB; {most_bytes / 1e6:,.0f} MB are allowed. Take some out."
                )
            unpacked, left = [], most_bytes
            for info, inside in chosen:
                target = Path(folder).joinpath(*(part[-120:] for part in inside.parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _copy(file, info, target, left, most_bytes)
                unpacked.append(target)
            return unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        raise DataError(f"This is no zip file that can be read ({error}). Make it anew, as an ordinary zip.") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise DataError("The zip is encrypted. Make it anew without a password.") from error


def _choose(file, wanted, strict):
    """What is to be unpacked, with its path inside the zip."""
    chosen = []
    for info in file.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in info.filename or "\0" in info.filename:
            raise DataError(
                f"The zip holds {info.filename[:80]!r}, a path that leads out of its folder. Make it anew, from the "
                "folder itself."
            )
        if info.is_dir() or "__MACOSX" in inside.parts or inside.name.startswith("."):
            continue
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if wanted(inside) and not is_link:
            chosen.append((info, inside))
        elif strict:
            raise DataError(f"The zip holds {info.filename[:80]!r}, which does not belong there.")
    return chosen


def _copy(file, info, target, left, most_bytes):
    """Unpack one file, of at most `left` bytes; how many it has."""
    done = 0
    with file.open(info) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            done += len(chunk)
            if done > left:
                raise DataError(f"The zip unpacks to more than the {most_bytes / 1e6:,.0f} MB that are allowed.")
            out.write(chunk)
    return done
