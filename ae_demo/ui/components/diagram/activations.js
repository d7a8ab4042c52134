// The output of one layer: feature maps or units on a common scale about zero, or a picture. A unit is read by the pointer
// or the arrow keys, and a map or the picture is enlarged beside the grid.

import { loadPicture } from "../base/component.js";

const GAP = 3;
const TILE = { least: 40, most: 72 }; // CSS pixels of a map
const CELL = { least: 9, most: 20 }; // of a unit
const LENS = 168;

// The colours of -1 … 1 as 255 triples, from those of the ends and of zero.
export function ramp(negative, zero, positive) {
  return Array.from({ length: 255 }, (_, i) => {
    const share = Math.abs(i - 127) / 127;
    const end = i < 127 ? negative : positive;
    return zero.map((from, c) => Math.round(from + share * (end[c] - from)));
  });
}

// How `count` tiles fill a width: as large as fits in `rows`, between two sizes.
export function arrange(count, width, { least, most }, rows) {
  let side = most;
  while (side > least && Math.ceil(count / Math.max(1, Math.floor(width / (side + GAP)))) > rows) side -= 1;
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (side + GAP))));
  return { side, columns, rows: Math.ceil(count / columns) };
}

export const short = (value) => (value === 0 ? "0" : String(Number(value.toPrecision(3))));

const parse = (colour) => colour.match(/\w\w/g).map((part) => Number.parseInt(part, 16));

export class Activations {
  // `say`: the texts; `read(text)`: shows what is read of a unit.
  constructor(section, say, read) {
    Object.assign(this, { section, say, read, layer: null, coming: null, at: null, pixels: null, plan: null });
    this.grid = section.querySelector(".grid");
    this.lens = section.querySelector(".lens");
    this.grid.addEventListener("pointermove", (event) => this.point(event));
    this.grid.addEventListener("pointerdown", (event) => this.point(event));
    this.grid.addEventListener("pointerleave", () => this.choose(null));
    this.grid.addEventListener("blur", () => this.choose(null));
    this.grid.addEventListener("keydown", (event) => this.step(event));
  }

  async show(layer) {
    this.coming = layer;
    let pixels = null;
    if (layer.uri) {
      const picture = await loadPicture(layer.uri);
      if (this.coming !== layer) return; // another one came meanwhile
      const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(picture, 0, 0);
      pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    }
    Object.assign(this, { layer, pixels });
    this.draw();
  }

  // What the header says of the layer.
  about({ kind, shape, size, values, numbers }) {
    const sides = (lengths) => lengths.join("×");
    const fill = (key, ...given) => given.reduce((text, each, i) => text.replace(`{${i}}`, each), this.say(key));
    if (kind === "picture") return `${sides(shape)} · ${this.say("picture")}`;
    if (kind === "units")
      return values.length < shape[0]
        ? fill("units_of", shape[0].toLocaleString(), values.length.toLocaleString())
        : fill("units", shape[0].toLocaleString());
    const [count, given] = shape.length === 3 && shape[2] > 1 ? [shape[0], shape.slice(1)] : [1, shape];
    const maps = fill(numbers.length < count ? "maps_of" : "maps", count, sides(given), numbers.length);
    return sides(size) === sides(given) || count === 1 ? maps : `${maps}, ${fill("averaged", sides(size))}`;
  }

  draw() {
    const { layer, lens } = this;
    if (!layer?.kind) return;
    const room = this.section.querySelector(".units").clientWidth;
    const one = layer.kind === "picture" || (layer.kind === "maps" && layer.numbers.length === 1);
    const wide = layer.kind !== "units" && !one && room > 560;
    lens.hidden = !wide;
    const width = wide ? room - LENS - 16 : room;
    if (!width) return;
    if (one) {
      const [h, w] = [this.pixels.height, this.pixels.width];
      const side = Math.max(1, Math.min(width / w, 260 / h));
      this.plan = { columns: 1, rows: 1, across: side * w, down: side * h, gap: 0 };
    } else if (layer.kind === "maps") {
      const [h, w] = layer.size;
      const { side, columns, rows } = arrange(layer.numbers.length, width, TILE, 5);
      const share = side / Math.max(h, w);
      this.plan = { columns, rows, across: share * w, down: share * h, gap: GAP };
    } else {
      const { side, columns, rows } = arrange(layer.values.length, width, CELL, 12);
      this.plan = { columns, rows, across: side, down: side, gap: side > 12 ? 2 : 1 };
    }
    this.paint();
  }

