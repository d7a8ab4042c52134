import { cells } from "../base/cells.js";
import { helpers } from "../base/component.js";
import { pngButton } from "../base/download.js";
import { hub, writePlace } from "../latent_map/hub.js";

export default function mount({ element, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const COUNT = 64;
  const ROW = 8;
  const sheet = find(".field canvas");
  const slider = find("input");
  find(".row").append(pngButton("samples", () => [sheet]));
  const label = cells(find(".field"), (i) => hub.set("place", shown[i], element));

  // Two independent draws of N(0, 1) (Box and Muller, 1958).
  function normalPair() {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    const angle = 2 * Math.PI * Math.random();
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }

  // Without a prior: a normal distribution about the middle of the codes, a third as wide as they reach.
  function draw(marked) {
    const [model, about] = [hub.get("model"), hub.get("about")];
    if (!model) return;
    const [middle, width] = about.prior ? [[0, 0], 1] : [[about.home.x, about.home.y], about.home.half / 3];
    show(
      Array.from({ length: COUNT }, () => normalPair().map((v, i) => middle[i] + width * slider.value * v)),
      marked,
    );
  }

  let shown = [];
  function show(places, marked) {
    shown = places;
    if (marked) hub.set("samples", places, element); // on the plane too
    const model = hub.get("model");
    Object.assign(sheet, { width: ROW * model.width, height: ROW * model.height });
    const context = sheet.getContext("2d");
    places.forEach((place, i) => {
      context.putImageData(model.pixels(...place), (i % ROW) * model.width, Math.floor(i / ROW) * model.height);
    });
    label(
      places.map((place) => writePlace(place)),
      ROW,
    );
  }

  find(".draw").addEventListener("click", () => draw(true));
  // The same draws, nearer to the middle or farther from it.
  let last = Number(slider.value);
  slider.addEventListener("input", () => {
    find("output").textContent = Number(slider.value).toFixed(1);
    const about = hub.get("about");
    const middle = about?.prior ? [0, 0] : [about?.home.x, about?.home.y];
    if (shown.length && hub.get("model"))
      show(
        shown.map((place) => place.map((v, i) => middle[i] + ((v - middle[i]) * slider.value) / last)),
        true,
      );
    last = Number(slider.value);
  });

  const look = () => {
    translate();
    find(".hint").textContent = say(hub.get("about")?.prior === false ? "no_prior" : "hint");
  };
  hub.on("model", (model) => {
    look();
    find(".samples").hidden = !model;
    draw(false);
  });
  look();
  onAppearance(look);
  draw(false);
}
