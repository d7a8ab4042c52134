// The classes of the test pictures, each with a box that shows or hides its dots.

import { COLOURS } from "../base/palette.js";

// `labels`: the class of each dot; `nameOf(kind)`; `hidden`: the set of hidden classes, which the boxes change.
export function legendEntries(labels, nameOf, hidden, changed) {
  const kinds = [...new Set(labels)].sort((a, b) => a - b);
  return kinds.map((kind) => {
    const entry = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(kind) });
    const dot = Object.assign(document.createElement("i"), { className: "dot" });
    dot.style.setProperty("--dot", COLOURS[kind % COLOURS.length]);
    box.addEventListener("change", () => {
      box.checked ? hidden.delete(kind) : hidden.add(kind);
      changed();
    });
    entry.append(box, dot, nameOf(kind));
    return entry;
  });
}
