// Codes, and which of them are nearest to one.

export class Codes {
  // `codes`: int8, N × D; `scale`: of each of the D numbers. Kept as floats, so that a search takes a few milliseconds.
  constructor(codes, scale) {
    this.numbers = scale.length;
    this.count = codes.length / this.numbers;
    this.values = new Float32Array(codes.length);
    for (let i = 0; i < codes.length; i++) this.values[i] = codes[i] * scale[i % this.numbers];
  }

  of(index) {
    return this.values.subarray(index * this.numbers, (index + 1) * this.numbers);
  }

  // The `count` codes nearest to `code`, nearest first, as [index, distance]; `without` (an index) is left out.
  nearest(code, count, without = -1) {
    const { values, numbers } = this;
    const found = []; // in order; short, so that insertion is cheap
    let worst = Number.POSITIVE_INFINITY;
    for (let i = 0, at = 0; i < this.count; i++, at += numbers) {
      let sum = 0;
      for (let k = 0; k < numbers; k++) {
        const far = values[at + k] - code[k];
        sum += far * far;
      }
      if (sum >= worst || i === without) continue;
      let place = found.length;
      while (place > 0 && found[place - 1][1] > sum) place--;
      found.splice(place, 0, [i, sum]);
      if (found.length > count) found.pop();
      if (found.length === count) worst = found[count - 1][1];
    }
    return found.map(([index, sum]) => [index, Math.sqrt(sum)]);
  }
}

// The point nearest to a place, of those for which `visible(index)`, within `reach`; −1 if there is none.
export function nearestPoint(points, [x, y], reach, visible) {
  let best = reach * reach;
  let found = -1;
  for (let i = 0; i < points.length / 2; i++) {
    const far = (points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2;
    if (far < best && visible(i)) [best, found] = [far, i];
  }
  return found;
}

// The point to go to from point `from` in a direction: the nearest in the quarter of the plane that lies there.
export function nextPoint(points, from, [dx, dy], visible) {
  let best = Number.POSITIVE_INFINITY;
  let found = from;
  for (let i = 0; i < points.length / 2; i++) {
    const [x, y] = [points[2 * i] - points[2 * from], points[2 * i + 1] - points[2 * from + 1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (i === from || ahead <= 0 || aside > ahead || !visible(i)) continue;
    const far = x * x + y * y;
    if (far < best) [best, found] = [far, i];
  }
  return found;
}

// A square that contains all points except outliers: {x, y, half}.
export function homeOf(points) {
  const spans = [0, 1].map((axis) => {
    const sorted = points.filter((_, i) => i % 2 === axis).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    return [at(0.002), at(0.998)];
  });
  const [x, y] = spans.map(([low, high]) => (low + high) / 2);
  const half = 0.55 * Math.max(...spans.map(([low, high]) => high - low));
  return { x, y, half: half || 1 };
}
