import { helpers, loadPicture } from "../shared/component.js";
import { Contrast } from "./contrast.js";
import { Dots } from "./dots.js";
import { attachGestures, roundUp, writeTicks } from "./gestures.js";
import { COLOURS, decimalsOf, hub, snap, writePlace } from "./hub.js";
import { Mlp, fetchFile, readBundle } from "./mlp.js";
import { curve, ellipse, outline, paintEnd, paintSpot } from "./paint.js";
import { Plane } from "./plane.js";
import { greyOf, prepareDrawing } from "./prepare.js";

export default function mount({ element, props, trigger, watch, server, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const canvas = find(".plane canvas");
  const output = find(".picture canvas");
  const hidden = new Set(); // classes whose dots are not shown
  const looks = () => ({ pictures: find(".pictures").checked, prior: find(".prior").checked, hidden });

  let about = null; // what Python says of the plane
  let place = [0, 0]; // the point
  let looked = place; // what is decoded: the place under the pointer, else the point
  let held = null; // "0" or "1": an end that is being dragged
  let hovered = -1; // a test picture
  let landing = null; // {place, sigma}: a drawing, and how sure the model is of it
  let drawn = null; // the pad's drawing, if that landed last
  let moving = 0; // when the point last moved; pictures of the grid wait for it
  let sheet = null; // the pictures of the dots, `about.tests.columns` in a row
  let drawnPath = null;

  const plane = new Plane(canvas, {
    look: looks,
    paintOver,
    viewed: () => writeTicks(plane, find(".rows"), find(".columns")),
  });
  plane.busy = () => performance.now() - moving < 60;
  const decimals = () => decimalsOf(plane.grain);
  const tell = (at) => (find(".coords").textContent = writePlace(at, decimals()));
  const contrast = new Contrast(find(".contrast"), { load, look: looks, moved: fromContrast, say });

  // Painting over the plane

  function paintOver(context) {
    const { ratio } = plane;
    for (const at of hub.get("samples")) paintSpot(context, plane, at, 3, "#7fb2ff");
    const ends = hub.get("ends");
    const path = drawnPath ?? hub.get("path");
    if (path) {
      curve(context, plane, path);
      outline(context, 2.5 * ratio, "#62d492");
    }
    curve(context, plane, ends);
    outline(context, 2 * ratio, "#ffac5a");
    curve(context, plane, hub.get("arc"));
    outline(context, 2 * ratio, "#ffac5a", [5 * ratio, 4 * ratio]);
    if (landing?.sigma)
      for (const size of [1, 2]) {
        curve(
          context,
          plane,
          ellipse(
            landing.place,
            landing.sigma.map((s) => s * size),
          ),
          true,
        );
        outline(context, (3 - size) * ratio, "#7fb2ff");
      }
    if (hub.get("runner")) paintSpot(context, plane, hub.get("runner"), 6, "#62d492");
    ends.forEach((at, i) => paintEnd(context, plane, at, "AB"[i], "#ffac5a"));
    if (hovered >= 0) paintSpot(context, plane, codeOf(hovered), 6, "#fff");
  }

  // The picture at a place: by the model in the page, or, where it cannot run here, by the server, one request at a
  // time, of those that wait only the last.

  let waiting = null;
  let asking = false;

  function decode(at) {
    if (!plane.model) return ask(at);
    plane.model.show(output, ...at);
    output.dataset.z = at.map((v) => v.toFixed(decimals())).join(",");
    return null;
  }

  async function ask(at) {
    waiting = at;
    if (asking || !about) return;
    asking = true;
    while (waiting) {
      const [x, y] = waiting;
      waiting = null;
      const picture = await server
        .decode_at(x, y, about.name)
        .then((uri) => uri && loadPicture(uri))
        .catch(() => null);
      fail(picture ? "" : "failed");
      if (!picture) continue;
      Object.assign(output, { width: picture.width, height: picture.height });
      output.getContext("2d").drawImage(picture, 0, 0);
      output.dataset.z = [x, y].map((v) => v.toFixed(decimals())).join(",");
    }
    asking = false;
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
    tell(at);
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
    if (!plane.model) return tell(pixel ? plane.fromPixel(pixel) : place);
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
    const { columns, shape } = about.tests;
    const [, height, width] = shape;
    const truth = Object.assign(find(".truth"), { width, height });
    truth
      .getContext("2d")
      .drawImage(
        sheet,
        (hovered % columns) * width,
        Math.floor(hovered / columns) * height,
        width,
        height,
        0,
        0,
        width,
        height,
      );
    if (plane.model) plane.model.show(find(".again"), ...codeOf(hovered));
    const name = classOf(plane.dots.labels[hovered]);
    find(".hovered .note").textContent = say("picture_number").replace("{number}", hovered + 1) + (name && `: ${name}`);
  }

  const trail = [];
  const tool = () => find(".choice input:checked").value;
  attachGestures(plane, {
    tool,
    start(pixel) {
      const near = (at) => Math.hypot(...plane.toPixel(at).map((v, i) => v - pixel[i])) < 14 * plane.ratio;
      held = tool() === "path" ? "path" : ([1, 0].find((i) => near(hub.get("ends")[i])) ?? null);
      if (held === "path") trail.splice(0, trail.length, plane.fromPixel(pixel));
      return held !== null;
    },
    move: (pixel) => move(plane.fromPixel(pixel)),
    hover,
    drag(pixel) {
      const at = plane.fromPixel(pixel);
      if (held === "path") {
        trail.push(at);
        drawnPath = trail;
        plane.paint();
        move(at);
      } else {
        hub.set(
          "ends",
          hub.get("ends").map((end, i) => (i === held ? at : end)),
          element,
        );
        move(at);
      }
    },
    end(kind) {
      if (kind === "drag" && held === "path" && trail.length > 2) hub.set("path", [...trail], element);
      drawnPath = held = null;
      plane.paint();
      report();
    },
    step(arrow, large) {
      const nearness = 2 ** Math.min(0, Math.round(Math.log2(plane.view.half / plane.home.half)));
      const size = (large ? 5 : 1) * roundUp(about.home.half / 32) * nearness;
      move(place.map((at, i) => at + size * arrow[i]));
      plane.follow(place);
    },
    key(name) {
      if (name === "here") return plane.toPixel(place);
      const end = { a: 0, b: 1 }[name.toLowerCase()];
      if (end === undefined) return false;
      hub.set(
        "ends",
        hub.get("ends").map((at, i) => (i === end ? place : at)),
        element,
      );
      return true;
    },
  });

  const report = () => {
    props.value = place;
    trigger("input");
  };

  // A picture lands on the plane: a drawing from the pad, or pixels from Python.

  function land(picture) {
    find(".landed").hidden = !picture;
    landing = picture && plane.model ? plane.model.encode(picture) : null;
    if (!landing) return plane.paint();
    const given = find(".given");
    Object.assign(given, { width: plane.model.width, height: plane.model.height });
    const image = new ImageData(given.width, given.height);
    const area = given.width * given.height;
    for (let i = 0; i < 4 * area; i++)
      image.data[i] = i % 4 === 3 ? 255 : 255 * picture[(i >> 2) + (plane.model.channels === 3 ? (i % 4) * area : 0)];
    given.getContext("2d").putImageData(image, 0, 0);
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
    find(`.${name}`).addEventListener(
      "click",
      () =>
        landing &&
        hub.set(
          "ends",
          hub.get("ends").map((at, i) => (i === end ? landing.place : at)),
          element,
        ),
    );

  // The plane comes from Python when the tab is opened, and with another model

  const kept = new Map();
  function load(name) {
    if (!kept.has(name)) kept.set(name, fetchPlane(name));
    kept.get(name).catch(() => kept.delete(name));
    return kept.get(name);
  }

  async function fetchPlane(name) {
    const about = await server.open_plane(name);
    if (!about || about.error) throw new Error(about?.error ?? "");
    const bundle = (path) =>
      path &&
      fetchFile(path)
        .then((response) => response.arrayBuffer())
        .then(readBundle);
    const [grid, weights, tests] = await Promise.all([
      fetchFile(about.grid)
        .then((response) => response.blob())
        .then(createImageBitmap),
      bundle(about.file),
      bundle(about.tests?.file),
    ]);
    return { about, grid, model: weights && new Mlp(weights), dots: tests && new Dots(tests) };
  }

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
    hub.set(
      "ends",
      [
        [x - 0.6 * half, y + 0.3 * half],
        [x + 0.6 * half, y + 0.2 * half],
      ],
      element,
    );
    hub.set("model", plane.model, element);
    move(inside ? place : [x, y]);
    if (drawn && plane.model) landDrawing();
    output.dataset.model = about.name;
    hub.complete = false;
    const beside = contrast.choose(about.others);
    const picture =
      about.tests &&
      (await fetchFile(about.tests.sheet)
        .then((response) => response.blob())
        .then(createImageBitmap));
    if (name !== props.model) return;
    sheet = picture;
    await beside;
    hub.complete = true;
  }

  // Buttons, switches and the legend; and what is heard from the other parts of the tab, from Python and from the page.

  function buildLegend() {
    const kinds = plane.dots && about.tests.classes.length ? [...new Set(plane.dots.labels)].sort((a, b) => a - b) : [];
    find(".legend").hidden = !plane.dots;
    for (const name of [".all", ".none"]) find(name).hidden = !kinds.length;
    if (plane.dots)
      find(".tests").textContent = say(`tests_${about.tests.set}`).replace(
        "{count}",
        plane.dots.count.toLocaleString(),
      );
    find(".beta").textContent =
      about?.beta == null ? (about && !about.prior ? say("no_prior") : "") : `β = ${about.beta}: ${say("beta")}`;
    find(".classes").replaceChildren(
      ...kinds.map((kind) => {
        const entry = document.createElement("label");
        const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(kind) });
        const dot = Object.assign(document.createElement("i"), { className: "dot" });
        dot.style.setProperty("--dot", COLOURS[kind % COLOURS.length]);
        box.addEventListener("change", () => {
          box.checked ? hidden.delete(kind) : hidden.add(kind);
          repaint();
        });
        entry.append(box, dot, classOf(kind));
        return entry;
      }),
    );
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

  find(".all").addEventListener("click", () => showAll(true));
  find(".none").addEventListener("click", () => showAll(false));
  find(".nearer").addEventListener("click", () => plane.zoom(1.5, plane.toPixel(place)));
  find(".farther").addEventListener("click", () => plane.zoom(1 / 1.5, plane.toPixel(place)));
  find(".home").addEventListener("click", () => plane.setView(plane.home));
  for (const name of [".pictures", ".prior"]) find(name).addEventListener("change", repaint);
  find(".quantiles").addEventListener("change", () => plane.setAxes(find(".quantiles").checked));
  for (const choice of element.querySelectorAll(".choice input"))
    choice.addEventListener("change", () => (canvas.dataset.tool = tool()));

  hub.on("place", (at, source) => {
    if (source === element) return;
    move(at);
    plane.follow(at);
  });
  for (const name of ["ends", "arc", "path", "samples", "runner"]) hub.on(name, () => plane.paint());

  // Pictures dropped on the plane: the first becomes A, the second B.
  const board = find(".plane");
  board.addEventListener("dragover", (event) => event.preventDefault());
  board.addEventListener("drop", async (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files].slice(0, 2);
    for (const [i, file] of files.entries()) {
      const uri = await readFile(file);
      const pixels = await receive(await server.prepare_picture(uri, about.name));
      if (pixels && files.length === 2)
        hub.set(
          "ends",
          hub.get("ends").map((at, j) => (i === j ? landing.place : at)),
          element,
        );
    }
  });

  const readFile = (file) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(file);
    });

  // {pixels: base64 of C·H·W bytes}, or {error}; what Python made of a picture.
  async function receive(sent) {
    if (!sent || (sent.again && drawn)) return null;
    if (sent.error) return fail("no_picture", sent.error);
    fail("");
    const picture = Float32Array.from(atob(sent.pixels), (c) => c.charCodeAt(0) / 255);
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
