"""Why the demo does not start: one sentence and exit status 1, before anything slow has begun."""

import os
import socket
import tempfile

import pytest

from ae_demo import cli
from ae_demo.ui import server, temporary


@pytest.fixture
def refused(monkeypatch, capsys):
    """`refused(PORT="80")` starts the demo in that environment, and returns the sentence that it ends with."""

    def start(**environment):
        for name in ("HOST", "PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert cli.main(["serve"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("ae-demo: ")
        assert err.count("\n") == 1
        return err

    return start


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1", "7860.5", "²"])
def test_an_invalid_port_is_refused(refused, port):
    assert f"PORT is {port!r}; give an integer from 1 to 65535" in refused(PORT=port)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "[::1]"])
def test_a_port_that_is_taken(refused, host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as other:
        other.bind((host.strip("[]"), 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is taken" in refused(HOST=host, PORT=str(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "a" * 300])
def test_a_host_that_is_not_this_machine(refused, host):
    assert f"HOST is {host!r}" in refused(HOST=host, PORT="18765")


@pytest.mark.parametrize("name", ["TMPDIR", "GRADIO_TEMP_DIR"])
def test_no_temporary_folder(refused, monkeypatch, tmp_path, name):
    def fail(*_, **__):
        raise PermissionError(30, "Read-only file system", str(tmp_path))

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    temporary.server_folder.cache_clear()
    assert f"Read-only file system: '{tmp_path}'); set {name} to a folder" in refused(
        PORT="7999", **{name: str(tmp_path)}
    )


def test_proxies_are_set_aside_and_come_back(monkeypatch):
    names = ("http_proxy", "HTTPS_PROXY", "ALL_PROXY")
    for name in names:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with server.without_proxies():
        assert not set(names) & set(os.environ)
    assert all(os.environ[name] == "http://127.0.0.1:9" for name in names)
