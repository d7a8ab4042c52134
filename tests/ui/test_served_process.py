"""The demo as a process of its own, as `python app.py` and a Space run it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradio_client import Client

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_told_to_end_it_leaves_nothing_behind(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PORT": port, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            url = next(line.split()[-1] for line in server.stdout if "http://" in line)
            job = Client(url, verbose=False).submit("dense", "digits", {"epochs": 500}, api_name="/train")
            while not job.outputs():
                time.sleep(0.05)
            assert list(tmp_path.glob("ae-demo-run-*"))
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
        finally:
            server.kill()
    assert not list(tmp_path.glob("ae-demo-*"))
