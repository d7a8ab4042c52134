// The arithmetic of the anomaly threshold.
import assert from "node:assert/strict";
import test from "node:test";
import {
  confusion,
  galleries,
  histogram,
  quantile,
  rocCurve,
  shareBelow,
  toCsv,
} from "../../ae_demo/ui/components/detection/figures.js";

const SCORES = [0.1, 0.4, 0.35, 0.8];
const LABELS = [0, 0, 1, 1];

test("quantiles interpolate, and the share below is their inverse at the ends", () => {
  assert.equal(quantile([0, 1, 2], 0.75), 1.5);
  assert.equal(quantile([5], 0.3), 5);
  assert.equal(shareBelow([0, 1, 2, 3], 1.5), 0.5);
  assert.equal(shareBelow([0, 1], 9), 1);
});

test("the confusion table counts each sample once", () => {
  const { tp, fp, fn, tn, precision, recall, f1 } = confusion(SCORES, LABELS, 0.37);
  assert.deepEqual([tp, fp, fn, tn], [1, 1, 1, 1]);
  assert.deepEqual([precision, recall, f1], [0.5, 0.5, 0.5]);
  assert.equal(confusion(SCORES, LABELS, 9).precision, 0);
});

test("the area under the ROC curve is that of scikit-learn's example, and equal scores count half", () => {
  assert.equal(rocCurve(SCORES, LABELS).area, 0.75);
  assert.equal(rocCurve([1, 1, 1, 1], LABELS).area, 0.5);
  assert.equal(rocCurve(SCORES, [0, 0, 0, 0]).area, null);
  assert.deepEqual(rocCurve(SCORES, LABELS).points.at(-1), [1, 1]);
});

test("a histogram holds every sample, and its axis is inverted exactly", () => {
  for (const scores of [SCORES, [1e-4, 3e-3, 0.2, 5], [2, 2, 2, 2], [-1, 0, 0, 3]]) {
    const { bins, place, value } = histogram(scores, LABELS, scores[1]);
    assert.equal(
      bins.flat().reduce((a, b) => a + b),
      4,
    );
    for (const score of scores) assert.ok(Math.abs(value(place(score)) - score) < 1e-9);
  }
});

test("galleries show the ends, and both sides of the threshold", () => {
  const shown = galleries([5, 1, 4, 2, 3], 2.5, 2);
  assert.deepEqual(shown, { normal: [1, 3], nearest: [3, 4], anomalous: [0, 2] });
  assert.deepEqual(galleries([1, 2], 9, 2).nearest, [0, 1]);
});

test("the table is CSV, the most unusual sample first", () => {
  const text = toCsv({ scores: [1, 3], names: ['a,"b"', "c"], labels: null }, 2);
  assert.equal(text, 'sample,score,threshold,anomaly\nc,3,2,1\n"a,""b""",1,2,0\n');
});
