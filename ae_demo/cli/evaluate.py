"""`ae-demo evaluate`: measure a checkpoint on the test set."""

from __future__ import annotations

import argparse
import json
from typing import Any

from .flags import add_data_flags, load_data


def add_command(commands: Any) -> None:
    """Add `evaluate`."""
    evaluate = commands.add_parser("evaluate", help="measure a checkpoint on the test set")
    evaluate.add_argument("checkpoint", help="a name from `list`, or the path of a checkpoint's folder")
    add_data_flags(evaluate, default=None)
    evaluate.add_argument("--json", action="store_true", help="print the metrics as JSON")
    evaluate.set_defaults(run=run_evaluate)


def run_evaluate(options: argparse.Namespace) -> int:
    """The command `evaluate`."""
    from .. import checkpoints
    from ..data.catalogue import PATCH
    from ..data.samples import fit_channels
    from ..training import evaluate

    model = checkpoints.load(options.checkpoint)
    trained_on = checkpoints.load_metrics(options.checkpoint).get("data", {})
    name = options.data or trained_on.get("name")
    count = None if options.data else trained_on.get("test")  # the number of samples of its recorded metrics
    shape = model.config.input_shape
    options.crop = options.crop or (shape[-1] if len(shape) == 3 else PATCH)
    data = load_data(options, name)
    figures = evaluate(model, fit_channels(data.test[:count], shape), labels=data.test_labels)
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
