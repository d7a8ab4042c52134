import { pixelsOf } from "../base/bundle.js";
import { helpers } from "../base/component.js";
import { Contrast } from "./contrast.js";
import { attachControls } from "./controls.js";
import { writeTicks } from "./gestures.js";
import { decimalsOf, hub, initialEnds, snap, writePlace } from "./hub.js";
import { legendEntries } from "./legend.js";
import { fetchPicture, planeLoader } from "./load.js";
import { paintOverlay } from "./overlay.js";
import { drawFromSheet, onPicturesDropped, writePicture } from "./pictures.js";
import { Plane } from "./plane.js";
import { greyOf, prepareDrawing } from "./prepare.js";
import { ServerDecoder } from "./server_decoder.js";
import { attachWalk } from "./walk.js";

export default function mount({ element, props, trigger, watch, server, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const canvas = find(".plane canvas");
  const output = find(".picture canvas");
  const hidden = new Set(); // classes whose dots are not shown
  const looks = () => ({ pictures: find(".pictures").checked, prior: find(".prior").checked, hidden });

  let about = null; // what Python says of the plane
  let place = props.value?.length === 2 ? props.value : [0, 0]; // the point
  let looked = place; // what is decoded: the place under the pointer, else the point
  let hovered = -1; // a test picture
  let landing = null; // {place, sigma}: the encoding of a drawing, with its standard deviations
  let drawn = null; // the pad's drawing, if that landed last
  let moving = 0; // when the point last moved; pictures of the grid wait for it
  let sheet = null; // the pictures of the dots, `about.tests.columns` in a row

  const load = planeLoader(server);
  const plane = new Plane(canvas, {
    look: looks,
    paintOver,
    viewed: () => writeTicks(plane, find(".rows"), find(".columns")),
  });
  plane.busy = () => performance.now() - moving < 60;
  const decimals = () => decimalsOf(plane.grain);
  const showCoordinates = (at) => (find(".coords").textContent = writePlace(at, decimals()));
  const contrast = new Contrast(find(".contrast"), { load, look: looks, moved: fromContrast, say });

  const setEnd = (index, at) => hub.set("ends", hub.get("ends").with(index, at), element);

  function paintOver(context) {
    const spot = hovered < 0 ? null : codeOf(hovered);
    paintOverlay(context, plane, hub, { drawnPath: drawnPath(), landing, hovered: spot });
  }

  // The picture at a place: by the model in the page, or, where it cannot run here, by the server.

  const decoder = new ServerDecoder(
    (x, y, name) => server.decode_at(x, y, name),
    (picture, at) => {
      fail(picture ? "" : "failed");
      if (!picture) return;
      Object.assign(output, { width: picture.width, height: picture.height });
      output.getContext("2d").drawImage(picture, 0, 0);
      writeCode(at);
    },
  );

  const writeCode = (at) => (output.dataset.z = at.map((v) => v.toFixed(decimals())).join(","));

  function decode(at) {
    if (plane.model) {
      plane.model.show(output, ...at);
      writeCode(at);
    } else if (about) decoder.request(at, about.name);
  }

  function fail(key, detail = "") {
    find(".failed").hidden = !key;
    find(".failed").textContent = key ? `${say(key)} ${detail}` : "";
  }

  let describing = 0;
  function describe() {
    clearTimeout(describing);
    describing = setTimeout(() => {
      let text = "";
      if (plane.dots && about.tests.classes.length) {
        const { kind, share } = plane.dots.neighbours(looked);
        text = say("likeness")
          .replace("{class}", classOf(kind))
          .replace("{share}", Math.round(100 * share));
      }
      find(".likeness").textContent = text;
      output.setAttribute("aria-label", `${say("decoded")} ${writePlace(looked, decimals())}. ${text}`);
    }, 250);
  }

  // Moving the point

  function look(at) {
    looked = at;
    showCoordinates(at);
    decode(at);
    describe();
  }

  function move(at, source) {
    moving = performance.now();
    place = at.map((v) => snap(v, decimals()));
    look(place);
    plane.mark(place);
    hub.set("place", place, element);
    if (source === "contrast" || !plane.model || following) return;
    following = requestAnimationFrame(() => setTimeout(follow)); // once this is painted
  }

  let following = 0;
  function follow() {
    following = 0;
    const [model, at] = [plane.model, place];
    if (model) contrast.follow(() => model.decode(...at));
  }

  function fromContrast(picture, source) {
    contrast.follow(() => picture, source);
    if (plane.model) move(plane.model.encode(picture).place, "contrast");
  }

  function hover(pixel) {
    if (!about) return;
    const before = hovered;
    hovered = pixel && plane.dots && sheet ? plane.dots.nearest(pixel, 9 * plane.ratio, hidden) : -1;
    if (hovered !== before) {
      showHovered();
      plane.paint();
    }
    if (!plane.model) return showCoordinates(pixel ? plane.fromPixel(pixel) : place);
    moving = performance.now();
    look(pixel ? plane.fromPixel(pixel).map((v) => snap(v, decimals())) : place);
  }

  const classOf = (kind) =>
    about.tests.set === "fashion" ? say(`fashion_${kind}`) : (about.tests.classes[kind] ?? "");
  const codeOf = (i) => [plane.dots.codes[2 * i], plane.dots.codes[2 * i + 1]];

  function showHovered() {
    find(".hovered").hidden = hovered < 0;
    contrast.hover(hovered);
    if (hovered < 0) return;
    drawFromSheet(find(".truth"), sheet, hovered, about.tests);
    if (plane.model) plane.model.show(find(".again"), ...codeOf(hovered));
    const name = classOf(plane.dots.labels[hovered]);
    find(".hovered .note").textContent = say("picture_number").replace("{number}", hovered + 1) + (name && `: ${name}`);
  }

  const tool = () => find(".choice input:checked").value;
  const drawnPath = attachWalk(plane, {
    tool,
    place: () => place,
    move,
    hover,
    setEnd,
    setPath: (points) => hub.set("path", points, element),
    report() {
      props.value = place;
      trigger("input");
    },
  });

  // A picture lands on the plane: a drawing from the pad, or pixels from Python.

  function land(picture) {
    find(".landed").hidden = !picture;
    landing = picture && plane.model ? plane.model.encode(picture) : null;
    if (!landing) return plane.paint();
    fail("");
    writePicture(find(".given"), picture, plane.model);
    const numbers = (pair) => `(${pair.map((v) => v.toFixed(2)).join(", ")})`;
    find(".landed .note").textContent =
      `μ = ${numbers(landing.place)}${landing.sigma ? `, σ = ${numbers(landing.sigma)}` : ""}`;
    move(landing.place);
    plane.paint();
    plane.follow(place);
    contrast.follow(() => picture);
  }

  document.addEventListener("drawn", (event) => {
    if (!plane.model || !event.target.closest(`#${props.ids.pad}`)) return;
    drawn = event.detail();
    landDrawing();
  });

  const landDrawing = () => land(drawn && prepareDrawing(greyOf(drawn), drawn.width, about.drawing, plane.model));
  for (const [name, end] of [
    ["as-a", 0],
    ["as-b", 1],
  ])
    find(`.${name}`).addEventListener("click", () => landing && setEnd(end, landing.place));

  // The plane comes from Python when the tab is opened, and with another model

  async function open() {
    const name = props.model;
    const loaded = await load(name).catch((error) => fail("no_plane", error.message));
    if (!loaded || name !== props.model) return;
    fail("");
    about = loaded.about;
    hidden.clear();
    landing = null;
    hovered = -1;
    sheet = null;
    for (const part of [".hovered", ".landed"]) find(part).hidden = true;
    for (const node of element.querySelectorAll(".of-prior")) node.hidden = !about.prior;
    plane.quantiles = find(".quantiles").checked;
    plane.show(loaded);
    buildLegend();
    const { x, y, half } = about.home;
    const inside = Math.hypot(place[0] - x, place[1] - y) < half;
    hub.set("about", about, element);
    hub.set("path", null, element);
    hub.set("samples", [], element);
    hub.set("ends", initialEnds(about.home), element);
    hub.set("model", plane.model, element);
    move(inside ? place : [x, y]);
    if (drawn && plane.model) landDrawing();
    output.dataset.model = about.name;
    hub.complete = false;
    const beside = contrast.choose(about.others);
    const picture = about.tests && (await fetchPicture(about.tests.sheet));
    if (name !== props.model) return;
    sheet = picture;
    await beside;
    hub.complete = true;
  }

  // Buttons, switches and the legend; changes by the other parts of the tab, by Python and by the page.

  function buildLegend() {
    const labels = plane.dots && about.tests.classes.length ? plane.dots.labels : [];
    find(".legend").hidden = !plane.dots;
    for (const name of [".all", ".none"]) find(name).hidden = !labels.length;
    const count = plane.dots?.count.toLocaleString();
    if (count) find(".tests").textContent = say(`tests_${about.tests.set}`).replace("{count}", count);
    find(".beta").textContent =
      about?.beta == null ? (about && !about.prior ? say("no_prior") : "") : `β = ${about.beta}: ${say("beta")}`;
    find(".classes").replaceChildren(...legendEntries(labels, classOf, hidden, repaint));
  }

  function repaint() {
    plane.changed();
    contrast.repaint(true);
  }

  function showAll(shown) {
    hidden.clear();
    if (!shown) for (const kind of plane.dots.labels) hidden.add(kind);
    buildLegend();
    repaint();
  }

  attachControls(find, plane, { place: () => place, showAll, repaint });
  for (const choice of element.querySelectorAll(".choice input"))
    choice.addEventListener("change", () => (canvas.dataset.tool = tool()));

  hub.on("place", (at, source) => {
    if (source === element) return;
    move(at);
    plane.follow(at);
  });
  for (const name of ["ends", "arc", "path", "samples", "runner"]) hub.on(name, () => plane.paint());

  // Pictures dropped on the plane: the first becomes A, the second B.
  onPicturesDropped(find(".plane"), async (uris) => {
    for (const [i, uri] of uris.entries()) {
      const pixels = await receive(await server.prepare_picture(uri, about.name));
      if (pixels && uris.length === 2) setEnd(i, landing.place);
    }
  });

  // {pixels: base64 of C·H·W bytes}, or {error}; what Python made of a picture.
  async function receive(sent) {
    if (!sent || (sent.again && drawn)) return null;
    if (sent.error) return fail("no_picture", sent.error);
    const picture = pixelsOf(sent.pixels);
    await load(props.model);
    drawn = null;
    land(picture);
    return picture;
  }

  const speakAll = () => {
    translate();
    buildLegend();
    describe();
    for (const made of contrast.others) contrast.translate(made);
  };
  speakAll();
  onAppearance(speakAll);
  watch("landed", () => receive(props.landed));
  watch("model", open);
  watch("value", () => props.value?.length === 2 && String(props.value) !== String(place) && move(props.value));
  canvas.latent = Object.assign(hub, { plane, contrast }); // for inspection
  open();
}
