// The maps: fetches the files that Python names, and paints them in panes that share selection and pointer.

import { helpers, loadPicture, onWidth } from "../base/component.js";
import { csvButton, pngButton } from "../base/download.js";
import { COLOURS } from "../base/palette.js";
import { attachGestures } from "../latent_map/gestures.js";
import { fetchPicture } from "../latent_map/load.js";
import { legendEntries } from "../latent_map/legend.js";
import { fetchBundle } from "../base/bundle.js";
import { drawFromSheet } from "../latent_map/pictures.js";
import { hub, neighboursOf } from "./hub.js";
import { Codes, homeOf, nextPoint } from "./nearest.js";
import { Pane, packedOf } from "./pane.js";

const RINGED = 10; // neighbours that are marked on the map
const CLICK = 5; // CSS pixels that a press may move and be a click
const OUTSIDE = packedOf("#5b6470"); // of no cluster

const files = new Map(); // fetched once, by path
function once(path, make) {
  if (!files.has(path)) files.set(path, make(path));
  files.get(path).catch(() => files.delete(path));
  return files.get(path);
}
const bundleOf = (path) => once(path, fetchBundle);

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const panes = [];
  const hidden = new Set();
  let pointed = -1; // the picture under the pointer
  let own = null; // the visitor's picture, loaded
  let request = 0;

  function makePane() {
    const node = document.createElement("div");
    node.className = "pane";
    node.innerHTML =
      '<p></p><canvas tabindex="0" role="img" data-aria="canvas"></canvas><div class="tip" hidden></div>';
    find(".panes").append(node);
    const canvas = node.querySelector("canvas");
    const pane = new Pane(canvas);
    const number = panes.push(pane) - 1;
    pane.node = node;
    canvas.pane = pane; // for measuring
    pane.mark = (context) => mark(pane, number, context);
    attachGestures(pane, {
      tool: () => "pan",
      hover: (pixel) => point(pixel ? pane.at(pixel) : -1, pane),
      start: () => false,
      move: () => {},
      drag: () => {},
      end: () => {},
      step: (direction, large) => step(pane, direction, large),
      key: (name) => (name === "here" ? pane.toPixel(placeOf(number) ?? [pane.view.x, pane.view.y]) : false),
    });
    let pressed = null;
    canvas.addEventListener("pointerdown", (event) => (pressed = [event.clientX, event.clientY]));
    canvas.addEventListener("click", (event) => {
      if (!pressed || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > CLICK) return;
      const box = canvas.getBoundingClientRect();
      const at = pane.at(
        [event.clientX - box.left, event.clientY - box.top].map((n) => (n * canvas.width) / box.width),
      );
      if (at >= 0) hub.set("chosen", at);
    });
    onWidth(canvas, (width) => pane.resize(width));
    translate();
    return pane;
  }

  // Where the chosen picture lies on a map.
  function placeOf(number) {
    const [shown, chosen] = [hub.get("shown"), hub.get("chosen")];
    if (!shown || chosen === null) return null;
    return chosen === "own" ? shown.landed?.places[number]?.point : panes[number].pointOf(chosen);
  }

  function mark(pane, number, context) {
    const shown = hub.get("shown");
    const place = placeOf(number);
    if (!shown?.maps[number]) return;
    if (place) {
      for (const [index] of neighboursOf(shown, number, hub.get("chosen"), RINGED))
        pane.ring(context, pane.pointOf(index), 6, "#fff", 1.5);
      pane.ring(context, place, 10, "#000", 5);
      pane.ring(context, place, 10, "#fff", 3);
    }
    const landed = shown.landed?.places[number];
    if (landed && own) {
      const side = 34 * pane.ratio;
      const [x, y] = pane.toPixel(landed.point);
      context.drawImage(own, x - side / 2, y - side / 2, side, side);
      context.strokeStyle = "#fff";
      context.lineWidth = 3 * pane.ratio;
      context.strokeRect(x - side / 2, y - side / 2, side, side);
    }
    if (pointed >= 0) pane.ring(context, pane.pointOf(pointed), 8, "#fff", 2);
  }

  const repaint = () => panes.forEach((pane) => pane.paintSoon());

  function point(index, from) {
    if (index === pointed) return;
    pointed = index;
    for (const pane of panes) tip(pane, index, pane === from);
    repaint();
  }

  // The picture under the pointer, beside its dot; on the other map only the dot is marked.
  function tip(pane, index, here) {
    const node = pane.node.querySelector(".tip");
    const shown = hub.get("shown");
    node.hidden = index < 0 || !here || !shown;
    if (node.hidden) return;
    const picture = document.createElement("canvas");
    drawFromSheet(picture, shown.sheet, index, shown.pictures);
    node.replaceChildren(picture, shown.nameOf(index));
    const [x, y] = pane.toPixel(pane.pointOf(index)).map((n) => n / pane.ratio);
    const width = pane.side / pane.ratio;
    const top = pane.canvas.offsetTop + y;
    node.style.left = x > width / 2 ? "" : `${x + 16}px`;
    node.style.right = x > width / 2 ? `${width - x + 16}px` : "";
    node.style.top = `${Math.min(Math.max(0, top - 50), pane.canvas.offsetTop + width - 116)}px`;
  }

  function step(pane, direction, large) {
    if (large) return pane.pan(-direction[0] * 0.1 * pane.side, direction[1] * 0.1 * pane.side);
    const chosen = hub.get("chosen");
    const from = typeof chosen === "number" ? chosen : 0;
    const next = nextPoint(pane.points, from, direction, pane.visible);
    hub.set("chosen", next);
    const [x, y] = pane.toPixel(pane.pointOf(next));
    if (x < 0 || y < 0 || x > pane.side || y > pane.side)
      pane.setView({ ...pane.view, x: pane.pointOf(next)[0], y: pane.pointOf(next)[1] });
  }

  // What Python gave

  async function receive() {
    const mine = ++request;
    const value = props.value;
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    if (!value) return clear();
    try {
      const { pictures } = value;
      const [labels, sheet, groups, ...maps] = await Promise.all([
        bundleOf(pictures.file).then(({ array }) => array("labels")),
        once(pictures.sheet, fetchPicture),
        value.groups ? bundleOf(value.groups).then(({ array }) => array("groups")) : null,
        ...value.maps.map(fetchMap),
      ]);
      if (mine === request) show({ pictures, labels, sheet, groups, maps });
    } catch (error) {
      if (mine === request) fail(error);
    }
  }

  async function fetchMap({ model, projection, codes, points }) {
    const [coded, placed] = await Promise.all([bundleOf(codes), bundleOf(points)]);
    coded.codes ??= new Codes(coded.array("codes"), coded.array("scale"));
    placed.home ??= homeOf(placed.array("points"));
    const title = [say(model), projection].filter(Boolean).join(" → ");
    return { title, codes: coded.codes, points: placed.array("points"), home: placed.home };
  }

  function clear() {
    find(".panes").replaceChildren();
    panes.length = 0;
    find(".legend").replaceChildren();
    hub.set("shown", null);
  }

  function fail(error) {
    console.error(error);
    find(".problem").textContent = say("failed");
    find(".problem").hidden = false;
  }

  function show({ pictures, labels, sheet, groups, maps }) {
    const before = hub.get("shown");
    const kinds = groups ?? labels;
    const { classes } = pictures;
    const nameOf = (index) => (classes.length ? (classes[labels[index]] ?? labels[index]) : "");
    const kindName = (kind) =>
      groups ? (kind < 0 ? say("none") : `${say("cluster")} ${kind + 1}`) : (classes[kind] ?? kind);
    const colours = Uint32Array.from(kinds, (kind) => (kind < 0 ? OUTSIDE : packedOf(COLOURS[kind % COLOURS.length])));
    const [, height, width] = pictures.shape;
    const draw = (context, index, left, top, side) =>
      context.drawImage(
        sheet,
        (index % pictures.columns) * width,
        Math.floor(index / pictures.columns) * height,
        width,
        height,
        left,
        top,
        side,
        side,
      );
    find(".problem").hidden = true;
    if (before?.pictures.file !== pictures.file || before?.kinds !== kinds) hidden.clear();
    while (panes.length > maps.length) panes.pop().node.remove();
    while (panes.length < maps.length) makePane();
    pointed = -1;
    const same = before?.pictures.file === pictures.file;
    hub.set("shown", { maps, labels, kinds, sheet, pictures, nameOf, draw, landed: landed() });
    panes.forEach((pane, number) => {
      const { title, points, home } = maps[number];
      pane.node.querySelector("p").textContent = title;
      pane.node.querySelector(".tip").hidden = true;
      const visible = (index) => !hidden.has(kinds[index]);
      if (pane.points === points) Object.assign(pane, { colours, visible, draw }).paintSoon();
      else pane.show({ points, home, colours, visible, draw });
    });
    const many = classes.length > 1 || groups;
    find(".legend").replaceChildren(...(many ? legendEntries(kinds, kindName, hidden, repaint) : []));
    if (own && landed()) hub.set("chosen", "own");
    else if (!same || hub.get("chosen") === null || hub.get("chosen") === "own") hub.set("chosen", 0);
    else hub.set("chosen", hub.get("chosen"));
  }

  // The visitor's picture, if its places are those on the maps that are shown.
  const landed = () => (props.landed?.places.length === props.value?.maps.length ? props.landed : null);

  async function land() {
    own = props.landed ? await loadPicture(props.landed.uri) : null;
    const shown = hub.get("shown");
    if (!shown) return;
    hub.set("shown", { ...shown, landed: landed() });
    if (own && landed()) hub.set("chosen", "own");
    else if (hub.get("chosen") === "own") hub.set("chosen", 0);
    repaint();
  }

  for (const [name, action] of [
    [".nearer", (pane) => pane.zoom(1.5)],
    [".farther", (pane) => pane.zoom(1 / 1.5)],
    [".home", (pane) => pane.setView(pane.home)],
  ])
    find(name).addEventListener("click", () => panes.forEach(action));

  hub.on("chosen", repaint);
  function rows() {
    const { maps, labels, nameOf } = hub.get("shown") ?? { maps: [], labels: [] };
    const head = maps.flatMap((_, i) => [`x${i + 1}`, `y${i + 1}`]);
    const places = (index) => maps.flatMap((_, number) => panes[number].pointOf(index));
    return [["index", "y", ...head], ...Array.from(labels, (_, i) => [i, nameOf(i), ...places(i)])];
  }
  find(".tools").append(
    csvButton("map", rows),
    pngButton("map", () => panes.map(({ canvas }) => canvas)),
  );

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
  };
  look();
  onAppearance(() => {
    look();
    receive();
  });
  land();
  receive();
  watch("label", look);
  watch("value", receive);
  watch("landed", land);
}
