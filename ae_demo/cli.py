"""The command line: `train`, `evaluate`, `list` and `serve`. Flags are made from the fields of the configs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import AEDemoError, CheckpointError

if TYPE_CHECKING:
    from .data import Samples
    from .models import Autoencoder, Options


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after an error. Wrong arguments exit with 2."""
    options = build_parser().parse_args(arguments)
    options.arguments = sys.argv[1:] if arguments is None else arguments
    try:
        return options.run(options)
    except AEDemoError as error:
        print(f"ae-demo: {error}", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from .models import FAMILIES
    from .training import TrainOptions

    parser = argparse.ArgumentParser(
        prog="ae-demo", description="Train autoencoders, evaluate them, and serve the demo."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train an autoencoder and save it as a checkpoint")
    families = train.add_subparsers(required=True, metavar="FAMILY", dest="family")
    for name, cls in FAMILIES.items():
        family = families.add_parser(
            name,
            help=(sys.modules[cls.__module__].__doc__ or "").splitlines()[0],
            description=sys.modules[cls.__module__].__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        add_data_flags(family)
        add_flags(family.add_argument_group("model"), cls.Config, skip=("input_shape",))
        add_flags(family.add_argument_group("training"), TrainOptions)
        run = family.add_argument_group("run")
        run.add_argument("--out", type=Path, metavar="DIR", help="folder for the checkpoint [runs/FAMILY-DATA]")
        run.add_argument("--resume", action="store_true", help="continue the unfinished run in --out")
        run.add_argument(
            "--init",
            nargs="+",
            metavar="CHECKPOINT",
            help="start from the weights of a checkpoint, or from the mean of several; missing layers start at random",
        )
        run.add_argument("--json", action="store_true", help="print the events of the run as lines of JSON")
        family.set_defaults(run=run_train)

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint on the test set")
    evaluate.add_argument("checkpoint", help="a name from `list`, or the path of a checkpoint's folder")
    add_data_flags(evaluate, default=None)
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")
    evaluate.set_defaults(run=run_evaluate)

    listing = commands.add_parser("list", help="list the checkpoints with their figures")
    listing.add_argument("--json", action="store_true", help="print the list as JSON")
    listing.set_defaults(run=run_list)

    serve = commands.add_parser("serve", help="start the demo in the browser")
    serve.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="address to listen on [%(default)s]")
    serve.add_argument("--port", type=int, default=os.environ.get("PORT", "7860"), help="port [%(default)s]")
    serve.set_defaults(run=run_serve)
    return parser


def add_data_flags(parser: argparse.ArgumentParser, default: str | None = "mnist") -> None:
    """The flags that choose the data."""
    from .data import DATA_SETS
    from .data.catalogue import PATCH

    group = parser.add_argument_group("data")
    group.add_argument(
        "--data", choices=DATA_SETS, default=default, help=f"data set [{default or 'the one trained on'}]"
    )
    group.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the data, or to download it to [data]")
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
    """A flag for every field of a config."""
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
    """Load the data set `name` as the flags say."""
    from .data import load_dataset

    return load_dataset(
        name,
        data_dir=options.data_dir,
        limit=options.limit,
        patch=options.crop,
        patches_per_epoch=options.crops_per_epoch,
    )


def run_train(options: argparse.Namespace) -> int:
    """The command `train`."""
    import torch

    from .models import get_family
    from .training import Failed, RunSettings, TrainOptions, train
    from .training.distributed import join_process_group
    from .training.progress_bar import ProgressBar

    data = load_data(options, options.data)
    values = given_flags(options, get_family(options.family).Config, TrainOptions)
    settings = RunSettings.from_flat(options.family, options.data, {**values, "input_shape": data.sample_shape})
    torch.manual_seed(settings.options.seed)
    model = settings.build_model()
    if options.init:
        load_mean_weights(model, options.init)
    group = join_process_group()
    show = (print_json if options.json else ProgressBar()) if group.rank == 0 else lambda event: None
    failed = False
    with StopOnSignal() as stop:
        for event in train(
            model,
            data,
            settings.options,
            folder=options.out or Path("runs") / f"{options.family}-{options.data}",
            resume=options.resume,
            command=portable_command(options.arguments),
            should_stop=stop,
            process_group=group,
        ):
            show(event)
            failed = isinstance(event, Failed)
    return 1 if failed else 0


def load_mean_weights(model: Autoencoder, names: list[str]) -> None:
    """Load the mean of several checkpoints' weights (Wortsman et al., 2022, "Model soups").

    Layers that the checkpoints lack keep their initial weights. Raises `CheckpointError` for weights that do not fit.
    """
    from . import checkpoints

    weights = [checkpoints.load(name, "cpu").state_dict() for name in names]
    try:
        mean = {key: sum(each[key] for each in weights) / len(weights) for key in weights[0]}
        model.load_state_dict({**model.state_dict(), **mean})
    except (RuntimeError, KeyError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(f"--init {' '.join(names)} does not fit: {reason}") from error


class StopOnSignal:
    """Returns, when called, whether SIGINT (Ctrl-C) or SIGTERM was received. A second one interrupts at once."""

    def __init__(self) -> None:
        self.requested = False
        self.previous: dict[int, Any] = {}

    def __enter__(self) -> StopOnSignal:
        self.previous = {number: signal.signal(number, self.request) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def request(self, number: int, frame: Any) -> None:
        self.requested = True
        signal.signal(number, signal.default_int_handler)

    def __call__(self) -> bool:
        return self.requested


def print_json(event: Any) -> None:
    """Print an event as a line of JSON."""
    print(event.to_json(), flush=True)


RECORDED_PATHS = {  # flags, and what is recorded in place of their paths
    "--data-dir": "data",
    "--out": "checkpoints/{}",
    "--init": "checkpoints/{}",
}


def portable_command(arguments: list[str]) -> str:
    """The command as recorded in a checkpoint, without the folders of this machine."""
    words, flag = [], ""
    for given in arguments:
        name, equals, value = given.partition("=")
        for word in [name, value] if equals and name in RECORDED_PATHS else [given]:
            flag = word if word.startswith("--") else flag
            is_path = flag in RECORDED_PATHS and word != flag
            words.append(word if not is_path else RECORDED_PATHS[flag].format(Path(word).name))
    return " ".join(["python -m ae_demo", *(w for w in words if w not in ("--json", "--resume"))])


def run_evaluate(options: argparse.Namespace) -> int:
    """The command `evaluate`."""
    from . import checkpoints
    from .data.catalogue import PATCH
    from .training import evaluate

    model = checkpoints.load(options.checkpoint)
    trained_on = checkpoints.load_metrics(options.checkpoint).get("data", {})
    name = options.data or trained_on.get("name")
    count = None if options.data else trained_on.get("test")  # as many as its recorded figures are of
    shape = model.config.input_shape
    options.crop = options.crop or (shape[-1] if len(shape) == 3 else PATCH)
    data = load_data(options, name)
    figures = evaluate(model, data.test[:count])
    if options.json:
        about = {
            "checkpoint": options.checkpoint,
            "data": data.name,
            "test": len(data.test[:count]),
            "notice": data.notice,
        }
        print(json.dumps({**about, "figures": figures}))
    else:
        if data.notice:
            print(data.notice)
        print(f"{options.checkpoint} on {len(data.test[:count]):,} test samples of {data.name}:")
        for figure, value in figures.items():
            print(f"  {figure:28} {value:.5g}")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """The command `list`."""
    from . import checkpoints
    from .training.progress_bar import format_figures

    found = {}
    for name in checkpoints.list_checkpoints():
        try:
            found[name] = checkpoints.load_metrics(name)
        except CheckpointError as error:  # list the others all the same
            print(f"ae-demo: {error}", file=sys.stderr)
    if options.json:
        keys = ("figures", "data", "parameters", "epochs", "command")
        print(json.dumps({name: {k: m.get(k) for k in keys} for name, m in found.items()}))
    for name, metrics in {} if options.json else found.items():
        print(f"{name:20} {metrics.get('parameters', 0):>10,} parameters  {format_figures(metrics.get('figures', {}))}")
    return 0


def run_serve(options: argparse.Namespace) -> int:
    """The command `serve`."""
    os.environ["HOST"], os.environ["PORT"] = options.host, str(options.port)
    from .ui.app import launch

    launch()
    return 0
