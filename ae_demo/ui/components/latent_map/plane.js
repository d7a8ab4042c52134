// A plane on a canvas: what part of it is seen, and what is painted there. What stays from frame to frame (pictures,
// dots, the prior's circles) is kept in `still`; over it comes what changes now and then, and over the canvas the point.

import { onWidth } from "../base/component.js";
import { COLOURS } from "../base/palette.js";
import { normalQuantile, normalShare } from "./normal.js";
import { makeMarker, paintPrior } from "./paint.js";
import { Tiles } from "./tiles.js";

const LARGEST = 16; // times the first view
const SMALLEST = 1 / 400;

export class Plane {
  // `paintOver(context, plane)` paints over what stays; `look()` gives {pictures, prior, hidden}: what is switched on.
  constructor(canvas, { look, paintOver, viewed = () => {} }) {
    Object.assign(this, { canvas, look, paintOver, viewed });
    this.marker = makeMarker(canvas);
    this.point = [0, 0];
    this.still = document.createElement("canvas");
    this.pictures = document.createElement("canvas");
    this.home = this.view = { x: 0, y: 0, half: 3.2 };
    this.quantiles = false;
    this.busy = () => false; // while it says so, pictures wait
    onWidth(canvas, (width) => {
      this.ratio = window.devicePixelRatio || 1;
      canvas.width = canvas.height = Math.round(width * this.ratio);
      this.changed();
    });
  }

  get side() {
    return this.canvas.width;
  }

  // Another model's plane: `about` from Python, and what of it has come.
  show({ about, model = null, dots = null, grid = null }) {
    Object.assign(this, { about, model, dots, grid });
    this.setAxes(this.quantiles && about.prior);
  }

  setAxes(quantiles) {
    this.quantiles = quantiles;
    this.home = quantiles ? { x: 0.5, y: 0.5, half: 0.5 } : this.about.home;
    this.tiles =
      this.model && new Tiles(this.model, this.home, (at) => this.toLatent(at), quantiles ? null : this.grid);
    this.setView(this.home);
  }

  // Axes are the latent units themselves, or the prior's quantiles Φ(z), in which equal areas are equally likely.

  toAxis(place) {
    return this.quantiles ? place.map(normalShare) : place;
  }

  toLatent(at) {
    return this.quantiles ? at.map(normalQuantile) : at;
  }

  toPixel(place) {
    const { x, y, half } = this.view;
    const unit = this.side / (2 * half);
    if (!this.quantiles) return [(place[0] - x + half) * unit, (y + half - place[1]) * unit];
    return [(normalShare(place[0]) - x + half) * unit, (y + half - normalShare(place[1])) * unit];
  }

  fromPixel([left, top]) {
    const { x, y, half } = this.view;
    const unit = (2 * half) / this.side;
    return this.toLatent([x - half + left * unit, y + half - top * unit]);
  }

  // Latent units per CSS pixel, approximately; it sets the precision of displayed positions.
  get grain() {
    const half = this.quantiles ? this.view.half * 6.4 : this.view.half;
    return (2 * half) / Math.max(1, this.side / (this.ratio || 1));
  }

  setView({ x, y, half }) {
    const { home } = this;
    const most = this.model && !this.quantiles ? LARGEST : 1;
    half = Math.min(home.half * most, Math.max(home.half * SMALLEST, half));
    const room = Math.max(0, home.half * most - half);
    const hold = (at, middle) => Math.min(middle + room, Math.max(middle - room, at));
    this.view = { x: hold(x, home.x), y: hold(y, home.y), half };
    this.changed();
  }

  // `factor` > 1 goes nearer; the place at a pixel stays under it.
  zoom(factor, [left, top] = [this.side / 2, this.side / 2]) {
    const { x, y, half } = this.view;
    const next = Math.min(
      this.home.half * (this.model && !this.quantiles ? LARGEST : 1),
      Math.max(this.home.half * SMALLEST, half / factor),
    );
    const move = (half - next) / this.side;
    this.setView({ x: x + (2 * left - this.side) * move, y: y - (2 * top - this.side) * move, half: next });
  }

  pan(dx, dy) {
    const unit = (2 * this.view.half) / this.side;
    this.setView({ ...this.view, x: this.view.x - dx * unit, y: this.view.y + dy * unit });
  }

  // Moves the view, if it must, so that a place is seen.
  follow(place) {
    const at = this.toAxis(place);
    const { x, y, half } = this.view;
    const edge = 0.92 * half;
    const [dx, dy] = [at[0] - x, at[1] - y].map((d) => Math.sign(d) * Math.max(0, Math.abs(d) - edge));
    if (dx || dy) this.setView({ x: x + dx, y: y + dy, half });
  }

  // Painting

