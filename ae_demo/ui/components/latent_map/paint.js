// What is painted over a plane: the prior's circles, marks, paths. And the normal distribution, for axes of quantiles.

function curve(context, plane, places, close = false) {
  context.beginPath();
  places.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...plane.toPixel(place)));
  if (close) context.closePath();
}

const ellipse = ([x, y], [a, b]) =>
  Array.from({ length: 97 }, (_, i) => [x + a * Math.cos((i * Math.PI) / 48), y + b * Math.sin((i * Math.PI) / 48)]);

// Light on dark, seen on any picture.
function outline(context, width, colour, dash = []) {
  context.setLineDash(dash);
  context.strokeStyle = "rgb(0 0 0 / 0.75)";
  context.lineWidth = width + 2.5;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

function label(context, text, x, y, size, colour = "#fff") {
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + size * 0.7;
  context.fillStyle = "rgb(0 0 0 / 0.75)";
  context.fillRect(x - width / 2, y - size * 0.7, width, size * 1.4);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

function paintPrior(context, plane) {
  const { ratio, side } = plane;
  context.globalAlpha = 0.35;
  context.strokeStyle = "#fff";
  context.lineWidth = ratio;
  for (const line of [[[-9, 0], [9, 0]], [[0, -9], [0, 9]]]) {
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
function makeMarker(canvas) {
  const ring = "M9 0A9 9 0 1 1-9 0A9 9 0 1 1 9 0ZM9 0H15M-9 0H-15M0 9V15M0-9V-15";
  canvas.insertAdjacentHTML(
    "afterend",
    `<div class="marker"><svg viewBox="-20 -20 40 40" aria-hidden="true"><path class="dark" d="${ring}" /><path d="${ring}" /></svg></div>`,
  );
  return canvas.nextElementSibling;
}

function paintEnd(context, plane, place, text, colour) {
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

function paintSpot(context, plane, place, radius, colour) {
  context.beginPath();
  context.arc(...plane.toPixel(place), radius * plane.ratio, 0, 7);
  outline(context, 1.5 * plane.ratio, colour);
}

// Φ(z), by the complementary error function (Numerical Recipes' Chebyshev fit, 1.2e-7), and its inverse, by Acklam's
// rational approximation (1.2e-9), held away from 0 and 1.
function normalShare(z) {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * x);
  const fit = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
  const tail = 0.5 * t * Math.exp(-x * x + fit.reduce((sum, c) => sum * t + c, 0));
  return z > 0 ? 1 - tail : tail;
}

function normalQuantile(share) {
  const p = Math.min(1 - 1e-5, Math.max(1e-5, share));
  const poly = (all, v) => all.reduce((sum, c) => sum * v + c, 0);
  const c = [-7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
  const d = [7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  if (p < 0.02425 || p > 0.97575) {
    const q = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
    return (p < 0.5 ? 1 : -1) * (poly(c, q) / poly(d, q));
  }
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const q = p - 0.5;
  return (poly(a, q * q) * q) / poly(b, q * q);
}
