// The sheet's controls, for mouse, fingers and keys.

import { writePicture } from "../latent_map/pictures.js";

// The place that a key moves to among `count`; null for other keys.
export function placeAfter(key, place, count) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!by) return null;
  const next = place + by;
  return next >= 0 && next < count ? next : place;
}

const makeButton = () => Object.assign(document.createElement("button"), { type: "button" });

// Buttons of which one is checked: Tab reaches that one, arrow keys move on to the others. `choose(place)` is called by a
// click or a key. Returns `show(place, parts)`; `parts`: the share of each, which its bar shows.
export function radioButtons(group, names, choose) {
  const buttons = names.map((name, place) => {
    const button = Object.assign(makeButton(), { textContent: name });
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => choose(place));
    return button;
  });
  group.addEventListener("keydown", (event) => {
    const next = placeAfter(event.key, buttons.indexOf(event.target), buttons.length);
    if (next === null) return;
    event.preventDefault();
    buttons[next].focus();
    choose(next);
  });
  group.replaceChildren(...buttons);
  return {
    show(checked, parts) {
      for (const [place, button] of buttons.entries()) {
        button.setAttribute("aria-checked", place === checked);
        button.tabIndex = place === checked ? 0 : -1;
        button.style.setProperty("--part", parts ? parts[place] : 0);
      }
    },
  };
}

// A slider for each number of the style; `change(i, value)`.
export function buildSliders(box, count, reach, change) {
  box.replaceChildren(
    ...Array.from({ length: count }, (_, i) => {
      const row = document.createElement("label");
      row.innerHTML = `<span>z<sub>${i + 1}</sub></span><input type="range" min="${-reach}" max="${reach}" step="0.02" />`;
      row.querySelector("input").addEventListener("input", (event) => change(i, Number(event.target.value)));
      return row;
    }),
  );
}

// A button for each picture, (C·H·W,) in [0, 1]; `choose(i)`.
export function buildExamples(box, pictures, model, choose) {
  box.replaceChildren(
    ...pictures.map((picture, i) => {
      const button = makeButton();
      const small = document.createElement("canvas");
      writePicture(small, picture, model);
      button.append(small);
      button.addEventListener("click", () => choose(i));
      return button;
    }),
  );
}
