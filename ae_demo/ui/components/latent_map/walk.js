// What gestures on the plane do: they move the point, an end of the interpolation, or draw a path.

import { attachGestures, roundUp } from "./gestures.js";
import { hub } from "./hub.js";

// `tool()`: "walk", "pan" or "path"; `place()`: where the point is; `move(place)` moves it; `hover(pixel or null)`;
// `setEnd(index, place)`; `setPath(points)`: a path was drawn; `report()`: a gesture has ended.
// Returns a function that gives the path being drawn, or null.
export function attachWalk(plane, { tool, place, move, hover, setEnd, setPath, report }) {
  let held = null; // "path", or the index of the end that is being dragged
  let trail = null; // the path being drawn

  attachGestures(plane, {
    tool,
    start(pixel) {
      const near = (at) => Math.hypot(...plane.toPixel(at).map((v, i) => v - pixel[i])) < 14 * plane.ratio;
      held = tool() === "path" ? "path" : ([1, 0].find((i) => near(hub.get("ends")[i])) ?? null);
      if (held === "path") trail = [plane.fromPixel(pixel)];
      return held !== null;
    },
    move: (pixel) => move(plane.fromPixel(pixel)),
    hover,
    drag(pixel) {
      const at = plane.fromPixel(pixel);
      if (held === "path") {
        trail.push(at);
        plane.paint();
      } else setEnd(held, at);
      move(at);
    },
    end(kind) {
      const path = kind === "drag" && held === "path" ? trail : null;
      trail = held = null;
      if (path?.length > 2) setPath(path);
      plane.paint();
      report();
    },
    step(arrow, large) {
      const nearness = 2 ** Math.min(0, Math.round(Math.log2(plane.view.half / plane.home.half)));
      const size = (large ? 5 : 1) * roundUp(plane.about.home.half / 32) * nearness;
      move(place().map((at, i) => at + size * arrow[i]));
      plane.follow(place());
    },
    key(name) {
      if (name === "here") return plane.toPixel(place());
      const end = { a: 0, b: 1 }[name.toLowerCase()];
      if (end === undefined) return false;
      setEnd(end, place());
      return true;
    },
  });
  return () => trail;
}
