"""The demo as a separate process, as `python app.py` and a Space run it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from ae_demo.ui.server import VANISHED_SECONDS, end_vanished_connections

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(tmp_path):
    """The demo behind proxies that do not answer, with its temporary files in `tmp_path`; its process and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    proxies = {"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}
    environment = {**os.environ, **proxies, "TMPDIR": str(tmp_path), "PORT": port, "PYTHONUNBUFFERED": "1"}
    for name in ("GRADIO_TEMP_DIR", "no_proxy", "NO_PROXY"):
        environment.pop(name, None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, **pipes) as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "runs on http://" in line:
                    yield process, line.split()[-1]
                    break
            else:
                raise AssertionError("".join(lines))
        finally:
            process.kill()


def processes_in(folder):
    """The processes whose temporary files lie in `folder`."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"TMPDIR={folder}".encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
        except OSError:  # another user's, or it has ended
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_asked_to_end_it_refuses_new_work_and_leaves_nothing_behind(server, tmp_path):
    process, url = server
    assert httpx.get(f"{url}healthz", trust_env=False).text == "alive"
    job = Client(url, verbose=False).submit("dense", "digits", {"epochs": 500}, api_name="/train")
    while not any(line["event"] == "started" for line in job.outputs()):
        time.sleep(0.05)
    assert list(tmp_path.glob("ae-demo-server-*/ae-demo-run-*"))
    assert len(processes_in(tmp_path)) >= 2
    process.send_signal(signal.SIGTERM)
    began, status = time.monotonic(), 0
    while status != 503 and time.monotonic() - began < 2:
        status = httpx.get(f"{url}readyz", trust_env=False).status_code
    assert httpx.post(f"{url}gradio_api/queue/join", json={}, trust_env=False).status_code == 503
    assert process.wait(10) == 0
    assert "terminate" not in process.stdout.read()  # no abort of a native thread
    while processes_in(tmp_path) and time.monotonic() - began < 10:
        time.sleep(0.05)
    assert not processes_in(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux only")
def test_a_connection_that_takes_nothing_ends_in_seconds():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        end_vanished_connections([listening])
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1000 * VANISHED_SECONDS
