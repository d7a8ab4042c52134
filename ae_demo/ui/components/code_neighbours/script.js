import { helpers } from "../base/component.js";
import { COLOURS } from "../base/palette.js";
import { hub, neighboursOf } from "../code_map/hub.js";
import { drawFromSheet } from "../latent_map/pictures.js";

const COUNT = 10;

export default function mount({ element, props, watch, strings }) {
  const { find, say, onAppearance } = helpers(element, strings);
  const fill = (key, values) => say(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const pictureOf = (shown, index) => {
    const canvas = document.createElement("canvas");
    drawFromSheet(canvas, shown.sheet, index, shown.pictures);
    return canvas;
  };

  function button(shown, [index, far]) {
    const node = Object.assign(document.createElement("button"), { type: "button" });
    const name = shown.nameOf(index);
    node.style.setProperty("--hue", COLOURS[shown.labels[index] % COLOURS.length]);
    node.append(pictureOf(shown, index), name);
    node.title = fill("go", { name, far: far.toPrecision(3) });
    node.setAttribute("aria-label", node.title);
    node.addEventListener("click", () => hub.set("chosen", index));
    return node;
  }

  // How many are of the class of the chosen picture; of the visitor's, whose class is not known, of which class most are.
  function sentence(shown, chosen, found) {
    if (!shown.pictures.classes.length) return "";
    if (chosen !== "own") {
      const n = found.filter(([index]) => shown.labels[index] === shown.labels[chosen]).length;
      return fill("same", { n, all: found.length });
    }
    const votes = new Map();
    for (const [index] of found) votes.set(shown.nameOf(index), (votes.get(shown.nameOf(index)) ?? 0) + 1);
    const [name, n] = [...votes].sort((a, b) => b[1] - a[1])[0];
    return fill("most", { name, n, all: found.length });
  }

  function draw() {
    const [shown, chosen] = [hub.get("shown"), hub.get("chosen")];
    find(".neighbours").hidden = !shown || chosen === null;
    if (!shown || chosen === null || (chosen === "own" && !shown.landed)) return;
    const picture = chosen === "own" ? Object.assign(new Image(), { src: shown.landed.uri }) : pictureOf(shown, chosen);
    picture.alt = "";
    find(".chosen").replaceChildren(picture, chosen === "own" ? say("yours") : shown.nameOf(chosen));
    const began = performance.now();
    find(".lists").replaceChildren(
      ...shown.maps.flatMap(({ title }, number) => {
        const found = neighboursOf(shown, number, chosen, COUNT);
        const head = document.createElement("p");
        const name = Object.assign(document.createElement("b"), { textContent: title });
        head.append(name, ` · ${sentence(shown, chosen, found)}`);
        const row = Object.assign(document.createElement("div"), { className: "row" });
        row.append(...found.map((each) => button(shown, each)));
        return [head, row];
      }),
    );
    element.dataset.took = performance.now() - began; // for measuring
  }

  const look = () => {
    find(".title").textContent = props.label ?? "";
    draw();
  };
  hub.on("shown", draw);
  hub.on("chosen", draw);
  look();
  onAppearance(look);
  watch("label", look);
}
