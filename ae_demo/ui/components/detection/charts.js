// The histogram and the ROC curve, each on a canvas; colours are those of the page.

import { beginPainting, fitCanvas } from "../base/canvas.js";
import { short, steps } from "../curve/ticks.js";

const MARGIN = { left: 8, right: 8, top: 22, bottom: 22 };

function begin(canvas) {
  const size = fitCanvas(canvas);
  const { context, colour } = beginPainting(canvas, size);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  return { context, width: size[0], height: size[1], colour };
}

const span = (canvas) => canvas.clientWidth - MARGIN.left - MARGIN.right;
export const shareAt = (canvas, x) => Math.max(0, Math.min(1, (x - MARGIN.left) / span(canvas)));

export function paintHistogram(canvas, { bins, place, value, low, high, log }, threshold, known) {
  const { context, width, height, colour } = begin(canvas);
  const floor = height - MARGIN.bottom;
  const tallest = Math.max(1, ...bins.flat());
  const wide = span(canvas) / bins[0].length;
  bins.forEach((counts, kind) => {
    context.fillStyle = colour(kind ? "--ae-error" : known ? "--ae-output" : "--ae-muted");
    context.globalAlpha = 0.72;
    counts.forEach((count, i) => {
      const tall = Math.sqrt(count / tallest) * (floor - MARGIN.top); // the root shows a few beside many
      context.fillRect(MARGIN.left + i * wide + 0.5, floor - tall, Math.max(1, wide - 1), tall);
    });
  });
  context.globalAlpha = 1;
  context.fillStyle = colour("--ae-muted");
  context.strokeStyle = colour("--ae-edge");
  context.textBaseline = "top";
  context.textAlign = "center";
  const ticks = log ? [0.02, 0.25, 0.5, 0.75, 0.98].map(value) : steps(low, high, 5);
  for (const tick of ticks) {
    const x = Math.max(22, Math.min(width - 22, MARGIN.left + place(tick) * span(canvas)));
    context.fillText(short(Number(tick.toPrecision(2))), x, floor + 6);
  }
  line(context, MARGIN.left, floor, width - MARGIN.right, floor);
  const at = MARGIN.left + place(threshold) * span(canvas);
  context.strokeStyle = context.fillStyle = colour("--ae-ink");
  context.lineWidth = 2;
  line(context, at, MARGIN.top - 6, at, floor);
  context.beginPath();
  context.arc(at, MARGIN.top - 8, 6, 0, 7);
  context.fill();
}

export function paintRoc(canvas, points, at) {
  const { context, width, height, colour } = begin(canvas);
  const side = Math.min(width, height) - 12;
  const [x, y] = [(share) => 6 + share * side, (share) => height - 6 - share * side];
  context.strokeStyle = colour("--ae-edge");
  context.strokeRect(x(0), y(1), side, side);
  context.setLineDash([3, 3]);
  line(context, x(0), y(0), x(1), y(1));
  context.setLineDash([]);
  context.strokeStyle = colour("--ae-ink");
  context.lineWidth = 2;
  context.beginPath();
  points.forEach(([fp, tp], i) => context[i ? "lineTo" : "moveTo"](x(fp), y(tp)));
  context.stroke();
  context.fillStyle = colour("--ae-error");
  context.beginPath();
  context.arc(x(at[0]), y(at[1]), 5, 0, 7);
  context.fill();
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
