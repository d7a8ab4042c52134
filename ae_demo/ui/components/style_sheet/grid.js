// Pictures side by side in one canvas.

// `columns` pictures in a row, each painted by `paint(context, x, y)`.
export function fillGrid(canvas, columns, paints, { width, height }) {
  const size = { width: columns * width, height: Math.ceil(paints.length / columns) * height };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  paints.forEach((paint, i) => paint(context, (i % columns) * width, Math.floor(i / columns) * height));
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
