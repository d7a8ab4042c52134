// The decoder of sequences in the page, beside what PyTorch computes; the bundles come from tests/js/test_js.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { readBundle } from "../../ae_demo/ui/components/base/bundle.js";
import { SequenceDecoder } from "../../ae_demo/ui/components/sequence/decoder.js";

const read = (name) => {
  const bytes = readFileSync(`${process.env.AE_FIXTURES}/${name}`);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
const cases = JSON.parse(readFileSync(`${process.env.AE_FIXTURES}/sequences.json`));

for (const { name, codes, decoded } of cases)
  test(`${name}: the decoded sequence is PyTorch's`, () => {
    const decoder = new SequenceDecoder(readBundle(read(`${name}.bin`)));
    codes.forEach((code, i) => {
      const made = decoder.decode(Float32Array.from(code));
      assert.equal(made.length, decoded[i].length);
      made.forEach((value, t) => assert.ok(Math.abs(value - decoded[i][t]) < 1e-4, `${value} for ${decoded[i][t]}`));
    });
  });

test("the probabilities of a step sum to one", () => {
  const decoder = new SequenceDecoder(readBundle(read("symbols.bin")));
  const made = decoder.decode(Float32Array.from({ length: decoder.code }, () => 3));
  for (let t = 0; t < decoder.steps; t++) {
    const sum = made.subarray(t * decoder.symbols, (t + 1) * decoder.symbols).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5);
  }
});
