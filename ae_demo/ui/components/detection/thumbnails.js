// Thumbnails of samples, each on its own canvas: cut from the sheet of pictures, or drawn as a line.

import { addressOf, bytesOf } from "../base/bundle.js";
import { loadPicture } from "../base/component.js";

// A promise of paint(canvas, index); the sheet is fetched once.
export async function painter(sheet) {
  if (sheet.kind === "line") {
    const points = bytesOf(sheet.data);
    return (canvas, index) => paintLine(canvas, points.subarray(index * sheet.width, (index + 1) * sheet.width));
  }
  const whole = await loadPicture(sheet.data.startsWith("data:") ? sheet.data : addressOf(sheet.data));
  const { width, height, columns } = sheet;
  return (canvas, index) => {
    [canvas.width, canvas.height] = [width, height];
    const [left, top] = [(index % columns) * width, Math.floor(index / columns) * height];
    canvas.getContext("2d").drawImage(whole, left, top, width, height, 0, 0, width, height);
  };
}

function paintLine(canvas, points) {
  const [width, height] = [96, 64];
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--ae-ink");
  context.lineWidth = 1.5;
  context.beginPath();
  points.forEach((value, i) => {
    const at = [(i / (points.length - 1)) * (width - 4) + 2, height - 4 - (value / 255) * (height - 8)];
    context[i ? "lineTo" : "moveTo"](...at);
  });
  context.stroke();
}
