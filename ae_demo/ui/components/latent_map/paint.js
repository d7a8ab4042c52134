// What is painted over a plane: the prior's circles, marks, paths.

export function curve(context, plane, places, close = false) {
  context.beginPath();
  places.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...plane.toPixel(place)));
  if (close) context.closePath();
}

export const ellipse = ([x, y], [a, b]) =>
  Array.from({ length: 97 }, (_, i) => [x + a * Math.cos((i * Math.PI) / 48), y + b * Math.sin((i * Math.PI) / 48)]);

// Light on dark, seen on any picture.
export function outline(context, width, colour, dash = []) {
  context.setLineDash(dash);
  context.strokeStyle = "rgb(0 0 0 / 0.75)";
  context.lineWidth = width + 2.5;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

export function label(context, text, x, y, size, colour = "#fff") {
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + size * 0.7;
  context.fillStyle = "rgb(0 0 0 / 0.75)";
  context.fillRect(x - width / 2, y - size * 0.7, width, size * 1.4);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

export function paintPrior(context, plane) {
  const { ratio, side } = plane;
  context.globalAlpha = 0.35;
  context.strokeStyle = "#fff";
  context.lineWidth = ratio;
  for (const line of [
    [
      [-9, 0],
      [9, 0],
    ],
    [
      [0, -9],
      [0, 9],
    ],
  ]) {
    curve(context, plane, line);
    context.stroke();
  }
  context.globalAlpha = 0.9;
  context.setLineDash([6 * ratio, 5 * ratio]);
  context.lineWidth = 1.3 * ratio;
  for (const sigma of [1, 2, 3]) {
    curve(context, plane, ellipse([0, 0], [sigma, sigma]), true);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  for (const sigma of [1, 2, 3]) {
    const [x, y] = plane.toPixel([sigma * Math.SQRT1_2, -sigma * Math.SQRT1_2]);
    if (x < side && y < side) label(context, `${sigma}σ`, x, y, 12 * ratio);
  }
}

// The point: a ring with four strokes, light on dark. It is an element over the canvas: a move shifts it, and neither the
// canvas nor what lies about it is painted again.
export function makeMarker(canvas) {
  const ring = "M9 0A9 9 0 1 1-9 0A9 9 0 1 1 9 0ZM9 0H15M-9 0H-15M0 9V15M0-9V-15";
  canvas.insertAdjacentHTML(
    "afterend",
    `<div class="marker"><svg viewBox="-20 -20 40 40" aria-hidden="true"><path class="dark" d="${ring}" /><path d="${ring}" /></svg></div>`,
  );
  return canvas.nextElementSibling;
}

export function paintEnd(context, plane, place, text, colour) {
  const [x, y] = plane.toPixel(place);
  const radius = 10 * plane.ratio;
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = "rgb(0 0 0 / 0.8)";
  context.fill();
  outline(context, 2 * plane.ratio, colour);
  context.font = `700 ${12 * plane.ratio}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = colour;
  context.fillText(text, x, y + plane.ratio * 0.5);
}

export function paintSpot(context, plane, place, radius, colour) {
  context.beginPath();
  context.arc(...plane.toPixel(place), radius * plane.ratio, 0, 7);
  outline(context, 1.5 * plane.ratio, colour);
}
