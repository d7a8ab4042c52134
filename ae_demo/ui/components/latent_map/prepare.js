// A drawing (white ink on black, any square) as the pixels that the models were trained on; for 28 × 28 what
// ae_demo/data/digits.py does to a picture, without the steps that only photographs need (paper, shadows, specks).

const FIELD = 28;

// `grey`: side × side numbers 0…255; `kind` "digit", "garment", or "whole" for any size. Gives Float32Array(C·H·W) in
// [0, 1], or null for an empty sheet.
export function prepareDrawing(grey, side, kind, { width, height, channels }) {
  let left = side,
    right = -1,
    top = side,
    bottom = -1,
    mass = 0,
    across = 0,
    down = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const ink = grey[y * side + x];
      mass += ink;
      across += ink * (x + 0.5);
      down += ink * (y + 0.5);
      if (ink < (kind === "digit" ? 128 : 21)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  if (right < 0) return null;
  if (kind === "whole") {
    const plane = resample(grey, side, weightsOf(0, side, side, width), weightsOf(0, side, side, height));
    return Float32Array.from({ length: channels * plane.length }, (_, i) => plane[i % plane.length]);
  }
  const longest = Math.max(right - left, bottom - top) + 1;
  const middle = [(left + right + 1) / 2, (top + bottom + 1) / 2];
  let frame = longest;
  let corner = middle.map((at) => at - frame / 2);
  if (kind === "digit") {
    frame = (longest * FIELD) / 20; // MNIST's digits fit 20 × 20, their mass on pixel (14, 14)
    const room = (frame - longest) / 2;
    corner = [across / mass, down / mass].map((at, i) => {
      const centre = at + 0.5 - (0.5 * frame) / FIELD;
      return Math.min(middle[i] + room, Math.max(middle[i] - room, centre)) - frame / 2;
    });
  }
  const picture = resample(
    grey,
    side,
    weightsOf(corner[0], frame, side, FIELD),
    weightsOf(corner[1], frame, side, FIELD),
  );
  const brightest = Math.max(...picture);
  if (kind === "digit" && brightest) for (let i = 0; i < picture.length; i++) picture[i] /= brightest;
  return picture;
}

// Along the rows, then along the columns.
function resample(grey, side, columns, rows) {
  const narrow = new Float64Array(side * columns.length);
  for (const j of new Set(rows.flat().map(([index]) => index)))
    for (let x = 0; x < columns.length; x++)
      for (const [i, u] of columns[x]) narrow[j * columns.length + x] += u * grey[j * side + i];
  const picture = new Float32Array(columns.length * rows.length);
  for (let y = 0; y < rows.length; y++)
    for (let x = 0; x < columns.length; x++) {
      let sum = 0;
      for (const [j, v] of rows[y]) sum += v * narrow[j * columns.length + x];
      picture[y * columns.length + x] = Math.min(1, Math.max(0, sum / 255));
    }
  return picture;
}

// For each of `count` pixels the source pixels it is made of: [index, weight]. Keys' bicubic (a = -1/2), widened where the
// source is finer, as Pillow resizes; beyond the sheet there is no ink.
function weightsOf(start, frame, side, count) {
  const step = frame / count;
  const stretch = Math.max(1, step);
  return Array.from({ length: count }, (_, pixel) => {
    const centre = start + (pixel + 0.5) * step;
    const found = [];
    let sum = 0;
    for (let i = Math.floor(centre - 2 * stretch); i <= Math.ceil(centre + 2 * stretch); i++) {
      const weight = bicubic((i + 0.5 - centre) / stretch);
      sum += weight;
      if (weight && i >= 0 && i < side) found.push([i, weight]);
    }
    return found.map(([i, weight]) => [i, weight / sum]);
  });
}

function bicubic(t) {
  const x = Math.abs(t);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// The pixels of a canvas as grey values.
export function greyOf(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Float32Array(data.length / 4);
  for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i];
  return grey;
}
