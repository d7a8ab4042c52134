// The sweep of one unit: its number moves between a low and a high value and back until it is stopped.

const PERIOD = 2400; // ms

// The number `elapsed` ms after it was `from`.
export function sweptValue(from, low, high, elapsed) {
  const middle = (low + high) / 2;
  const reach = (high - low) / 2;
  const phase = Math.asin(Math.min(1, Math.max(-1, (from - middle) / (reach || 1))));
  return middle + reach * Math.sin(phase + (2 * Math.PI * elapsed) / PERIOD);
}

// `change(i, value)` is called in each frame.
export class Sweep {
  constructor(change) {
    Object.assign(this, { change, unit: null, frame: 0 });
  }

  get running() {
    return this.unit !== null;
  }

  start(unit, from, low, high) {
    this.unit = unit;
    const began = performance.now();
    const step = (now) => {
      this.change(unit, sweptValue(from, low, high, now - began));
      if (this.running) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  // Returns the unit that was swept, or null.
  stop() {
    const { unit } = this;
    cancelAnimationFrame(this.frame);
    this.unit = null;
    return unit;
  }
}
