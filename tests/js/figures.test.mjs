// What is read off sequences in the page.
import assert from "node:assert/strict";
import test from "node:test";
import {
  errorsOf,
  lettersOf,
  mix,
  pathOf,
  percentileOf,
  short,
  standing,
  ticks,
  wordOf,
} from "../../ae_demo/ui/components/sequence/figures.js";

const probabilities = (rows) =>
  Float32Array.from(rows.flatMap((row) => Array.from({ length: 27 }, (_, s) => row[s] ?? 0)));

test("errors are means over the channels", () => {
  assert.deepEqual([...errorsOf([0, 1, 1, 1], [0, 0, 1, 3], 2)], [0.5, 2]);
});

test("a word is the likeliest letters, without the blanks at its end", () => {
  const { word, certainty } = wordOf(probabilities([{ 3: 1 }, { 1: 0.75, 5: 0.25 }, { 20: 1 }, { 0: 1 }]));
  assert.deepEqual([word, certainty], ["cat", 0.75]);
});

test("the letters have their surprise in bits", () => {
  const [first, second] = lettersOf([3, 1], probabilities([{ 3: 0.5, 4: 0.25 }, { 2: 1 }]));
  assert.deepEqual([first.given, first.best[0].letter, first.best[1].letter, first.bits], ["c", "c", "d", 1]);
  assert.deepEqual([second.given, second.best[0].letter, second.bits], ["a", "b", 99]);
});

test("an error has its place among the quantiles", () => {
  const quantiles = [1, 2, 4];
  assert.deepEqual(
    [0.5, 1, 1.5, 3, 4, 9].map((error) => percentileOf(error, quantiles)),
    [0, 0, 25, 75, 100, 100],
  );
});

test("an error above the threshold is unusual, whatever its percentile", () => {
  const data = { quantiles: [1, 2, 4], threshold: 1.5 };
  const say = (key) => key;
  assert.deepEqual(standing(1.8, data, say), [["unusual", "40 %", true]]);
  assert.deepEqual(standing(1.2, data, say), [["usual", "10 %", false]]);
  assert.deepEqual(standing(1.2, {}, say), []);
});

test("a path fills its box from left to right", () => {
  assert.equal(pathOf([0, 1, 0.5], 0, 1), "M0.0 100.00L500.0 0.00L1000.0 50.00");
  assert.equal(pathOf([0, 9, 1, 9], 0, 1, 2), "M0.0 100.00L1000.0 0.00");
});

test("ticks are round and within the scale", () => {
  assert.deepEqual(ticks(-0.3, 1.1), [0, 0.5, 1]);
  assert.ok(ticks(3, 3).length <= 1);
});

test("numbers are short", () => {
  assert.deepEqual([0, 0.5, 12.345, 1e-5, 123456].map(short), ["0", "0.5", "12.3", "1.0e-5", "1.2e+5"]);
});

test("a mixture lies between its ends", () => {
  assert.deepEqual([...mix([0, 2], [1, 4], 0.5)], [0.5, 3]);
});
