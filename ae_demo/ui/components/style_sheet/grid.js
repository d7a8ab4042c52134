// Pictures side by side in one canvas.

// `columns` pictures in a row, each painted by `paint(context, x, y)`; without one, a place stays as it is.
export function fillGrid(canvas, columns, paints, { width, height }) {
  const size = { width: columns * width, height: Math.ceil(paints.length / columns) * height };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  paints.forEach((paint, i) => paint?.(context, (i % columns) * width, Math.floor(i / columns) * height));
}

// Returns `start(jobs)`, which calls one of them in each frame, in place of those that are left of the last start.
export function onePerFrame() {
  let frame = 0;
  return function start(jobs) {
    cancelAnimationFrame(frame);
    const [job, ...others] = jobs;
    if (!job) return;
    frame = requestAnimationFrame(() => {
      start(others);
      job();
    });
  };
}

// Returns `fill(columns, items, paintsOf, size)`: like `fillGrid` with `paintsOf(items)`, but `count` items in each frame,
// so that it delays nothing. What was painted before stays until it is replaced.
export function gradualGrid(canvas, count) {
  const start = onePerFrame();
  return (columns, items, paintsOf, size) => {
    const fill = (first, paints) =>
      fillGrid(
        canvas,
        columns,
        items.map((_, i) => paints[i - first]),
        size,
      );
    fill(0, []);
    start(
      Array.from({ length: Math.ceil(items.length / count) }, (_, part) => () => {
        const first = part * count;
        fill(first, paintsOf(items.slice(first, first + count)));
      }),
    );
  };
}

// Where each of `rows` stands in a sheet, [left, top, width, height], the rows at its right edge, one below another with a
// gap, beside a picture `corner` at the top left; and the sheet's size. `rows` and `corner` are sizes in pixels.
export function layOut(corner, rows, scale, gap) {
  const widest = Math.max(...rows.map((row) => row.width));
  const beside = rows[0].width + corner.width > widest ? corner.width : 0;
  const width = scale * (widest + beside) + (beside && gap);
  const places = [];
  let top = 0;
  for (const row of rows) {
    places.push([width - scale * row.width, top, scale * row.width, scale * row.height]);
    top += scale * row.height + gap;
  }
  return { width, height: Math.max(top - gap, scale * corner.height), places };
}

// One canvas of them all on white, each pixel enlarged to `scale`.
export function joinCanvases(corner, rows, scale = 4, gap = 16) {
  const { width, height, places } = layOut(corner, rows, scale, gap);
  const sheet = Object.assign(document.createElement("canvas"), { width, height });
  const context = sheet.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(corner, 0, 0, scale * corner.width, scale * corner.height);
  rows.forEach((row, i) => context.drawImage(row, ...places[i]));
  return sheet;
}
