"""Simulated visitors without a browser: a server to measure, and pages that call it as Gradio's client does."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]


class ServerError(Exception):
    """The server answered with an error."""


class Page:
    """One visitor's page: its components and its listeners.

    values: the values of components that the visitor has changed, by id
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.session = client, uuid.uuid4().hex[:11]
        self.components: dict[int, dict] = {}
        self.listeners: dict[int, dict] = {}
        self.values: dict[int, Any] = {}

    async def load(self) -> None:
        """Load the page."""
        (await self.client.get("/")).raise_for_status()
        self._add((await self.client.get("/config")).raise_for_status().json())

    def _add(self, config: dict) -> None:
        self.components |= {each["id"]: each for each in config["components"]}
        self.listeners |= {each["id"]: each for each in config["dependencies"]}

    async def open(self, tab: str) -> None:
        """Open a tab, and run the listeners of the components that then appear in the page."""
        page = self.component(f"tab-{tab}")
        before = set(self._appearances())
        await self.call(self.listener(next(each for each in self._appearances() if each > page), "submit"))
        for each in set(self._appearances()) - before:
            for listener in self._listeners(each, "submit"):
                await self.call(listener)

    @property
    def tabs(self) -> list[str]:
        """The names of the tabs."""
        return [each["props"]["id"] for each in self.components.values() if each["type"] == "tabitem"]

    def _appearances(self) -> list[int]:
        return [
            i for i, each in self.components.items() if "ae-appearance" in (each["props"].get("elem_classes") or [])
        ]

    def component(self, elem_id: str) -> int:
        """The id of the component with this `elem_id`."""
        return next(i for i, each in self.components.items() if each["props"].get("elem_id") == elem_id)

    def set(self, elem_id: str, value: Any) -> None:
        """Change the value of a component."""
        self.values[self.component(elem_id)] = value

    def _listeners(self, component: int, event: str) -> list[dict]:
        return [each for each in self.listeners.values() if [component, event] in each["targets"]]

    def listener(self, component: int | str, event: str) -> dict:
        """The first listener to a component's event that runs on the server."""
        found = self._listeners(self.component(component) if isinstance(component, str) else component, event)
        return next(each for each in found if each["backend_fn"])

    def endpoint(self, name: str) -> dict:
        """The listener of a named endpoint."""
        return next(each for each in self.listeners.values() if each["api_name"] == name)

    async def call(self, listener: dict, data: list | None = None) -> None:
        """Call a listener and wait until it ends. Raises `ServerError`."""
        async for _ in self.answers(listener, data):
            pass

    async def answers(self, listener: dict, data: list | None = None) -> AsyncIterator[str]:
        """Call a listener and yield its answers, as JSON. Raises `ServerError`."""
        if data is None:
            data = [self.values.get(i, self.components[i]["props"].get("value")) for i in listener["inputs"]]
        body = {"data": data, "fn_index": listener["id"], "session_hash": self.session}
        if not listener["queue"]:
            answer = (await self._post("/gradio_api/run/predict", body)).text
            if '"render_config":{' in answer:
                self._add(json.loads(answer)["render_config"])
            yield answer
            return
        await self._post("/gradio_api/queue/join", body)
        query = {"session_hash": self.session}
        async with self.client.stream("GET", "/gradio_api/queue/data", params=query) as lines:
            async for line in lines.aiter_lines():
                name = line[5:60]
                if '"process_generating"' in name:
                    yield line[5:]
                elif '"process_completed"' in name:
                    answer = json.loads(line[5:])
                    if not answer["success"]:
                        raise ServerError(answer["output"])
                    yield line[5:]
                elif '"unexpected_error"' in name:
                    raise ServerError(line)
                elif '"close_stream"' in name:
                    return

    async def _post(self, path: str, body: dict) -> httpx.Response:
        answer = await self.client.post(path, json=body)
        if not answer.is_success:
            raise ServerError(f"{answer.status_code} {answer.text[:200]}")
        return answer

    async def upload(self, name: str, content: bytes) -> dict:
        """Upload a file; return the value of a component that contains it."""
        answer = await self.client.post("/gradio_api/upload", files={"files": (name, content)})
        return {"path": answer.raise_for_status().json()[0], "meta": {"_type": "gradio.FileData"}}


@contextmanager
def served(**settings: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run a server on a free port, with `settings` in its environment; yields the process and its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), **settings}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            yield server, f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a server when the server is ready."""
    expiry = 2.0  # seconds; after five, the server closes idle connections, and a request on its way then is lost
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=expiry)
    async with httpx.AsyncClient(base_url=url, timeout=300, trust_env=False, limits=limits) as client:
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.5)
        yield client


def processor_seconds(process: int) -> float:
    """The processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> float:
    """Memory of a process in MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
