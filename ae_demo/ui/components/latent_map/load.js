// Planes, fetched once each: what Python says of one, its grid of pictures, its model, and its test pictures as dots.

import { fetchBundle, fetchFile } from "../base/bundle.js";
import { Dots } from "./dots.js";
import { Mlp } from "./mlp.js";

export async function fetchPicture(path) {
  const response = await fetchFile(path);
  return createImageBitmap(await response.blob());
}

async function fetchPlane(server, name) {
  const about = await server.open_plane(name);
  if (!about || about.error) throw new Error(about?.error ?? "");
  const [grid, weights, tests] = await Promise.all([
    fetchPicture(about.grid),
    about.file && fetchBundle(about.file),
    about.tests && fetchBundle(about.tests.file),
  ]);
  return { about, grid, model: weights && new Mlp(weights), dots: tests && new Dots(tests) };
}

// A function from a plane's name to a promise of { about, grid, model, dots }; one that failed is fetched again.
export function planeLoader(server) {
  const planes = new Map();
  return (name) => {
    if (!planes.has(name)) planes.set(name, fetchPlane(server, name));
    planes.get(name).catch(() => planes.delete(name));
    return planes.get(name);
  };
}
