"""`ae-demo sweep`: train a family with codes of several sizes, and compare it with PCA."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .flags import add_data_flags, add_flags, given_flags, load_data
from .train import portable_command


def add_command(commands: Any) -> None:
    """Add `sweep`."""
    from ..analysis.sweep import SIZES
    from ..models import DEFAULT_FAMILY, FAMILIES
    from ..training import TrainOptions

    sweep = commands.add_parser("sweep", help="train a family with codes of several sizes, and compare it with PCA")
    sweep.add_argument("--family", choices=FAMILIES, default=DEFAULT_FAMILY, help="family [%(default)s]")
    sweep.add_argument(
        "--latent",
        type=int,
        nargs="+",
        default=list(SIZES),
        metavar="N",
        help=f"numbers in the code [{' '.join(map(str, SIZES))}]",
    )
    sweep.add_argument(
        "--model", nargs="+", default=[], metavar="NAME=VALUE", help="settings of the model, such as hidden=512,256"
    )
    add_data_flags(sweep)
    add_flags(sweep.add_argument_group("training"), TrainOptions)
    sweep.add_argument("--out", type=Path, metavar="DIR", help="folder of the results [runs/sweep-FAMILY-DATA]")
    sweep.add_argument(
        "--cluster",
        nargs="?",
        const="auto",
        metavar="ADDRESS",
        help="train all sizes at the same time on a Ray cluster [AE_CLUSTER, or the one that this machine belongs to]",
    )
    sweep.set_defaults(run=run_sweep)


def run_sweep(options: argparse.Namespace) -> int:
    """The command `sweep`."""
    from .. import cluster
    from ..analysis.sweep import sweep, write_json, write_table
    from ..models import get_family
    from ..plots import plot_sweep, write_figure
    from ..training import Evaluated, TrainOptions

    data = load_data(options, options.data)
    if data.notice:
        print(data.notice, file=sys.stderr)
    settings = {**read_settings(get_family(options.family).Config, options.model), **given_flags(options, TrainOptions)}
    folder = options.out or Path("runs") / f"sweep-{options.family}-{options.data}"

    def report(size: int, event: Any) -> None:
        if isinstance(event, Evaluated):
            mse = event.figures.get("mse")
            print(f"{size:>4} numbers, epoch {event.epoch}" + (f": MSE {mse:.5f}" if mse else ""), file=sys.stderr)

    folder.mkdir(parents=True, exist_ok=True)
    about = {"family": options.family, "data": data.name, "test": len(data.test)}
    about["command"] = portable_command(options.arguments)
    how: dict[str, Any] = {"on_event": report}
    if options.cluster:
        os.environ["AE_CLUSTER"] = os.environ.get("AE_CLUSTER") or options.cluster
        how = {"each": cluster.map_tasks}
    points = []
    for point in sweep(options.family, data, options.latent, settings, **how):
        print(f"{point.latent_dim:>4} numbers: done after {point.seconds:g} s", file=sys.stderr)
        points.append(point)  # saved after each point, so that an interrupted sweep keeps its results
        (folder / "sweep.json").write_text(write_json(points, **about), encoding="utf-8")
    figure = plot_sweep([point.to_dict() for point in points], f"{options.family}, {data.name}")
    (folder / "sweep.png").write_bytes(write_figure(figure, "png"))
    print(write_table(points))
    print(f"\n{folder / 'sweep.json'}, {folder / 'sweep.png'}")
    return 0


def read_settings(config: type, given: list[str]) -> dict[str, Any]:
    """Fields of a config from words such as "hidden=512,256". Ranges are checked later, by the config.

    Raises `ConfigError` for an unknown name or a value of the wrong type.
    """
    fields = {field.name: field for field in dataclasses.fields(config) if field.name != "input_shape"}
    values: dict[str, Any] = {}
    for word in given:
        name, equals, text = word.partition("=")
        if not equals or name not in fields:
            raise ConfigError(
                "--model has {word!r}; give NAME=VALUE, with one of {choices}.", word=word, choices=", ".join(fields)
            )
        default: Any = fields[name].default
        try:
            if isinstance(default, bool):
                values[name] = {"true": True, "false": False}[text.lower()]
            elif isinstance(default, tuple):
                values[name] = tuple(int(each) for each in text.split(",") if each)
            else:
                values[name] = type(default)(text)
        except (ValueError, KeyError) as error:
            raise ConfigError(
                "--model {name} is {text!r}; its default is {default!r}: give a value like it.",
                name=name,
                text=text,
                default=default,
            ) from error
    return values
