import assert from "node:assert/strict";
import test from "node:test";
import { readOrder, writeOrder } from "../../ae_demo/ui/components/gallery/select.js";
import { placeAfter } from "../../ae_demo/ui/components/style_sheet/controls.js";
import { gradualGrid, layOut } from "../../ae_demo/ui/components/style_sheet/grid.js";
import { verdict } from "../../ae_demo/ui/components/style_sheet/verdict.js";
import { between, sampleNormal } from "../../ae_demo/ui/components/style_sheet/walk.js";

test("keys move among labels and stop at the ends", () => {
  assert.equal(placeAfter("ArrowRight", 3, 10), 4);
  assert.equal(placeAfter("ArrowUp", 3, 10), 2);
  assert.equal(placeAfter("ArrowRight", 9, 10), 9);
  assert.deepEqual([placeAfter("Home", 5, 10), placeAfter("End", 5, 10)], [0, 9]);
  assert.equal(placeAfter("Enter", 5, 10), null);
});

test("a walk begins and ends at its styles, and is half way at half time", () => {
  const [a, b] = [
    [0, 2],
    [4, -2],
  ];
  assert.deepEqual(between(a, b, 0), a);
  assert.deepEqual(between(a, b, 1), b);
  assert.deepEqual(between(a, b, 3), b);
  between(a, b, 0.5).forEach((v, i) => assert.ok(Math.abs(v - (a[i] + b[i]) / 2) < 1e-12));
});

test("samples have mean 0 and variance 1", () => {
  const all = Array.from({ length: 20000 }, sampleNormal);
  const mean = all.reduce((sum, v) => sum + v, 0) / all.length;
  const variance = all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length;
  assert.ok(Math.abs(mean) < 0.05 && Math.abs(variance - 1) < 0.07, `${mean} ${variance}`);
});

test("the rows of a sheet stand below one another, and nothing overlaps the corner", () => {
  const corner = { width: 28, height: 28 };
  for (const columns of [10, 5, 11]) {
    const rows = [
      { width: columns * 28, height: 28 },
      { width: 11 * 28, height: 8 * 28 },
    ];
    const { width, height, places } = layOut(corner, rows, 4, 16);
    assert.ok(places[0][0] >= 4 * 28, `${columns} columns over the corner`);
    assert.equal(places[1][1], places[0][3] + 16);
    assert.equal(height, places[1][1] + places[1][3]);
    for (const [left, , wide] of places) assert.equal(left + wide, width);
  }
});

test("an order survives the way to a link and back", () => {
  for (const order of [
    { key: "psnr", down: true },
    { key: "psnr_gaussian_0.3", down: false },
    { key: "", down: false },
  ])
    assert.deepEqual(readOrder(writeOrder(order)), order);
});

test("the verdict names the two labels of the lowest bounds", () => {
  const texts = {
    no_source: "none",
    inferred: "{label} {score}, {next} {other}.",
    corrected: "kept",
    accuracy: "{share} %",
  };
  const about = { nameOf: (label) => "abc"[label], say: (key) => texts[key], corrected: false, accuracy: null };
  const found = [{ score: 90.04 }, { score: 70.26 }, { score: 80 }];
  assert.equal(verdict(found, about), "b 70.3, c 80.0.");
  assert.equal(verdict(found, { ...about, accuracy: 0.987 }), "b 70.3, c 80.0. 98.7 %");
  assert.equal(verdict(found, { ...about, corrected: true }), "kept");
  assert.equal(verdict(null, about), "none");
});

test("a gradual grid computes some pictures in each frame, and drops what is left of another filling", () => {
  const frames = [];
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  globalThis.cancelAnimationFrame = (frame) => delete frames[frame - 1];
  const nextFrame = () => {
    for (const callback of frames.splice(0)) callback?.();
  };
  const painted = [];
  const canvas = { width: 0, height: 0, getContext: () => null };
  const fill = gradualGrid(canvas, 2);
  const paintsOf = (name) => (items) => items.map((item) => (_, x, y) => painted.push([name + item, x, y]));
  fill(2, ["a", "b", "c"], paintsOf("old "), { width: 4, height: 3 });
  assert.deepEqual([canvas.width, canvas.height, painted.length], [8, 6, 0]);
  nextFrame();
  assert.deepEqual(painted.splice(0), [
    ["old a", 0, 0],
    ["old b", 4, 0],
  ]);
  fill(2, ["a", "b", "c"], paintsOf("new "), { width: 4, height: 3 });
  nextFrame();
  nextFrame();
  nextFrame();
  assert.deepEqual(
    painted.map(([name]) => name),
    ["new a", "new b", "new c"],
  );
  assert.deepEqual(painted[2], ["new c", 0, 3]);
});
