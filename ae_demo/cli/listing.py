"""`ae-demo list`: list the checkpoints with their facts and metrics."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add_command(commands: Any) -> None:
    """Add `list`."""
    listing = commands.add_parser("list", help="list the checkpoints with their facts and metrics")
    listing.add_argument("--json", action="store_true", help="print the list as JSON: `ModelFacts` by name")
    listing.set_defaults(run=run_list)


def run_list(options: argparse.Namespace) -> int:
    """The command `list`."""
    from .. import checkpoints
    from ..facts import list_models
    from ..training.progress_bar import format_figures

    found = list_models()
    for facts in found:
        if problem := facts.error or ("" if facts.figures else f"{checkpoints.METRICS} is missing or has no figures."):
            print(f"ae-demo: {facts.name}: {problem}", file=sys.stderr)
    if options.json:
        print(json.dumps({facts.name: facts.to_dict() for facts in found}))
        return 0
    for facts in found:
        if not facts.error:
            print(
                f"{facts.name:20} {facts.task:11} {facts.subject:11} {facts.numbers:>7,} numbers "
                f"{facts.parameters:>10,} parameters  {format_figures(facts.figures)}"
            )
    return 0
