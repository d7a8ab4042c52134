"""`ae-demo train`: train an autoencoder and save it as a checkpoint."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CheckpointError
from .flags import add_data_flags, add_flags, given_flags, load_data

if TYPE_CHECKING:
    from ..models import Autoencoder


def add_command(commands: Any) -> None:
    """Add `train`, with a subcommand for each family."""
    from ..models import FAMILIES
    from ..training import TrainOptions

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
            help="start from the weights of a checkpoint, or from the mean of several; other layers start at random",
        )
        run.add_argument("--json", action="store_true", help="print the events of the run as lines of JSON")
        family.set_defaults(run=run_train)


def run_train(options: argparse.Namespace) -> int:
    """The command `train`."""
    import torch

    from ..models import get_family
    from ..training import Failed, RunSettings, TrainOptions, train
    from ..training.distributed import join_process_group
    from ..training.progress_bar import ProgressBar

    data = load_data(options, options.data)
    values = given_flags(options, get_family(options.family).Config, TrainOptions)
    settings = RunSettings.from_flat(options.family, options.data, {**values, "input_shape": data.sample_shape})
    torch.manual_seed(settings.options.seed)
    model = settings.build_model()
    new = load_mean_weights(model, options.init) if options.init else []
    group = join_process_group()
    if new and group.rank == 0:
        print(f"{len(new)} new layers: {', '.join(new)}", file=sys.stderr)
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


def load_mean_weights(model: Autoencoder, names: list[str]) -> list[str]:
    """Load the mean of several checkpoints' weights (Wortsman et al., 2022, "Model soups").

    Returns the layers that the checkpoints do not have, or have in another shape, and that keep their initial weights.
    Raises `CheckpointError` if no layer fits.
    """
    from .. import checkpoints

    weights = [checkpoints.load(name, "cpu").state_dict() for name in names]
    own = model.state_dict()
    other = [key for key in own if any(key not in each or each[key].shape != own[key].shape for each in weights)]
    new = sorted({layer_of(key) for key in other})
    fitting = [key for key in own if layer_of(key) not in new]
    if not fitting:
        raise CheckpointError(
            "--init {given} does not fit: no layer has the same name and shape.", given=" ".join(names)
        )
    model.load_state_dict({**own, **{k: sum(each[k] for each in weights) / len(weights) for k in fitting}})
    return new


def layer_of(key: str) -> str:
    """The layer of a weight or bias, by their names in a model's `state_dict`."""
    return key.rpartition(".")[0]


class StopOnSignal:
    """When called, returns whether SIGINT (Ctrl-C) or SIGTERM was received. A second signal interrupts at once."""

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


RECORDED_PATHS = {  # flags, and what is recorded instead of their paths
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
