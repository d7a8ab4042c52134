// What is painted over the plane: samples, the path, A and B and the ways between them, a drawing's encoding.

import { curve, ellipse, outline, paintEnd, paintSpot } from "./paint.js";

const [INPUT, CODE, OUTPUT] = ["#7fb2ff", "#ffac5a", "#62d492"];

// `values`: of the hub; `drawnPath`: a path that is being drawn; `landing`: { place, sigma } of a drawing, or null;
// `hovered`: the place of the test picture under the pointer, or null.
export function paintOverlay(context, plane, values, { drawnPath, landing, hovered }) {
  const { ratio } = plane;
  for (const at of values.get("samples")) paintSpot(context, plane, at, 3, INPUT);
  const ends = values.get("ends");
  const path = drawnPath ?? values.get("path");
  if (path) {
    curve(context, plane, path);
    outline(context, 2.5 * ratio, OUTPUT);
  }
  curve(context, plane, ends);
  outline(context, 2 * ratio, CODE);
  curve(context, plane, values.get("arc"));
  outline(context, 2 * ratio, CODE, [5 * ratio, 4 * ratio]);
  for (const size of landing?.sigma ? [1, 2] : []) {
    const radii = landing.sigma.map((s) => s * size);
    curve(context, plane, ellipse(landing.place, radii), true);
    outline(context, (3 - size) * ratio, INPUT);
  }
  if (values.get("runner")) paintSpot(context, plane, values.get("runner"), 6, OUTPUT);
  ends.forEach((at, i) => paintEnd(context, plane, at, "AB"[i], CODE));
  if (hovered) paintSpot(context, plane, hovered, 6, "#fff");
}
