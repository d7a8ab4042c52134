"""`ae-demo serve`: start the demo in the browser."""

from __future__ import annotations

import argparse
import os
from typing import Any


def add_command(commands: Any) -> None:
    """Add `serve`."""
    serve = commands.add_parser("serve", help="start the demo in the browser")
    serve.add_argument("--host", help="address to listen on [HOST, or 127.0.0.1]")
    serve.add_argument("--port", help="port [PORT, or 7860]")
    serve.add_argument(
        "--mcp", action="store_true", default=None, help="also serve the endpoints as MCP tools [AE_MCP]"
    )
    serve.set_defaults(run=run_serve)


def run_serve(options: argparse.Namespace) -> int:
    """The command `serve`."""
    given = {"HOST": options.host, "PORT": options.port, "AE_MCP": options.mcp and "1"}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    from ..ui.server import serve

    return serve()
