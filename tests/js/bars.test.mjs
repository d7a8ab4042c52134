// The bars of a code: their geometry, the sweep of a unit, and the decoding of an edited code.
import assert from "node:assert/strict";
import test from "node:test";
import { barPath, heightOf, marksOf, rangeOf } from "../../ae_demo/ui/components/bars/chart.js";
import { codeDecoder } from "../../ae_demo/ui/components/bars/decoding.js";
import { Sweep, sweptValue } from "../../ae_demo/ui/components/bars/sweep.js";
import { largestUnits } from "../../ae_demo/ui/components/bars/units.js";

test("the scale includes zero and all numbers", () => {
  assert.deepEqual(rangeOf([[1, 3], [], [2]]), { high: 3, low: 0, span: 3 });
  assert.deepEqual(rangeOf([[-1], [3]]), { high: 3, low: -1, span: 4 });
  assert.deepEqual(rangeOf([[]]), { high: 0, low: 0, span: 1 });
});

test("a bar goes from zero to its number", () => {
  const range = rangeOf([[-1, 3]]);
  assert.equal(heightOf(0, range), 75);
  assert.equal(barPath(2, 3, range, 0.1), "M2.1 75V0.000H2.9V75Z");
  assert.equal(barPath(0, -1, range, 0), "M0 75V100.000H1V75Z");
});

test("the numbers beside the chart do not cover one another", () => {
  const marks = (high, low) => marksOf({ high, low, span: high - low }).map(([, number]) => number);
  assert.deepEqual(marks(3, -1), [3, 0, -1]);
  assert.deepEqual(marks(3, -0.1), [3, null, -0.1]);
  assert.deepEqual(marks(3, 0), [3, 0, null]);
});

test("a sweep begins at the number and reaches both ends", () => {
  assert.ok(Math.abs(sweptValue(0.5, -1, 3, 0) - 0.5) < 1e-12);
  const values = Array.from({ length: 241 }, (_, i) => sweptValue(0.5, -1, 3, 10 * i));
  assert.ok(Math.abs(Math.max(...values) - 3) < 1e-3);
  assert.ok(Math.abs(Math.min(...values) + 1) < 1e-3);
  assert.ok(Math.abs(values.at(-1) - 0.5) < 1e-9);
});

test("a stopped sweep changes nothing more", (context) => {
  const frames = [];
  context.after(() => {
    delete globalThis.requestAnimationFrame;
    delete globalThis.cancelAnimationFrame;
  });
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  globalThis.cancelAnimationFrame = () => {};
  let changes = 0;
  const sweep = new Sweep(() => {
    changes += 1;
    if (changes === 2) sweep.stop();
  });
  sweep.start(4, 0, -1, 1);
  while (frames.length) frames.shift()(performance.now());
  assert.deepEqual([changes, sweep.running], [2, false]);
});

test("the largest units are given in their order", () => {
  assert.deepEqual(largestUnits([0.1, 0.9, 0.5, 0.7], 3), [1, 2, 3]);
  assert.deepEqual(largestUnits([3, 2], 3), [0, 1]);
});

// A decoder with what it has asked for and shown; `state` may be changed by a test.
function decoderWith(state) {
  const asked = [];
  const shown = [];
  const decoder = codeDecoder({
    file: () => state.file ?? null,
    code: () => state.code,
    isEdited: () => state.edited,
    fetchModel: async () => state.model,
    ask: (number) => asked.push([number, state.code]),
    show: (picture) => shown.push(picture),
    changed: () => decoder.decode(),
    loaded: () => {},
  });
  return { decoder, asked, shown };
}

test("the server is asked for one code at a time, and then for the latest", () => {
  const state = { edited: true, code: "first" };
  const { decoder, asked, shown } = decoderWith(state);
  decoder.decode();
  for (state.code of ["second", "third"]) decoder.decode();
  assert.deepEqual(asked, [[1, "first"]]);
  decoder.answer(1, () => "picture 1");
  assert.deepEqual(asked, [
    [1, "first"],
    [2, "third"],
  ]);
  assert.deepEqual(shown, ["picture 1"]);
});

test("answers for an earlier picture, or for a code that was reset, are not shown", () => {
  const state = { edited: true, code: "code" };
  const { decoder, shown } = decoderWith(state);
  decoder.decode();
  decoder.reset();
  decoder.answer(1, () => assert.fail("decoded an outdated answer"));
  decoder.decode();
  state.edited = false;
  decoder.decode();
  state.edited = true;
  decoder.answer(2, () => assert.fail("decoded an outdated answer"));
  assert.deepEqual(shown, [null]);
});

test("another request is sent when the server has not answered for two seconds", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const { decoder, asked } = decoderWith({ edited: true, code: "code" });
  decoder.decode();
  now = 1999;
  decoder.decode();
  assert.equal(asked.length, 1);
  now = 2001;
  decoder.decode();
  assert.equal(asked.length, 2);
});

test("a model in the page decodes once it is fetched", async () => {
  const state = { edited: true, code: "code", file: "model.bin", model: { decodeCode: (code) => `${code} decoded` } };
  const { decoder, asked, shown } = decoderWith(state);
  decoder.decode();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([asked, shown], [[], ["code decoded"]]);
});
