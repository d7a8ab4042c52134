// A class-conditional model in the page, beside what PyTorch computes; the bundle comes from tests/js/test_js.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
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