  paint() {
    const { layer, grid, plan } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [
      plan.columns * (plan.across + plan.gap) - plan.gap,
      plan.rows * (plan.down + plan.gap) - plan.gap,
    ];
    Object.assign(grid, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(grid.style, { width: `${width}px`, height: `${height}px` });
    const context = grid.getContext("2d");
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    const style = getComputedStyle(this.section);
    this.colours = ramp(...["--negative", "--zero", "--positive"].map((name) => parse(style.getPropertyValue(name))));
    if (layer.kind === "units") {
      layer.values.forEach((value, i) => {
        context.fillStyle = `rgb(${this.colours[Math.round(127 * Math.max(-1, Math.min(1, value / (layer.scale || 1)))) + 127]})`;
        context.fillRect(...this.corner(i), plan.across, plan.down);
      });
    } else {
      const sheet = this.sheet();
      const count = layer.kind === "maps" ? layer.numbers.length : 1;
      const tall = sheet.height / count;
      for (let i = 0; i < count; i++)
        context.drawImage(sheet, 0, i * tall, sheet.width, tall, ...this.corner(i), plan.across, plan.down);
    }
    this.mark(context);
    this.say_unit();
  }

  corner(i) {
    const { columns, across, down, gap } = this.plan;
    return [(i % columns) * (across + gap), Math.floor(i / columns) * (down + gap)];
  }

  // The maps in colours, one above another, or the picture as it is.
  sheet() {
    const { width, height, data } = this.pixels;
    const sheet = Object.assign(document.createElement("canvas"), { width, height });
    const image = new ImageData(width, height);
    for (let i = 0; i < data.length; i += 4) {
      const colour = this.layer.kind === "maps" ? this.colours[data[i] - 1] : data.subarray(i, i + 3);
      image.data.set(colour, i);
      image.data[i + 3] = 255;
    }
    sheet.getContext("2d").putImageData(image, 0, 0);
    this.shown = sheet;
    return sheet;
  }

  get count() {
    return this.layer.kind === "units" ? this.layer.values.length : (this.layer.numbers?.length ?? 1);
  }

  // The unit under the pointer: {i, x, y}, x and y the pixel of its map.
  point(event) {
    if (!this.plan) return;
    const { columns, across, down, gap } = this.plan;
    const box = this.grid.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const [column, row] = [Math.floor(x / (across + gap)), Math.floor(y / (down + gap))];
    const i = row * columns + column;
    if (column < 0 || column >= columns || i < 0 || i >= this.count) return void this.choose(null);
    const within = (place, length) => Math.min(0.999, Math.max(0, place / length));
    this.choose({ i, x: within(x - column * (across + gap), across), y: within(y - row * (down + gap), down) });
  }

  step(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.plan?.columns, ArrowDown: this.plan?.columns }[
      event.key
    ];
    if (!move || !this.layer?.kind) return;
    event.preventDefault();
    const i = this.at ? this.at.i + move : 0;
    if (i >= 0 && i < this.count) this.choose({ i, x: null, y: null });
  }

  choose(at) {
    if (!this.layer?.kind || !this.plan) return;
    const other = at?.i !== this.at?.i;
    this.at = at;
    if (other) this.paint();
    else this.say_unit();
  }

  mark(context) {
    if (!this.at || this.count === 1 || this.at.i >= this.count) return;
    const [x, y] = this.corner(this.at.i);
    context.strokeStyle = getComputedStyle(this.section).getPropertyValue("--ae-ink");
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, this.plan.across - 2, this.plan.down - 2);
  }

  // The number and the value of the unit that is read; of a map, also of the pixel under the pointer.
  say_unit() {
    const { layer, at } = this;
    if (!at || at.i >= this.count) {
      this.read("");
      this.enlarge(this.count > 1 && layer.kind === "maps" ? 0 : null);
      return;
    }
    if (layer.kind === "units") return void this.read(`${this.say("unit")} ${at.i}: ${short(layer.values[at.i])}`);
    this.enlarge(layer.kind === "maps" ? at.i : null);
    const [h, w] = layer.kind === "maps" ? layer.size : [this.pixels.height, this.pixels.width];
    const name = this.count > 1 ? `${this.say("map")} ${layer.numbers[at.i]}` : "";
    if (at.x === null) {
      const values = Array.from({ length: h * w }, (_, k) => this.level(at.i, k % w, Math.floor(k / w)));
      return void this.read(`${name} ${short(Math.min(...values))} … ${short(Math.max(...values))}`.trim());
    }
    const [x, y] = [Math.floor(at.x * w), Math.floor(at.y * h)];
    const start = 4 * (y * w + x);
    const value =
      layer.kind === "maps"
        ? short(this.level(at.i, x, y))
        : Array.from(this.pixels.data.subarray(start, start + (layer.shape[0] === 3 ? 3 : 1)), (v) =>
            (v / 255).toFixed(2),
          ).join(" ");
    this.read([name, `${this.say("row")} ${y}, ${this.say("column")} ${x}: ${value}`].filter(Boolean).join(" · "));
  }

  // The value at a pixel of a map.
  level(i, x, y) {
    const [h, w] = this.layer.size;
    return ((this.pixels.data[4 * ((i * h + y) * w + x)] - 128) / 127) * this.layer.scale;
  }

  enlarge(i) {
    const { lens, layer } = this;
    if (i === null || lens.hidden) return;
    const [h, w] = layer.size;
    const share = LENS / Math.max(h, w);
    const ratio = window.devicePixelRatio || 1;
    Object.assign(lens, { width: Math.round(share * w * ratio), height: Math.round(share * h * ratio) });
    Object.assign(lens.style, { width: `${share * w}px`, height: `${share * h}px` });
    const context = lens.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.shown, 0, i * h, w, h, 0, 0, lens.width, lens.height);
  }
}
