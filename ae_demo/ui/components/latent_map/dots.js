// The encodings of test pictures, blended into a picture of their own: where dots overlap they cover more, and glow.

import { normalShare } from "./normal.js";

export class Dots {
  constructor({ header, array }) {
    this.codes = array("codes"); // x₀ y₀ x₁ y₁ …
    this.labels = array("labels");
    this.canvas = document.createElement("canvas");
    this.count = header.arrays.labels.shape[0];
  }

  // Where the dots lie on a plane, in pixels: x₀ y₀ x₁ y₁ …
  place(plane) {
    this.at ??= new Float32Array(2 * this.count);
    const { x, y, half } = plane.view;
    const unit = plane.side / (2 * half);
    for (let i = 0; i < 2 * this.count; i += 2) {
      const [u, v] = [this.codes[i], this.codes[i + 1]];
      this.at[i] = ((plane.quantiles ? normalShare(u) : u) - x + half) * unit;
      this.at[i + 1] = (y + half - (plane.quantiles ? normalShare(v) : v)) * unit;
    }
  }

  paint(plane, hidden, colours) {
    const { side } = plane;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(side, side);
    const { data } = image;
    const zoom = Math.max(1, plane.home.half / plane.view.half);
    const radius = plane.ratio * Math.min(5, 1.5 * zoom ** 0.35);
    const cover = Math.min(0.95, 0.6 * zoom ** 0.15);
    const rgb = colours.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
    const { dx, dy, share } = stampOf(radius);
    this.place(plane);
    for (let i = 0; i < this.count; i++) {
      const left = Math.round(this.at[2 * i]);
      const top = Math.round(this.at[2 * i + 1]);
      if (!(left > -radius && top > -radius && left < side + radius && top < side + radius)) continue;
      if (hidden.has(this.labels[i])) continue;
      const colour = rgb[this.labels[i] % rgb.length];
      for (let k = 0; k < dx.length; k++) {
        const column = left + dx[k];
        const row = top + dy[k];
        if (column >= 0 && row >= 0 && column < side && row < side)
          blend(data, 4 * (row * side + column), colour, share[k] * cover);
      }
    }
    context.putImageData(image, 0, 0);
  }

  // The dot nearest to a pixel of the plane that was painted last, if one lies within reach: its index, or -1.
  nearest([x, y], reach, hidden) {
    let best = reach * reach;
    let found = -1;
    for (let i = 0; this.at && i < this.count; i++) {
      const far = (this.at[2 * i] - x) ** 2 + (this.at[2 * i + 1] - y) ** 2;
      if (far < best && !hidden.has(this.labels[i])) [best, found] = [far, i];
    }
    return found;
  }

  // The class of most of the `count` test pictures nearest to a place, and its share of them.
  neighbours([x, y], count = 15) {
    const far = Float32Array.from(
      { length: this.count },
      (_, i) => (this.codes[2 * i] - x) ** 2 + (this.codes[2 * i + 1] - y) ** 2,
    );
    const limit = Float32Array.from(far).sort()[count - 1];
    const votes = new Map();
    for (let i = 0; i < this.count; i++)
      if (far[i] <= limit) votes.set(this.labels[i], (votes.get(this.labels[i]) ?? 0) + 1);
    const [kind, most] = [...votes].sort((a, b) => b[1] - a[1])[0];
    return { kind, share: most / [...votes.values()].reduce((a, b) => a + b) };
  }
}

// The pixels of a dot about its middle, and the share of each that it covers.
function stampOf(radius) {
  const reach = Math.ceil(radius);
  const stamp = { dx: [], dy: [], share: [] };
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      const share = Math.min(1, radius + 0.5 - Math.hypot(dx, dy));
      if (share <= 0) continue;
      stamp.dx.push(dx);
      stamp.dy.push(dy);
      stamp.share.push(share);
    }
  return stamp;
}

function blend(data, at, colour, alpha) {
  const under = data[at + 3] / 255;
  const rest = under * (1 - alpha);
  const over = alpha + rest;
  const glow = 0.4 * under * under; // of a dot upon others
  for (let c = 0; c < 3; c++)
    data[at + c] = ((colour[c] + (255 - colour[c]) * glow) * alpha + data[at + c] * rest) / over;
  data[at + 3] = 255 * over;
}
