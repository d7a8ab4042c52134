import assert from "node:assert/strict";
import test from "node:test";
import { toCsv } from "../../ae_demo/ui/components/base/download.js";
import { stepsOf } from "../../ae_demo/ui/components/sequence/figures.js";

test("commas, quotes and line breaks are quoted, and a missing value is empty", () => {
  const text = toCsv([
    ["a", 'say "b"', "c,d"],
    [1, null, "x\ny"],
  ]);
  assert.equal(text, '\ufeffa,"say ""b""","c,d"\n1,,"x\ny"\n');
});

test("a series is written in its own unit, each step with its time and all channels", () => {
  const data = { decoder: { features: 2 }, low: -1, high: 3, rate: 10, length: 4 };
  const rows = stepsOf(Float32Array.of(0, 1, 0.5, 0.25), Float32Array.of(1, 0, 0.5, 0.5), data, (key) => key);
  assert.deepEqual(rows, [
    ["s", "input 1", "input 2", "output 1", "output 2"],
    [0, -1, 3, 3, -1],
    [0.2, 1, 0, 1, 1],
  ]);
  const plain = stepsOf([0.5], [0.25], { decoder: { features: 1 } }, (key) => key);
  assert.deepEqual(plain, [
    ["step", "input", "output"],
    [0, 0.5, 0.25],
  ]);
});
