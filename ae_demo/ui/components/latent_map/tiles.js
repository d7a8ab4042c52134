// The decoded pictures of a plane, each kept in a slot of one canvas. Level L divides the first view, which is five
// squares wide at level 0, in squares half as wide at each further level.

const GIVEN = 2; // the level whose pictures within the first view came from the server, as one

export class Tiles {
  // `grid`: the first view's pictures at the level `GIVEN`, or null.
  constructor(model, home, toLatent, grid) {
    Object.assign(this, { model, home, toLatent, grid });
    this.columns = Math.max(8, Math.min(44, Math.floor(4096 / Math.max(model.width, model.height))));
    this.atlas = document.createElement("canvas");
    this.atlas.width = this.columns * model.width;
    this.atlas.height = this.columns * model.height;
    this.context = this.atlas.getContext("2d");
    this.image = new ImageData(model.width, model.height);
    this.slots = new Map(); // "level,column,row" to its slot; the one used longest ago comes first
  }

  size(level) {
    return (2 * this.home.half) / 5 / 2 ** level;
  }

  // The squares of a level within a box on the axes, those in the middle first: {key, x, y, size}, x and y its corner.
  within(level, [left, right, lower, upper]) {
    const size = this.size(level);
    const [x0, y0] = [this.home.x - this.home.half, this.home.y - this.home.half];
    const [first, last] = [Math.floor((left - x0) / size), Math.ceil((right - x0) / size)];
    const [low, high] = [Math.floor((lower - y0) / size), Math.ceil((upper - y0) / size)];
    const found = [];
    for (let j = low; j < high; j++)
      for (let i = first; i < last; i++)
        found.push({ key: `${level},${i},${j}`, level, i, j, x: x0 + i * size, y: y0 + j * size, size });
    const far = (cell) => Math.hypot(cell.x + size / 2 - (left + right) / 2, cell.y + size / 2 - (lower + upper) / 2);
    return found.sort((a, b) => far(a) - far(b));
  }

  // The four squares of the next level in this one, those that are there.
  inside({ level, i, j, x, y, size }) {
    const half = size / 2;
    return [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]
      .map(([a, b]) => ({
        key: `${level + 1},${2 * i + a},${2 * j + b}`,
        x: x + a * half,
        y: y + b * half,
        size: half,
      }))
      .filter((cell) => this.has(cell));
  }

  has(cell) {
    return this.slots.has(cell.key);
  }

  make(cell) {
    let slot = this.slots.size;
    if (slot === this.columns ** 2) {
      const [oldest] = this.slots.keys();
      slot = this.slots.get(oldest);
      this.slots.delete(oldest);
    }
    const { width, height } = this.model;
    const [left, top] = [(slot % this.columns) * width, Math.floor(slot / this.columns) * height];
    if (this.isGiven(cell)) {
      const row = 5 * 2 ** GIVEN - 1 - cell.j; // rows of pictures go down, the plane's go up
      this.context.drawImage(this.grid, cell.i * width, row * height, width, height, left, top, width, height);
    } else {
      const middle = this.toLatent([cell.x + cell.size / 2, cell.y + cell.size / 2]);
      this.context.putImageData(this.model.pixels(...middle, this.image), left, top);
    }
    this.slots.set(cell.key, slot);
  }

  isGiven({ level, i, j }) {
    return this.grid && level === GIVEN && Math.min(i, j) >= 0 && Math.max(i, j) < 5 * 2 ** GIVEN;
  }

  draw(context, cell, [x, y, side]) {
    const slot = this.slots.get(cell.key);
    this.slots.delete(cell.key);
    this.slots.set(cell.key, slot); // used just now
    const { width, height } = this.model;
    context.drawImage(
      this.atlas,
      (slot % this.columns) * width,
      Math.floor(slot / this.columns) * height,
      width,
      height,
      x,
      y,
      side,
      side,
    );
  }
}
