// What the map and the list of neighbours share in the page.
//   shown: { maps: [{ title, codes, points }], labels, nameOf(index), draw(context, index, x, y, side), shape, landed } or null
//   chosen: the index of a picture, "own" for the visitor's, or null

const events = new EventTarget();
const values = { shown: null, chosen: null };

export const hub = {
  get: (name) => values[name],
  set(name, value) {
    values[name] = value;
    events.dispatchEvent(new CustomEvent(name));
  },
  on: (name, listener) => events.addEventListener(name, () => listener(values[name])),
};

// The nearest neighbours of the chosen picture on a map, as [index, distance].
export function neighboursOf(shown, number, chosen, count) {
  const { codes } = shown.maps[number];
  if (chosen === "own") {
    const place = shown.landed?.places[number];
    return place ? codes.nearest(place.code, count) : [];
  }
  return chosen === null ? [] : codes.nearest(codes.of(chosen), count, chosen);
}
