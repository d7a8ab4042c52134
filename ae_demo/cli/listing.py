"""`ae-demo list`: list the checkpoints with their figures."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from ..errors import CheckpointError


def add_command(commands: Any) -> None:
    """Add `list`."""
    listing = commands.add_parser("list", help="list the checkpoints with their figures")
    listing.add_argument("--json", action="store_true", help="print the list as JSON")
    listing.set_defaults(run=run_list)


def run_list(options: argparse.Namespace) -> int:
    """The command `list`."""
    from .. import checkpoints
    from ..training.progress_bar import format_figures

    for name, reason in checkpoints.damaged_checkpoints().items():  # list the others all the same
        print(f"ae-demo: {name} is left out: {reason}", file=sys.stderr)
    found = {}
    for name in checkpoints.list_checkpoints():
        try:
            found[name] = checkpoints.load_metrics(name)
        except CheckpointError as error:  # it has no metrics.json
            print(f"ae-demo: {error}", file=sys.stderr)
    if options.json:
        keys = ("figures", "data", "parameters", "epochs", "command")
        print(json.dumps({name: {k: m.get(k) for k in keys} for name, m in found.items()}))
    for name, metrics in {} if options.json else found.items():
        print(f"{name:20} {metrics.get('parameters', 0):>10,} parameters  {format_figures(metrics.get('figures', {}))}")
    return 0
