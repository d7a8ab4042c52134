// Codes and points of the map, and the scales of the chart.
import assert from "node:assert/strict";
import test from "node:test";
import { rangeOf, shareOf, stopsOf } from "../../ae_demo/ui/components/chart/scale.js";
import { Codes, homeOf, nearestPoint, nextPoint } from "../../ae_demo/ui/components/code_map/nearest.js";
import { Pane, packedOf } from "../../ae_demo/ui/components/code_map/pane.js";

const codes = new Codes(Int8Array.from([0, 0, 10, 0, 0, 20, 100, 100]), Float32Array.from([0.5, 1]));
const points = Float32Array.from([0, 0, 1, 0, 0, 2, -3, 0.5]);
const all = () => true;

test("the nearest codes come in order, with their distances", () => {
  assert.equal(codes.count, 4);
  assert.deepEqual(codes.nearest(codes.of(0), 2, 0), [
    [1, 5],
    [2, 20],
  ]);
  assert.deepEqual(codes.nearest([0, 0], 1), [[0, 0]]);
  assert.equal(codes.nearest([0, 0], 9).length, 4);
});

test("ten neighbours of 10,000 codes of 64 numbers are those of a full sort", () => {
  const many = new Codes(
    Int8Array.from({ length: 640_000 }, (_, i) => ((i * 7919) % 251) - 125),
    new Float32Array(64).fill(1),
  );
  const found = many.nearest(many.of(17), 10, 17);
  const far = (i) => Math.hypot(...many.of(i).map((v, k) => v - many.of(17)[k]));
  const sorted = Array.from({ length: 10_000 }, (_, i) => far(i)).sort((a, b) => a - b);
  found.forEach(([, distance], i) => assert.ok(Math.abs(distance - sorted[i + 1]) < 1e-2));
});

test("points are found by the pointer and by arrow keys", () => {
  assert.equal(nearestPoint(points, [0.9, 0.1], 0.5, all), 1);
  assert.equal(
    nearestPoint(points, [0.9, 0.1], 0.5, (i) => i !== 1),
    -1,
  );
  assert.equal(nextPoint(points, 0, [1, 0], all), 1);
  assert.equal(nextPoint(points, 0, [0, 1], all), 2);
  assert.equal(nextPoint(points, 0, [-1, 0], all), 3);
  assert.equal(nextPoint(points, 0, [0, -1], all), 0);
});

test("a home holds the points", () => {
  const { x, y, half } = homeOf(points);
  assert.deepEqual([x, y], [-1, 1]);
  assert.ok(half >= 2);
  assert.equal(homeOf(Float32Array.from([1, 1, 1, 1])).half, 1);
});

test("zooming keeps the place under the pointer, within limits", () => {
  globalThis.requestAnimationFrame ??= () => 1;
  const pane = new Pane({});
  Object.assign(pane, { side: 100, points });
  pane.setView({ x: 0, y: 0, half: 1 });
  const before = pane.toPlane([20, 30]);
  pane.zoom(4, [20, 30]);
  pane.toPlane([20, 30]).forEach((v, i) => assert.ok(Math.abs(v - before[i]) < 1e-9));
  assert.equal(pane.view.half, 0.25);
  for (let i = 0; i < 20; i++) pane.zoom(0.1);
  assert.equal(pane.view.half, 3);
  assert.equal(packedOf("#010203"), 0xff030201);
});

test("the chart's scales", () => {
  const lines = [
    {
      points: [
        [10, 0.5, 0.1],
        [100, 0.9],
      ],
    },
    { points: [[50, 0.7]] },
  ];
  assert.deepEqual(stopsOf(lines), [10, 50, 100]);
  assert.deepEqual(rangeOf(lines, 0, true), [10, 100]);
  const [low, high] = rangeOf(lines, 1, false);
  assert.ok(low < 0.4 && high > 0.9);
  assert.ok(Math.abs(shareOf(Math.sqrt(1000), [10, 100], true) - 0.5) < 1e-9);
});