  mark(point) {
    this.point = point;
    const [x, y] = this.toPixel(point).map((v) => v / this.ratio);
    const width = this.side / this.ratio;
    this.marker.style.transform = `translate(${x}px, ${y}px)`;
    this.marker.style.visibility = Math.max(Math.abs(2 * x - width), Math.abs(2 * y - width)) > width ? "hidden" : "";
  }

  changed() {
    if (!this.side || !this.about) return;
    this.viewed();
    this.mark(this.point);
    this.viewChanged = true;
    this.paint();
  }

  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.side || !this.about) return;
      if (this.viewChanged) this.paintView();
      const context = this.canvas.getContext("2d");
      context.drawImage(this.still, 0, 0);
      this.paintOver(context, this);
    });
  }

  paintView() {
    this.viewChanged = false;
    const { side } = this;
    for (const layer of [this.still, this.pictures]) if (layer.width !== side) layer.width = layer.height = side;
    this.paintPictures();
    this.dots?.paint(this, this.look().hidden, COLOURS);
    this.compose();
    this.refine();
  }

  get box() {
    const { x, y, half } = this.view;
    return [x - half, x + half, y - half, y + half];
  }

  // The level whose pictures are some 30 CSS pixels wide.
  get level() {
    const wanted = this.side / this.ratio / 30;
    return Math.round(Math.log2((wanted * this.tiles.size(0)) / (2 * this.view.half)));
  }

  paintPictures() {
    const context = this.pictures.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.side, this.side);
    if (this.grid && !this.quantiles) {
      const unit = this.side / (2 * this.view.half);
      const { x, y, half } = this.home;
      const [left, top] = this.toPixel([x - half, y + half]);
      context.drawImage(this.grid, left, top, 2 * half * unit, 2 * half * unit);
    }
    if (!this.tiles) return;
    const { level, box } = this;
    const finest = this.tiles.within(level, box);
    const make = (cell) => this.tiles.has(cell) || this.tiles.make(cell);
    for (const cell of finest) if (this.tiles.isGiven(cell)) make(cell);
    if (finest.some((cell) => !this.tiles.has(cell))) this.tiles.within(level - 2, box).forEach(make); // never a blank
    const whole = finest.every((cell) => this.tiles.has(cell));
    for (const coarse of whole ? [] : [level - 2, level - 1])
      for (const cell of this.tiles.within(coarse, box)) if (this.tiles.has(cell)) this.paintCell(context, cell);
    for (const cell of finest) if (this.tiles.has(cell)) this.paintCell(context, cell);
  }

  paintCell(context, cell) {
    const { x, y, half } = this.view;
    const unit = this.side / (2 * half);
    const edges = [(cell.x - x + half) * unit, (y + half - cell.y - cell.size) * unit].map(Math.floor);
    this.tiles.draw(context, cell, [...edges, Math.ceil(cell.size * unit) + 1]);
  }

  // Decodes what is missing, a few milliseconds a frame; shows it ten times a second.
  refine() {
    if (!this.tiles || this.refining) return;
    this.refining = requestAnimationFrame(() => {
      this.refining = 0;
      const { level, box } = this;
      const fine = this.tiles.within(level, box).filter((cell) => !this.tiles.has(cell));
      const over = new Set(fine.map(({ i, j }) => `${level - 1},${i >> 1},${j >> 1}`));
      const coarse = this.tiles.within(level - 1, box).filter((cell) => over.has(cell.key) && !this.tiles.has(cell));
      const missing = [...coarse, ...fine];
      const end = performance.now() + 8;
      const made = [];
      while (missing.length && !this.busy()) {
        made.push(missing.shift());
        this.tiles.make(made[made.length - 1]);
        if (performance.now() > end) break;
      }
      // All of them after that: to paint from the tiles' canvas between two of its changes copies it whole each time.
      const context = this.pictures.getContext("2d");
      for (const cell of made)
        for (const painted of [cell, ...this.tiles.inside(cell)]) this.paintCell(context, painted);
      if (!missing.length || performance.now() - (this.composed ?? 0) > 100) {
        this.compose();
        this.paint();
      }
      if (missing.length) this.refine();
    });
  }

  get refined() {
    return !this.tiles || this.tiles.within(this.level, this.box).every((cell) => this.tiles.has(cell));
  }

  compose() {
    this.composed = performance.now();
    const context = this.still.getContext("2d");
    const { pictures, prior, hidden } = this.look();
    const dotted = this.dots && new Set(this.dots.labels).size > hidden.size;
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.side, this.side);
    context.globalAlpha = dotted ? 0.5 : 1; // dots must stand out from the pictures
    if (pictures) context.drawImage(this.pictures, 0, 0);
    context.globalAlpha = 1;
    if (dotted) context.drawImage(this.dots.canvas, 0, 0);
    if (prior && this.about.prior) paintPrior(context, this);
  }
}
