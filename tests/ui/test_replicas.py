"""Two servers behind nginx, with the configuration of `deploy/`."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import yaml
from gradio_client import Client, handle_file
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ae_demo.errors import ConfigError
from ae_demo.ui import server
from ae_demo.ui.replica import HEADER, SERVER, SameServer

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
DIGIT = ROOT / "assets" / "examples" / "digit-2.png"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Replica:
    """A server as a process; `id` is what its pages name it by."""

    def __init__(self, folder, models):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"PORT": str(self.port), "TMPDIR": str(folder), "AE_CHECKPOINTS": str(models)}
        environment = {**os.environ, **settings, "AE_DRAIN_SECONDS": "200", "AE_SPARE_WORKERS": "0"}
        environment.pop("GRADIO_TEMP_DIR", None)
        self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)

    def wait_until_ready(self):
        while not answers(f"{self.url}/readyz"):
            assert self.process.poll() is None
            time.sleep(0.1)
        self.app_id = httpx.get(f"{self.url}/config").json()["app_id"]
        self.id = httpx.get(f"{self.url}/gradio_api/info", headers={HEADER: "another"}).headers[HEADER]


def answers(url):
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def write_config(folder, port, replicas):
    servers = " ".join(f"server 127.0.0.1:{replica.port} max_fails=0;" for replica in replicas)
    site = TEMPLATE.read_text()
    for name, value in {"AE_REPLICAS": servers, "AE_LISTEN": f"127.0.0.1:{port}", "AE_TLS": ""}.items():
        site = site.replace(f"${{{name}}}", value)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    config = folder / "nginx.conf"
    ours = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    config.write_text(f"{ours}\nhttp {{ access_log off; {paths} {site} }}")
    return config


@pytest.fixture
def two_servers(tmp_path, random_models):
    """Two servers and the address of nginx before them."""
    replicas = [Replica(tmp_path, random_models) for _ in range(2)]
    port = free_port()
    config = write_config(tmp_path, port, replicas)
    proxy = subprocess.Popen([NGINX, "-c", str(config), "-e", f"{tmp_path}/error.log"])
    try:
        for replica in replicas:
            replica.wait_until_ready()
        yield replicas, f"http://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        for replica in replicas:
            replica.process.kill()
            replica.process.wait()
        proxy.wait(10)


def visitor_of(replica, url):
    """A client whose page is of this server: nginx gives each a name at random, and keeps it."""
    for _ in range(60):
        page = httpx.get(f"{url}/config")
        if page.json()["app_id"] == replica.app_id:
            cookies = dict(page.cookies)
            assert {httpx.get(f"{url}/config", cookies=cookies).json()["app_id"] for _ in range(5)} == {replica.app_id}
            return Client(url, verbose=False, httpx_kwargs={"cookies": cookies}), cookies
    raise AssertionError("No visitor came to this server.")


@pytest.mark.thorough
@pytest.mark.serial
@pytest.mark.slow
@pytest.mark.skipif(NGINX is None, reason="SEVERAL SERVERS ARE NOT TESTED: nginx is not installed")
def test_visitors_of_the_other_server_do_not_notice_that_one_is_gone(two_servers):
    (first, second), url = two_servers
    (lost, lost_cookies), (kept, _) = visitor_of(first, url), visitor_of(second, url)
    assert httpx.get(f"{url}/metrics").status_code == 403
    answered, ended = [], threading.Event()

    def work():
        while not ended.is_set():
            answered.append(kept.predict(handle_file(DIGIT), "dense-mnist", api_name="/encode"))

    assert lost.predict(handle_file(DIGIT), "dense-mnist", api_name="/encode")
    worker = threading.Thread(target=work)
    worker.start()
    while len(answered) < 2:
        time.sleep(0.05)
    first.process.kill()
    first.process.wait()
    before = len(answered)
    page = {"headers": {HEADER: first.id}, "cookies": lost_cookies}
    refused = httpx.post(f"{url}/gradio_api/queue/join", json={}, **page)
    assert refused.status_code == 404  # of which the page makes a message, see same_server.js
    assert refused.headers[HEADER] == second.id
    assert httpx.get(f"{url}/", cookies=lost_cookies).status_code == 200  # loaded again, the page goes on
    assert lost.predict(handle_file(DIGIT), "dense-mnist", api_name="/encode")
    while len(answered) < before + 3 and worker.is_alive():
        time.sleep(0.05)
    ended.set()
    worker.join()
    assert len(answered) >= before + 3

    # The other one is asked to end: a run goes on to its end, and a page that is open may go on, too.
    job = kept.submit("dense", "digits", {"epochs": 8}, api_name="/train")
    while not any(line["event"] == "started" for line in job.outputs()):
        time.sleep(0.05)
    second.process.send_signal(signal.SIGTERM)
    while answers(f"{second.url}/readyz"):
        time.sleep(0.05)
    assert httpx.get(f"{second.url}/").status_code == 503
    assert httpx.post(f"{second.url}/gradio_api/queue/join", json={}).status_code == 503
    own_page = httpx.post(f"{second.url}/gradio_api/queue/join", json={}, headers={HEADER: second.id})
    assert own_page.status_code == 422  # it was read
    assert job.result(200)["event"] == "finished"
    assert second.process.wait(60) == 0


def test_a_page_is_served_by_the_server_that_made_it_alone():
    async def answer(_):
        return PlainTextResponse("answered")

    routes = [Route(path, answer) for path in ("/gradio_api/info", "/gradio_api/app_id")]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(SameServer)]))
    assert client.get("/gradio_api/info").text == "answered"
    assert client.get("/gradio_api/info", headers={HEADER: SERVER}).text == "answered"
    other = client.get("/gradio_api/info", headers={HEADER: "another"})
    assert other.status_code == 404
    assert other.headers[HEADER] == SERVER
    assert client.get("/gradio_api/app_id", headers={HEADER: "another"}).text == "answered"


def test_the_time_to_end_is_checked(monkeypatch):
    monkeypatch.setenv("AE_DRAIN_SECONDS", "90")
    assert server.drain_seconds() == 90
    monkeypatch.setenv("AE_DRAIN_SECONDS", "soon")
    with pytest.raises(ConfigError, match="integer"):
        server.drain_seconds()


def test_the_files_of_deploy_fit_together():
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    needed = set(re.findall(r"\$\{(\w+)\}", re.sub("(?m)^#.*$", "", TEMPLATE.read_text())))
    assert needed == services["proxy"]["environment"].keys()
    for name in re.findall(r"server ([\w-]+):7860", services["proxy"]["environment"]["AE_REPLICAS"]):
        assert services[name]["build"]["dockerfile"] == "deploy/Dockerfile"
        assert services[name]["stop_grace_period"] == "11m"
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "AE_DRAIN_SECONDS=600" in dockerfile
    kept = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().split()
    for line in re.findall(r"(?m)^COPY (.+)$", dockerfile):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source}" in kept
