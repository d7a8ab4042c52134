// A chart's canvas at the screen's resolution; drawing is in CSS pixels.

// Gives the canvas the screen's pixels for its size in the page; returns that size, [width, height] in CSS pixels.
export function fitCanvas(canvas) {
  const size = [canvas.clientWidth, canvas.clientHeight];
  [canvas.width, canvas.height] = size.map((side) => Math.round(side * (window.devicePixelRatio || 1)));
  return size;
}

// Its context, cleared, for a painting of `size`; `colour("--ae-ink")` is a colour of the page.
export function beginPainting(canvas, [width, height]) {
  const ratio = window.devicePixelRatio || 1;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  return { context, colour: (name) => style.getPropertyValue(name) };
}

// How far from its left edge an event is, in the CSS pixels of its drawing, also where the page is zoomed (presenter mode).
export function placeIn(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return ((event.clientX - box.left) * canvas.clientWidth) / box.width;
}
