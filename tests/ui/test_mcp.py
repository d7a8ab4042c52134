"""The named endpoints as MCP tools, called by a client of that protocol."""

import asyncio
import base64
import importlib.metadata
import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ae_demo.errors import ConfigError
from ae_demo.ui import server
from ae_demo.ui.mcp_tools import places_of

try:
    import mcp
except ImportError:
    mcp = None

EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"
SHORT = {"epochs": 1, "latent_dim": 2}
ENDPOINTS = {
    "reconstruct", "denoise", "colorize", "encode", "decode", "style", "anomaly", "sequence", "train", "models"
}  # fmt: skip


@pytest.fixture(scope="module")
def url():
    """The address of the tools."""
    from ae_demo.ui.app import build_app, launch

    app = build_app()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, url, _ = launch(app, prevent_thread_lock=True, quiet=True, server_port=None, mcp_server=True)
    yield f"{url}gradio_api/mcp/"
    app.close()


def data_url(name):
    kind = "jpeg" if name.endswith("jpg") else "png"
    return f"data:image/{kind};base64,{base64.b64encode((EXAMPLES / name).read_bytes()).decode()}"


@asynccontextmanager
async def connected(url):
    from mcp.client.streamable_http import streamablehttp_client

    async with streamablehttp_client(url) as (reading, writing, _), mcp.ClientSession(reading, writing) as session:
        await session.initialize()
        yield session


async def call(session, name, **arguments):
    """The pictures and texts of a tool's answer, which must not be an error."""
    answer = await session.call_tool(name, arguments)
    texts = [part.text for part in answer.content if part.type == "text"]
    assert not answer.isError, texts
    return [part for part in answer.content if part.type == "image"], texts


async def call_each(url):
    async with connected(url) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == ENDPOINTS
        for tool in tools.values():
            assert len(tool.description) > 50
            assert all(about["description"] for about in tool.inputSchema["properties"].values()), tool.name
        digit, small = data_url("digit-2.png"), data_url("pen-on-paper.jpg")

        picture, texts = await call(session, "reconstruct", image=digit, checkpoint="dense-mnist")
        assert len(picture) == 1, texts
        assert json.loads(texts[-1])["code_shape"] == [32]
        assert (await call(session, "denoise", image=digit, checkpoint="denoising-mnist"))[0]
        assert (await call(session, "colorize", image=small, hints=[[0.5, 0.5, [200, 30, 30]]]))[0]
        assert (await call(session, "decode", x=0.5, y=-1.0, checkpoint="vae-mnist"))[0]
        assert (await call(session, "style", image=digit))[0]
        code = (await call(session, "encode", image=digit, checkpoint="dense-mnist"))[1][0]
        assert json.loads(code)["shape"] == [32]
        normal = [data_url(f"digit-{n}.png") for n in (2, 5, 7)]
        judged = await call(session, "anomaly", normal=normal, test=[digit, data_url("boot.png")], model="neighbors")
        assert len(json.loads(judged[1][0])["samples"]) == 2
        assert "probabilities" in (await call(session, "sequence", sequence="house", checkpoint="seq2seq-words"))[1][0]
        assert "dense-mnist" in (await call(session, "models"))[1][0]
        events = (await call(session, "train", family="dense", data="digits", settings=SHORT))[1]
        assert json.loads(events[-1])["event"] == "finished"

        wrong = await session.call_tool("encode", {"image": "/etc/passwd"})
        assert wrong.isError
        assert "url" in wrong.content[0].text
        failed = await session.call_tool("decode", {"x": 0.0, "y": 0.0, "checkpoint": "conv-photo"})
        assert failed.isError
        assert "conv-photo" in failed.content[0].text


@pytest.mark.skipif(mcp is None, reason="MCP TOOLS ARE NOT TESTED: the package mcp is not installed")
def test_each_endpoint_is_a_tool_with_a_description(url):
    with ThreadPoolExecutor(1) as pool:  # in a process of browser tests, a loop runs in this thread
        pool.submit(asyncio.run, call_each(url)).result()


def test_what_is_missing_is_said(monkeypatch):
    def missing(_):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setenv("AE_MCP", "yes")
    with pytest.raises(ConfigError, match="give 1"):
        server.wants_mcp()
    monkeypatch.setattr(importlib.metadata, "version", missing)
    monkeypatch.setenv("AE_MCP", "0")
    assert not server.wants_mcp()
    monkeypatch.setenv("AE_MCP", "1")
    with pytest.raises(ConfigError, match="pip install"):
        server.wants_mcp()
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "2.3.0")
    with pytest.raises(ConfigError, match=r"mcp 2\.3\.0 is installed"):
        server.wants_mcp()


def test_a_list_of_files_has_a_place_for_each():
    assert places_of(["normal", "items"], {"normal": ["a", "b"]}) == [["normal", 0], ["normal", 1]]
    assert places_of(["image"], {"image": "a"}) == [["image"]]
    assert places_of(["normal", "items"], {}) == [["normal", "items"]]
