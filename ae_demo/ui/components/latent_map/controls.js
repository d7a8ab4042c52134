// The buttons and switches about the plane.

// `place()`: where the point is; `showAll(shown)` shows or hides the dots of every class; `repaint()`.
export function attachControls(find, plane, { place, showAll, repaint }) {
  const onClick = (name, action) => find(name).addEventListener("click", action);
  onClick(".all", () => showAll(true));
  onClick(".none", () => showAll(false));
  onClick(".nearer", () => plane.zoom(1.5, plane.toPixel(place())));
  onClick(".farther", () => plane.zoom(1 / 1.5, plane.toPixel(place())));
  onClick(".home", () => plane.setView(plane.home));
  for (const name of [".pictures", ".prior"]) find(name).addEventListener("change", repaint);
  find(".quantiles").addEventListener("change", () => plane.setAxes(find(".quantiles").checked));
}
