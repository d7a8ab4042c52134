// One map: a canvas that shows points of a plane as dots, and close up as pictures.
//
// Dots are written into an ImageData, which takes some two milliseconds for 10,000; painted at most once a frame.

import { nearestPoint } from "./nearest.js";

const MAX_PICTURES = 220; // in view, from which on down they are shown in place of dots
const FARTHEST = 3; // times the whole map
const NEAREST = 1 / 400;

export class Pane {
  constructor(canvas) {
    this.canvas = canvas;
    this.side = 0; // pixels of the canvas
    this.ratio = 1;
    this.home = this.view = { x: 0, y: 0, half: 1 };
    this.points = new Float32Array(0);
    this.painted = 0; // frames so far, for measuring
    this.changed = () => {};
  }

  // `points`: x₀ y₀ x₁ y₁ …; `colours`: packed, one a point; `visible(index)`; `sheet`: (context, index, x, y, side) => …
  show({ points, home, colours, visible, draw }) {
    Object.assign(this, { points, home, colours, visible, draw });
    this.setView(home);
  }

  resize(width) {
    this.ratio = window.devicePixelRatio || 1;
    this.side = this.canvas.width = this.canvas.height = Math.round(width * this.ratio);
    this.image = null;
    this.paintSoon();
  }

  setView(view) {
    const half = Math.min(FARTHEST * this.home.half, Math.max(NEAREST * this.home.half, view.half));
    if (half === this.view.half && half !== view.half) return;
    this.view = { ...view, half };
    this.paintSoon();
    this.changed();
  }

  pan(dx, dy) {
    const unit = (2 * this.view.half) / this.side;
    this.setView({ ...this.view, x: this.view.x - dx * unit, y: this.view.y + dy * unit });
  }

  zoom(factor, pixel = [this.side / 2, this.side / 2]) {
    const [x, y] = this.toPlane(pixel);
    const half = Math.min(FARTHEST * this.home.half, Math.max(NEAREST * this.home.half, this.view.half / factor));
    const kept = half / this.view.half;
    if (kept === 1) return;
    this.setView({ x: x + (this.view.x - x) * kept, y: y + (this.view.y - y) * kept, half });
  }

  toPlane([left, top]) {
    const unit = (2 * this.view.half) / this.side;
    return [this.view.x - this.view.half + left * unit, this.view.y + this.view.half - top * unit];
  }

  toPixel([x, y]) {
    const unit = this.side / (2 * this.view.half);
    return [(x - this.view.x + this.view.half) * unit, (this.view.y + this.view.half - y) * unit];
  }

  pointOf(index) {
    return [this.points[2 * index], this.points[2 * index + 1]];
  }

  // The point at a pixel, or −1.
  at(pixel) {
    const unit = (2 * this.view.half) / this.side;
    return nearestPoint(this.points, this.toPlane(pixel), 14 * this.ratio * unit, this.visible);
  }

  paintSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
    });
  }

  paint() {
    const { side } = this;
    if (!side || !this.points.length) return;
    const context = this.canvas.getContext("2d");
    const inView = this.inView();
    this.image ??= context.createImageData(side, side);
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    const pictures = inView.length <= MAX_PICTURES;
    if (!pictures) this.writeDots(pixels, inView);
    context.putImageData(this.image, 0, 0);
    if (pictures) this.drawPictures(context, inView);
    this.mark?.(context);
    this.painted++;
  }

  inView() {
    const { x, y, half } = this.view;
    const reach = 1.03 * half;
    const found = [];
    for (let i = 0; i < this.points.length / 2; i++) {
      const [dx, dy] = [this.points[2 * i] - x, this.points[2 * i + 1] - y];
      if (dx < reach && dx > -reach && dy < reach && dy > -reach && this.visible(i)) found.push(i);
    }
    return found;
  }

  writeDots(pixels, inView) {
    const { side, view, points, colours } = this;
    const zoom = Math.max(1, this.home.half / view.half);
    const stamp = stampOf(this.ratio * Math.min(5, 1.6 * zoom ** 0.35) * (side / this.ratio < 400 ? 0.8 : 1));
    const unit = side / (2 * view.half);
    const [left, top] = [view.x - view.half, view.y + view.half];
    for (const i of inView) {
      const x = Math.round((points[2 * i] - left) * unit);
      const y = Math.round((top - points[2 * i + 1]) * unit);
      const colour = colours[i];
      for (let k = 0; k < stamp.length; k += 3) {
        const column = x + stamp[k];
        const row = y + stamp[k + 1];
        if (column < 0 || row < 0 || column >= side || row >= side) continue;
        const at = row * side + column;
        if (stamp[k + 2] === 255) pixels[at] = colour;
        else if (!pixels[at]) pixels[at] = (colour & 0xffffff) | (stamp[k + 2] << 24);
      }
    }
  }

  drawPictures(context, inView) {
    const side = Math.round(this.ratio * Math.min(48, Math.max(22, (this.side / this.ratio) * 0.055)));
    context.imageSmoothingEnabled = true;
    for (const i of inView) {
      const [x, y] = this.toPixel(this.pointOf(i));
      const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)];
      this.draw(context, i, left, top, side);
      context.strokeStyle = cssOf(this.colours[i]);
      context.lineWidth = 1.5 * this.ratio;
      context.strokeRect(left, top, side, side);
    }
  }

  ring(context, [x, y], radius, colour, width = 2) {
    context.beginPath();
    context.arc(...this.toPixel([x, y]), radius * this.ratio, 0, 7);
    context.strokeStyle = colour;
    context.lineWidth = width * this.ratio;
    context.stroke();
  }
}

// "#rrggbb" as a pixel of an ImageData, whose bytes are red, green, blue, alpha.
export const packedOf = (hex) => {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
};
const cssOf = (packed) => `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;

// The pixels of a dot about its middle: dx, dy, the share of 255 that it covers, …
function stampOf(radius) {
  const reach = Math.ceil(radius);
  const stamp = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      const share = Math.min(1, radius + 0.5 - Math.hypot(dx, dy));
      if (share > 0.05) stamp.push(dx, dy, share > 0.95 ? 255 : Math.round(255 * share));
    }
  return stamp;
}
