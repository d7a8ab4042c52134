"""Runs the demo as a server process: checks before the start, and a clean shutdown.

Only `serve` imports Gradio, after the checks.
"""

from __future__ import annotations

import errno
import importlib.metadata
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ConfigError, Message
from .heap import bound_heap
from .temporary import remove_folder, server_folder

VANISHED_SECONDS = 30  # after which a connection is closed if the client has not acknowledged what was sent
DRAIN_SECONDS = 2  # for work under way at shutdown, unless `AE_DRAIN_SECONDS` says otherwise
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def serve() -> int:
    """Serve the demo on `HOST` and `PORT` until SIGTERM or Ctrl-C; returns the exit status.

    `HOST` is 127.0.0.1 by default, and every interface on a Space; `PORT` is 7860. With `AE_MCP=1` the named endpoints
    are MCP tools, too. Raises `ConfigError` if the demo cannot be served there, or nothing can be written to the
    temporary folder.
    """
    host, port = read_address()
    check_address(host, port)
    mcp, drain = wants_mcp(), drain_seconds()
    log_to_stderr()
    if os.environ.get("AE_CLUSTER"):
        from .. import cluster

        cluster.places()  # raises its error now rather than at the first run
    bound_heap()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin take the processors from other visitors
    folder = use_own_folder()
    ended = end_on_signals()
    name = f"[{host}]" if ":" in host else host
    try:
        with without_proxies():
            from ..inference.scheduler import scheduler
            from ..training.worker import kill_all
            from .app import build_app, launch

            scheduler.set_threads()
            app = build_app()
            _, url, _ = launch(
                app, server_name=name, server_port=port, mcp_server=mcp, prevent_thread_lock=True, quiet=True
            )
    except OSError as error:
        raise ConfigError("The demo cannot start: {error}", error=error) from error
    end_vanished_connections([sock for server in app.server.servers for sock in server.sockets])
    print(f"AE Demo runs on {url}", flush=True)
    if mcp:
        print(f"Its MCP tools are at {url.rstrip('/')}/gradio_api/mcp/", flush=True)
    while not ended.wait(0.5):  # without a limit, Windows would not see Ctrl-C
        pass
    app.health.draining = True
    app.health.wait_until_idle(drain)
    app.server.should_exit = True
    kill_all()
    remove_folder(folder)
    sys.stdout.flush()
    os._exit(0)  # without waiting for threads that compute, and without ending native ones, which may abort


def end_vanished_connections(listening: Iterable[socket.socket]) -> None:
    """Have Linux close connections of vanished clients within seconds, not minutes, so that their runs end."""
    if option := getattr(socket, "TCP_USER_TIMEOUT", None):
        for each in listening:  # accepted connections inherit it
            each.setsockopt(socket.IPPROTO_TCP, option, 1000 * VANISHED_SECONDS)


def log_to_stderr() -> None:
    """Print the demo's log in the format of the commands' errors."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("ae-demo: %(message)s"))
    log = logging.getLogger("ae_demo")
    log.setLevel(logging.INFO)
    log.addHandler(handler)


def use_own_folder() -> Path:
    """Use the server's folder for all temporary files, also of child processes. Raises `ConfigError`."""
    try:
        folder = server_folder()
    except OSError as error:
        name = "GRADIO_TEMP_DIR" if os.environ.get("GRADIO_TEMP_DIR") else "TMPDIR"
        raise ConfigError(
            "No temporary files can be written ({error}); set {name} to a folder that can be.", error=error, name=name
        ) from error
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    return folder


def read_address() -> tuple[str, int]:
    """`HOST` and `PORT` of the environment, or their defaults. Raises `ConfigError`."""
    host = os.environ.get("HOST") or ("0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1")
    port = os.environ.get("PORT") or "7860"
    if not (port.isdecimal() and 0 < int(port) < 1 << 16):
        raise ConfigError("PORT is {port!r}; give an integer from 1 to 65535, such as 7860.", port=port)
    return host.strip("[]"), int(port)


def wants_mcp() -> bool:
    """Whether `AE_MCP` asks for MCP tools. Raises `ConfigError` if the package they need is missing."""
    text = os.environ.get("AE_MCP") or "0"
    if text not in ("0", "1"):
        raise ConfigError("AE_MCP is {text!r}; give 1 to serve the endpoints as MCP tools, or 0.", text=text)
    if text == "0":
        return False
    try:
        found = importlib.metadata.version("mcp")
    except importlib.metadata.PackageNotFoundError:
        found = None
    if found is None or not found.startswith("1."):
        there = Message("mcp {version} is installed", version=found) if found else Message("it is not installed")
        raise ConfigError(
            'MCP tools need the package mcp of version 1 ({there}): pip install "mcp>=1.21,<2"', there=there
        )
    return True


def drain_seconds() -> int:
    """For how long work under way may go on after SIGTERM, from `AE_DRAIN_SECONDS`. Raises `ConfigError`."""
    text = os.environ.get("AE_DRAIN_SECONDS") or str(DRAIN_SECONDS)
    if not (text.isdecimal() and int(text) <= 86400):
        raise ConfigError("AE_DRAIN_SECONDS is {text!r}; give an integer from 0 to 86400, such as 600.", text=text)
    return int(text)


def check_address(host: str, port: int) -> None:
    """Check that `port` of `host` can be listened to. Raises `ConfigError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            "HOST is {host!r}, which this machine cannot resolve; give an address, such as 127.0.0.1.", host=host
        ) from error
    loopback = (socket.AF_INET, ("127.0.0.1", port))  # where Gradio checks whether a port is free
    for family, address in [loopback, *((each[0], each[4]) for each in found)]:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            if os.name != "nt":  # where the option would allow two servers on one port
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                trial.bind(address)
            except OSError as error:
                raise _unusable(host, port, error) from error


def _unusable(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 7860
        return ConfigError("Port {port} is taken; give another one, such as PORT={other}.", port=port, other=other)
    if error.errno == errno.EACCES:
        return ConfigError(
            "Port {port} is reserved for the system; give one from 1024 on, such as PORT=7860.", port=port
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ConfigError(
            "HOST is {host!r}, which is not an address of this machine; give one of its own, such as 127.0.0.1.",
            host=host,
        )
    return ConfigError(
        "The demo cannot listen on port {port} of {host!r} ({reason}); give another HOST or PORT.",
        port=port,
        host=host,
        reason=error.strerror,
    )


@contextmanager
def without_proxies() -> Iterator[None]:
    """No proxies during the block, in which Gradio asks its own server whether it has started."""
    names = [name for name in os.environ if name.lower() in PROXIES]
    removed = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(removed)


def end_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set; a second Ctrl-C ends the process at once."""
    ended = threading.Event()

    def end(number: int, _: object) -> None:
        if ended.is_set():
            os._exit(128 + number)
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return ended
