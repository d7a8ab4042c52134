// A class-conditional model in the page, beside what PyTorch computes; the bundle comes from tests/js/test_js.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { affine, affineOfMany } from "../../ae_demo/ui/components/base/affine.js";
import { readBundle } from "../../ae_demo/ui/components/base/bundle.js";
import { ConditionalModel } from "../../ae_demo/ui/components/style_sheet/model.js";

const bytes = readFileSync(`${process.env.AE_FIXTURES}/conditional.bin`);
const expected = JSON.parse(readFileSync(`${process.env.AE_FIXTURES}/conditional.json`));
const model = new ConditionalModel(readBundle(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));

test("each label's style and bound are PyTorch's, but for the encoder's rounding to int8", () => {
  const found = model.infer(Float32Array.from(expected.picture));
  found.forEach(({ z, score }, label) => {
    z.forEach((value, i) => assert.ok(Math.abs(value - expected.z[label][i]) < 0.05));
    assert.ok(Math.abs(score / expected.scores[label] - 1) < 0.01, `${score} for ${expected.scores[label]}`);
  });
  assert.ok(Math.abs(found.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-6);
  const best = found.reduce((a, b) => (a.score < b.score ? a : b));
  assert.equal(best.probability, Math.max(...found.map(({ probability }) => probability)));
});

test("a painted picture is PyTorch's to within a grey level", () => {
  const image = model.paint([0.5, -1, 2], 2, { data: new Uint8ClampedArray(4 * 784) });
  expected.pixels.forEach((grey, i) => {
    assert.ok(Math.abs(image.data[4 * i] - grey) < 1);
    assert.equal(image.data[4 * i + 3], 255);
  });
});

test("a style decoded as all classes together is as decoded one by one", () => {
  const together = model.rawOfAll([0.5, -1, 2]);
  assert.equal(together.length, model.classes);
  together.forEach((raw, label) => {
    model.raw([0.5, -1, 2], label).forEach((value, i) => assert.ok(Math.abs(value - raw[i]) < 1e-4));
  });
});

test("a layer of many inputs is as of each, for any number of inputs and rows", () => {
  for (const [count, rows] of [
    [5, 4],
    [7, 3],
    [10, 5],
  ]) {
    const random = (size) => Float32Array.from({ length: size }, () => Math.random() - 0.5);
    const [weight, bias] = [random(rows * 6), random(rows)];
    const inputs = Array.from({ length: count }, () => random(6));
    const empty = () => inputs.map(() => new Float32Array(rows));
    const expected = empty().map((out, i) => affine(weight, bias, inputs[i], out));
    affineOfMany(weight, bias, inputs, empty()).forEach((out, i) => {
      out.forEach((value, row) => assert.ok(Math.abs(value - expected[i][row]) < 1e-6));
    });
  }
});
