// A page names its server in its requests to the demo, and says when another one answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SCRIPT = readFileSync(new URL("../../ae_demo/ui/same_server.js", import.meta.url), "utf8");
const HEADER = "X-AE-Server";

/** The script in a page at https://demo.example/, whose requests `answer` answers. */
function open(answer, language = "en") {
  const sent = [];
  const shown = [];
  const element = () => ({
    append: (...parts) => parts.forEach((p) => shown.push(p)),
    setAttribute() {},
    addEventListener() {},
  });
  const fetch = async (input, init) => {
    sent.push({ input, headers: new Headers(init?.headers) });
    return answer();
  };
  const texts = { en: { gone: "It has ended.", reload: "Reload" }, "zh-CN": { gone: "已停止。", reload: "重新加载" } };
  const window = { fetch, aeServer: { id: "first", header: HEADER, texts } };
  const document = {
    getElementById: () => (shown.length ? {} : null),
    createElement: element,
    body: { append() {} },
  };
  vm.runInNewContext(SCRIPT, {
    window,
    document,
    navigator: { language },
    location: new URL("https://demo.example/"),
    URL,
    Headers,
    Request,
  });
  return { fetch: window.fetch, sent, shown };
}

const from = (server, status) => () => new Response("", { status, headers: server ? { [HEADER]: server } : {} });

test("a request to the demo names the server, and keeps its other headers", async () => {
  const page = open(from(null, 200));
  await page.fetch("/gradio_api/queue/join", { method: "POST", headers: { "content-type": "application/json" } });
  assert.equal(page.sent[0].headers.get(HEADER), "first");
  assert.equal(page.sent[0].headers.get("content-type"), "application/json");
  await page.fetch("https://elsewhere.example/gradio_api/info");
  assert.equal(page.sent[1].headers.get(HEADER), null);
  assert.deepEqual(page.shown, []);
});

test("when another server refuses, the page says once that its own has ended, in its language", async () => {
  const page = open(from("second", 404), "zh-CN");
  await page.fetch("/gradio_api/run/predict");
  await page.fetch("/gradio_api/run/predict");
  assert.equal(page.shown.filter((part) => part === "已停止。").length, 1);
});

test("what is merely not found is no reason to say anything", async () => {
  const page = open(from(null, 404));
  await page.fetch("/gradio_api/file=x.png");
  assert.deepEqual(page.shown, []);
});
