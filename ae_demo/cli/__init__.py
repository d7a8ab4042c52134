"""The command line: one module per command, with a function `add_command`."""

from __future__ import annotations

import argparse
import sys

from .. import __version__
from ..errors import AEDemoError
from . import anomaly, encode, evaluate, listing, serve, style, sweep, train

COMMANDS = (train, evaluate, anomaly, encode, style, sweep, listing, serve)


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
    parser = argparse.ArgumentParser(
        prog="ae-demo", description="Train autoencoders, evaluate them, and serve the demo."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_command(commands)
    return parser
