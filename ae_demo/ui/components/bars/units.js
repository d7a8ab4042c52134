// The units of a sparse code as tiles: each shows the picture of a code that has this unit alone.

import { paint } from "./output.js";

const MAX_TILES = 96;

// The units with the largest numbers, in their order.
export function largestUnits(numbers, count = MAX_TILES) {
  const units = Array.from(numbers, (_, i) => i);
  if (units.length <= count) return units;
  return units
    .sort((a, b) => numbers[b] - numbers[a])
    .slice(0, count)
    .sort((a, b) => a - b);
}

// `high`: the number that each unit is drawn with; `choose(i)`, `toggle(i)` and `read(i or null)` follow the pointer.
export function drawUnits(box, units, high, { model, shape, choose, toggle, read }) {
  box.replaceChildren(
    ...units.map((i) => {
      const alone = new Float32Array(high.length);
      alone[i] = high[i];
      const tile = Object.assign(document.createElement("button"), { type: "button" });
      tile.dataset.unit = i;
      tile.setAttribute("aria-label", `z[${i}]`);
      tile.append(paint(document.createElement("canvas"), model.decodeCode(alone), shape));
      tile.addEventListener("click", () => choose(i));
      tile.addEventListener("dblclick", () => toggle(i));
      tile.addEventListener("pointerenter", () => read(i));
      tile.addEventListener("pointerleave", () => read(null));
      return tile;
    }),
  );
}

// Shows how active each unit is, and which one is edited. `written(value)`: a number as text.
export function markUnits(box, numbers, high, chosen, written) {
  for (const tile of box.children) {
    const i = Number(tile.dataset.unit);
    tile.style.setProperty("--share", Math.min(1, Math.max(0, numbers[i] / (high[i] || 1))).toFixed(3));
    tile.setAttribute("aria-pressed", i === chosen);
    tile.title = `z[${i}] = ${written(numbers[i])}`;
  }
}
