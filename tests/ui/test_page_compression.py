"""What a page fetches is compressed; files that never change are compressed once."""

import asyncio
import copy
import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ae_demo.ui import compression
from ae_demo.ui.compression import PageCompression


@pytest.fixture
def calls():
    return []


@pytest.fixture
def client(calls):
    """A server whose every answer is long enough for compression; paths with "missing" are not found."""

    async def answer(request):
        calls.append(request.url.path)
        return PlainTextResponse("text " * 1000, 404 if "missing" in request.url.path else 200)

    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(PageCompression)]))


def test_a_file_that_never_changes_is_read_once_and_kept_by_the_browser(client, calls):
    first, second = (client.get("/assets/index-a1b2.js") for _ in range(2))
    for answer in (first, second):
        assert answer.text == "text " * 1000
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
    assert len(calls) == 1
    client.get("/assets/other-c3d4.js")
    assert len(calls) == 2


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_an_answer_whose_client_leaves_is_not_kept(sent):
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/javascript")]}
    parts = [{"type": "http.response.body", "body": b"text " * 1000, "more_body": more} for more in (True, False)]
    left = [sent, 3]  # how many messages the first and the second answer have

    async def answer(scope, receive, send):
        for message in [start, *parts][: left.pop(0)]:
            await send(copy.deepcopy(message))

    async def fetch():
        received = []

        async def send(message):
            received.append(message)

        scope = {"type": "http", "method": "GET", "path": "/assets/a.js", "headers": [(b"accept-encoding", b"gzip")]}
        await served_by(scope, None, send)
        return received

    served_by = PageCompression(answer)
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, fetch()).result()
        whole = pool.submit(asyncio.run, fetch()).result()
    body = b"".join(message.get("body", b"") for message in whole)
    assert gzip.decompress(body) == b"text " * 2000


def test_the_answers_that_are_kept_are_bounded(client, calls, monkeypatch):
    size = int(client.get("/assets/a.js").headers["content-length"])
    monkeypatch.setattr(compression, "MAX_KEPT", 2 * size)
    for _ in range(2):
        for name in "abc":
            assert client.get(f"/assets/{name}.js").text == "text " * 1000
    assert calls == [f"/assets/{name}.js" for name in "abcc"]


@pytest.mark.parametrize("path", ["/config", "/theme.css", "/assets/missing.js"])
def test_other_answers_are_made_each_time(client, calls, path):
    answers = [client.get(path) for _ in range(2)]
    assert len(calls) == 2
    assert all("cache-control" not in answer.headers for answer in answers)
    assert {answer.status_code for answer in answers} == {404 if "missing" in path else 200}


def test_who_cannot_read_gzip_gets_plain_text(client):
    client.get("/assets/index-a1b2.js")
    answer = client.get("/assets/index-a1b2.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text == "text " * 1000


def test_the_page_fetches_early_what_all_components_need(served):
    head = httpx.get(served).text.partition("<script>")[0]
    files = re.findall(r'<link [^>]*href="(gradio_api/file=[^"]*)"', head)
    assert [file.rpartition("/")[2] for file in files] == ["mount.js", "texts.json", "styles.css"]
    for file in files:
        answer = httpx.get(served + file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    texts = httpx.get(served + files[1]).json()
    assert texts["cards"]["en"].keys() == texts["cards"]["zh-TW"].keys()
    assert {"en", "zh-CN", "zh-TW"} <= texts["base"].keys()
