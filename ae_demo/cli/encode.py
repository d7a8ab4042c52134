"""`ae-demo encode`: write the codes of pictures, or of a data set, to a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, DataError
from .flags import add_data_flags, load_data

if TYPE_CHECKING:
    import numpy as np

FORMATS = (".csv", ".npy", ".npz")


def add_command(commands: Any) -> None:
    """Add `encode`."""
    encode = commands.add_parser("encode", help="write the codes of pictures, or of a data set, to a file")
    encode.add_argument("checkpoint", help="a name from `list`, or the path of a checkpoint's folder")
    encode.add_argument("pictures", nargs="*", type=Path, help="picture files, or folders of them; none: a data set")
    add_data_flags(encode, default=None)
    encode.add_argument("--part", choices=("train", "test"), default="test", help="part of the data set [%(default)s]")
    encode.add_argument(
        "--out",
        type=Path,
        default=Path("codes.csv"),
        metavar="FILE",
        help="a .csv with one row per sample, a .npy of the codes, or a .npz of codes and labels [%(default)s]",
    )
    encode.set_defaults(run=run_encode)


def run_encode(options: argparse.Namespace) -> int:
    """The command `encode`."""
    from .. import checkpoints
    from ..data.catalogue import PATCH
    from ..data.samples import fit_channels
    from ..inference import encode

    if options.out.suffix not in FORMATS:
        raise ConfigError(
            "--out is {given}; its name must end with {choices}.", given=options.out, choices=", ".join(FORMATS)
        )
    names: list[str] = []
    labels = None
    if options.pictures:
        from ..data import load_picture

        paths, notice = list_pictures(options.pictures)
        if notice:
            print(notice, file=sys.stderr)
        names = [str(path) for path in paths]
        codes = encode([load_picture(path).pixels for path in paths], options.checkpoint)
    else:
        shape = checkpoints.load_outline(options.checkpoint).config.input_shape
        options.crop = options.crop or (shape[-1] if len(shape) == 3 else PATCH)
        name = options.data or checkpoints.data_of(options.checkpoint)
        data = load_data(options, name)
        if data.notice:
            print(data.notice, file=sys.stderr)
        samples = data.train if options.part == "train" else data.test
        known = data.train_labels if options.part == "train" else data.test_labels
        labels = None if known is None else known.numpy()
        codes = encode(fit_channels(samples, shape), options.checkpoint)
    write_codes(options.out, codes, labels, names)
    print(f"{len(codes):,} codes of shape {'×'.join(map(str, codes.shape[1:]))} in {options.out}")
    return 0


def list_pictures(given: list[Path]) -> tuple[list[Path], str | None]:
    """The given picture files and those in given folders, sorted; and a notice of other files in folders, or None.

    Raises `DataError` for a missing path and for a folder without pictures.
    """
    from ..data.listing import list_files, notice_of_others, split_names
    from ..data.pictures import is_picture_name

    found: list[Path] = []
    left_out: list[str] = []
    for path in given:
        if path.is_dir():
            inside, others = split_names(list_files(path), is_picture_name)
            if not inside:
                raise DataError("{path} has no pictures; give a folder with JPEG, PNG or WebP files.", path=path)
            found += [path / name for name in inside]
            left_out += others
        elif path.is_file():
            found.append(path)
        else:
            raise DataError(
                "There is no file {path}; give the path of a picture, or of a folder of pictures.", path=path
            )
    return found, notice_of_others(left_out)


def write_codes(path: Path, codes: np.ndarray, labels: np.ndarray | None, names: list[str]) -> None:
    """Write codes `(N, …)` in the format of the path's suffix; .csv and .npz files also contain names or labels."""
    import csv

    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, codes, allow_pickle=False)
        return
    if path.suffix == ".npz":
        arrays: dict[str, Any] = {"codes": codes}
        if labels is not None:
            arrays["labels"] = labels
        if names:
            arrays["names"] = np.array(names, str)
        np.savez_compressed(path, **arrays)
        return
    flat = codes.reshape(len(codes), -1)
    first = ["picture"] if names else ["label"] if labels is not None else []
    rows = names if names else [] if labels is None else labels.tolist()
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*first, *(f"z{i + 1}" for i in range(flat.shape[1]))])
        for i, code in enumerate(flat):
            writer.writerow([*rows[i : i + 1], *(f"{number:.6g}" for number in code)])
