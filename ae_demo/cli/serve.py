"""`ae-demo serve`: start the demo in the browser."""

from __future__ import annotations

import argparse
import os
from typing import Any


def add_command(commands: Any) -> None:
    """Add `serve`."""
    serve = commands.add_parser("serve", help="start the demo in the browser")
    serve.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="address to listen on [%(default)s]")
    serve.add_argument("--port", type=int, default=os.environ.get("PORT", "7860"), help="port [%(default)s]")
    serve.set_defaults(run=run_serve)


def run_serve(options: argparse.Namespace) -> int:
    """The command `serve`."""
    os.environ["HOST"], os.environ["PORT"] = options.host, str(options.port)
    from ..ui.app import launch

    launch()
    return 0
