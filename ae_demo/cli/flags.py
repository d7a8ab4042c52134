"""Flags derived from the fields of configs, and the flags that select the data."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..data import Samples
    from ..models import Options


def add_data_flags(parser: argparse.ArgumentParser, default: str | None = "mnist") -> None:
    """Add the flags that select the data."""
    from ..data import DATA_SETS
    from ..data.catalogue import PATCH

    group = parser.add_argument_group("data")
    group.add_argument(
        "--data", choices=DATA_SETS, default=default, help=f"data set [{default or 'the one trained on'}]"
    )
    group.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the data, or to download it to [data]")
    group.add_argument("--scale", action="store_true", help="scale each feature of --data array to [0, 1]")
    group.add_argument("--limit", type=int, metavar="N", help="use only the first N training samples")
    crop = PATCH if default else None
    group.add_argument(
        "--crop",
        type=int,
        default=crop,
        help=f"side in pixels of the patches cut from photographs [{crop or 'as trained'}]",
    )
    group.add_argument("--crops-per-epoch", type=int, default=8192, metavar="N", help="patches per epoch [8192]")


def add_flags(group: Any, options: type, skip: tuple[str, ...] = ()) -> None:
    """Add a flag for each field of a config, except those in `skip`."""
    for field in dataclasses.fields(options):
        if field.name in skip:
            continue
        flag = "--" + field.name.replace("_", "-")
        about = {"dest": field.name, "default": argparse.SUPPRESS}
        shown = " ".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        about["help"] = f"{field.metadata['help']} [{shown}]"
        if isinstance(field.default, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, **about)
        elif isinstance(field.default, tuple):
            group.add_argument(flag, type=int, nargs="*", metavar="N", **about)
        else:
            choices = field.metadata["choices"]
            kind = {"choices": choices} if choices else {"metavar": type(field.default).__name__.upper()}
            group.add_argument(flag, type=type(field.default), **kind, **about)


def given_flags(options: argparse.Namespace, *configs: type[Options]) -> dict[str, Any]:
    """The fields of `configs` that were given as flags."""
    names = [field.name for config in configs for field in dataclasses.fields(config)]
    return {name: getattr(options, name) for name in names if hasattr(options, name)}


def load_data(options: argparse.Namespace, name: str) -> Samples:
    """Load the data set `name` with the options given as flags."""
    from ..data import load_dataset

    return load_dataset(
        name,
        data_dir=options.data_dir,
        limit=options.limit,
        patch=options.crop,
        patches_per_epoch=options.crops_per_epoch,
        scale=options.scale,
    )
