// Multilayer perceptrons in the page, beside what PyTorch computes; the bundle comes from tests/js/test_js.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { readBundle } from "../../ae_demo/ui/components/base/bundle.js";
import { Mlp } from "../../ae_demo/ui/components/latent_map/mlp.js";

const read = (name) => {
  const bytes = readFileSync(`${process.env.AE_FIXTURES}/${name}`);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
const expected = JSON.parse(readFileSync(`${process.env.AE_FIXTURES}/expected.json`));
const model = new Mlp(readBundle(read("model.bin")));

test("a decoded picture is PyTorch's to within half a grey level", () => {
  for (const { place, picture } of expected.decoded) {
    const made = model.decode(...place);
    assert.equal(made.length, picture.length);
    made.forEach((value, i) => assert.ok(Math.abs(value - picture[i]) < 0.5 / 255, `${place}: pixel ${i}`));
  }
});

test("an encoded picture lies where PyTorch puts it, but for the rounding to int8", () => {
  for (const { picture, mu, sigma } of expected.encoded) {
    const found = model.encode(Float32Array.from(picture));
    found.place.forEach((value, i) => assert.ok(Math.abs(value - mu[i]) < 0.05));
    found.sigma.forEach((value, i) => assert.ok(Math.abs(value / sigma[i] - 1) < 0.1));
  }
});

test("the work is the number of the decoder's weights", () => assert.equal(model.work, expected.work));

test("a file of another kind is refused", () => {
  assert.throws(() => readBundle(new TextEncoder().encode("PK\x03\x04 and so on").buffer), /not a bundle/);
});
