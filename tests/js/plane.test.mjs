// The arithmetic of planes: routes, round numbers, the normal distribution, drawings, coordinates.
import assert from "node:assert/strict";
import test from "node:test";
import { decades, short, steps } from "../../ae_demo/ui/components/curve/ticks.js";
import { roundUp } from "../../ae_demo/ui/components/latent_map/gestures.js";
import { decimalsOf, hub, snap, writePlace } from "../../ae_demo/ui/components/latent_map/hub.js";
import { normalQuantile, normalShare } from "../../ae_demo/ui/components/latent_map/normal.js";
import { prepareDrawing } from "../../ae_demo/ui/components/latent_map/prepare.js";
import { along, sampled, spherical, straight } from "../../ae_demo/ui/components/latent_path/route.js";

const near = (a, b, within = 1e-9) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

test("routes begin and end at their ends", () => {
  for (const way of [
    straight([1, 2], [-3, 0.5]),
    spherical([1, 2], [-3, 0.5]),
    along([
      [1, 2],
      [0, 0],
      [-3, 0.5],
    ]),
  ]) {
    way(0).forEach((v, i) => near(v, [1, 2][i]));
    way(1).forEach((v, i) => near(v, [-3, 0.5][i]));
  }
});

test("a spherical route turns evenly, and so does its distance from the origin change", () => {
  const way = spherical([2, 0], [0, 4]);
  near(Math.hypot(...way(0.5)), 3);
  near(Math.atan2(...way(0.5).reverse()), Math.PI / 4);
  spherical([0, 0], [1, 1])(0.5).forEach((v) => near(v, 0.5)); // through the origin it is straight
});

test("a drawn route has constant speed", () => {
  const places = sampled(
    along([
      [0, 0],
      [3, 0],
      [3, 1],
    ]),
    9,
  );
  const lengths = places.slice(1).map((place, i) => Math.hypot(place[0] - places[i][0], place[1] - places[i][1]));
  lengths.forEach((length) => near(length, 0.5));
});

test("the normal distribution and its inverse", () => {
  for (const [z, share] of [
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1.959963984540054, 0.025],
    [3, 0.9986501019683699],
  ]) {
    near(normalShare(z), share, 2e-7);
    near(normalQuantile(share), z, 1e-5);
  }
  assert.ok(Number.isFinite(normalQuantile(0)));
});

test("ticks are round numbers within the range", () => {
  assert.deepEqual(steps(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(
    steps(-0.3, 0.31, 4).map((v) => Number(v.toFixed(6))),
    [-0.2, 0, 0.2],
  );
  assert.deepEqual(
    decades(0.2, 3).map((v) => Number(v.toPrecision(2))),
    [0.2, 0.5, 1, 2],
  );
  assert.deepEqual(decades(1e-4, 20), [1e-4, 1e-3, 1e-2, 0.1, 1, 10]);
  assert.equal(short(0.00012), "1.2e-4");
  assert.equal(short(1234), "1230");
});

test("steps of a key are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual(
    [0.03, 0.1, 0.11, 6, 1].map(roundUp).map((v) => Number(v.toPrecision(3))),
    [0.05, 0.1, 0.2, 10, 1],
  );
});

test("coordinates have as many decimals as a pixel deserves", () => {
  assert.equal(decimalsOf(0.01), 2);
  assert.equal(decimalsOf(0.0001), 4);
  assert.ok(Object.is(snap(-0.001, 2), 0));
  assert.equal(writePlace([1.234, -0.001]), "z = (1.23, -0.00)");
});

test("the parts of the tab share values, and know who set one", () => {
  const seen = [];
  hub.on("place", (value, source) => seen.push([value, source]));
  hub.set("place", [1, 2], "map");
  assert.deepEqual(hub.get("place"), [1, 2]);
  assert.deepEqual(seen, [[[1, 2], "map"]]);
});

test("a drawing is centred by its mass and scaled as MNIST's digits are", () => {
  const side = 140;
  const grey = new Float32Array(side * side);
  for (let y = 20; y < 60; y++) for (let x = 90; x < 100; x++) grey[y * side + x] = 255; // a bar in a corner
  const picture = prepareDrawing(grey, side, "digit", { width: 28, height: 28, channels: 1 });
  let [mass, across, down] = [0, 0, 0];
  picture.forEach((ink, i) => {
    mass += ink;
    across += ink * ((i % 28) + 0.5);
    down += ink * (Math.floor(i / 28) + 0.5);
  });
  near(across / mass, 14.5, 0.3);
  near(down / mass, 14.5, 0.3);
  const rows = Array.from({ length: 28 }, (_, y) => Math.max(...picture.slice(28 * y, 28 * y + 28)));
  near(rows.filter((ink) => ink > 0.5).length, 20, 1);
  assert.equal(
    prepareDrawing(new Float32Array(side * side), side, "digit", { width: 28, height: 28, channels: 1 }),
    null,
  );
});
