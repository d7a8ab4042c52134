import assert from "node:assert/strict";
import test from "node:test";
import { matches, sorted } from "../../ae_demo/ui/components/gallery/select.js";

const model = (name, task, mse) => ({
  name,
  task,
  subject: "digits",
  family: name.split("-")[0],
  text: `${name} ${task} model`,
  figures: mse === null ? [] : [["mse", String(mse), mse]],
  facts: [["size", "1 MB", name.length]],
});
const MODELS = [
  model("conv-b", "reconstruct", 0.2),
  model("dense-a", "reconstruct", null),
  model("vae-c", "denoise", 0.1),
];
const names = (list) => list.map((each) => each.name);

test("filters and words are all met", () => {
  const left = (chosen) => names(MODELS.filter((each) => matches(each, chosen)));
  assert.deepEqual(left({}), ["conv-b", "dense-a", "vae-c"]);
  assert.deepEqual(left({ task: "reconstruct", family: "dense" }), ["dense-a"]);
  assert.deepEqual(left({ search: " MODEL  conv " }), ["conv-b"]);
  assert.deepEqual(left({ subject: "garments" }), []);
});

test("a table is sorted by a figure, either way, and models without it come last", () => {
  assert.deepEqual(names(sorted(MODELS, { key: "mse", down: false })), ["vae-c", "conv-b", "dense-a"]);
  assert.deepEqual(names(sorted(MODELS, { key: "mse", down: true })), ["conv-b", "vae-c", "dense-a"]);
  assert.deepEqual(names(sorted(MODELS, { key: "name", down: true })), ["vae-c", "dense-a", "conv-b"]);
  assert.deepEqual(names(sorted(MODELS, { key: "", down: false })), names(MODELS));
});
