import { pixelsOf } from "../base/bundle.js";
import { cells } from "../base/cells.js";
import { helpers } from "../base/component.js";
import { saveBlob } from "../base/download.js";
import { writePicture } from "../latent_map/pictures.js";
import { greyOf, prepareDrawing } from "../latent_map/prepare.js";
import { buildExamples, buildSliders, radioButtons } from "./controls.js";
import { fillGrid, gradualGrid, joinCanvases, onePerFrame } from "./grid.js";
import { loadSheet } from "./load.js";
import { makePaints } from "./paints.js";
import { verdict } from "./verdict.js";
import { sampleNormal, walkThrough } from "./walk.js";

const ROWS = 8; // styles in the grid, at most
const SAMPLES = 48;
const TOGETHER = 5; // samples that are decoded in one frame
const NARROW = 560; // pixels
const REACH = 3; // standard deviations of the prior at a slider's end
const STEP_SECONDS = 2; // of a walk, from one style to the next

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const canvas = {
    seen: find(".seen"),
    ten: find(".ten"),
    rows: find(".rows canvas"),
    samples: find(".samples canvas"),
  };

  let model = null;
  let paints = null; // what `fillGrid` takes
  let examples = []; // {picture, label}
  let picture = null; // the source (C·H·W,), or null where the style comes from elsewhere
  let found = null; // of each class, what the model infers of the source
  let corrected = false;
  let label = 0;
  let z = [];
  let kept = []; // the grid's styles: {z, label, picture}, and what paints each as every class once it is decoded
  let drawn = []; // samples of the prior
  let labels = null; // their buttons

  const draw = () => Array.from({ length: model.latent }, sampleNormal);
  const nameOf = (kind) => props.about.classes[kind];
  const fill = (node, columns, pictures) => fillGrid(node, columns, pictures, model);

  // What is shown

  function showTen() {
    fill(canvas.ten, narrow ? Math.ceil(model.classes / 2) : model.classes, paints.all(z));
    canvas.ten.dataset.z = z.map((v) => v.toFixed(3)).join(",");
    if (!picture) fill(canvas.seen, 1, [paints.decoded(z, label)]);
  }

  function showSliders() {
    find(".sliders")
      .querySelectorAll("input")
      .forEach((input, i) => (input.value = z[i]));
  }

  function showLabels() {
    labels?.show(
      label,
      found?.map(({ probability }) => probability),
    );
    const { accuracy } = props.about;
    find(".verdict").textContent = verdict(found, { nameOf, corrected, accuracy, say });
    const title = say("samples").replace("{label}", nameOf(label));
    find(".samples-title").textContent = title;
    find(".samples").setAttribute("aria-label", title);
  }

  // A phone. Reading the width at each movement would compute the layout of the page each time.
  let narrow = find(".sheet").clientWidth < NARROW;
  new ResizeObserver(([{ contentRect }]) => (narrow = contentRect.width < NARROW)).observe(find(".sheet"));

  function showRows() {
    fill(
      canvas.rows,
      model.classes + 1,
      kept.flatMap((row) => [
        row.picture ? paints.source(row.picture) : paints.decoded(row.z, row.label),
        ...(row.classes ?? Array(model.classes)),
      ]),
    );
    labelRows(
      kept.map((row, i) => `${say("style")} ${i + 1}: ${nameOf(row.label)}`),
      1,
    );
    frame(canvas.rows);
  }

  const fillSamples = gradualGrid(canvas.samples, TOGETHER);
  function showSamples() {
    const columns = narrow ? 8 : 12;
    fillSamples(columns, drawn, (styles) => paints.each(styles, label), model);
    labelSamples(
      drawn.map((_, i) => `${say("style")} ${i + 1}`),
      columns,
    );
    frame(canvas.samples);
  }

  // The buttons over a canvas stand where its pictures do.
  const frame = (node) => (node.parentElement.style.aspectRatio = `${node.width} / ${node.height}`);

  let resting = 0;
  let shown = ""; // the value that this script gave last
  function report() {
    clearTimeout(resting);
    resting = setTimeout(() => {
      props.value = { label, z: z.map((v) => Number(v.toFixed(2))) };
      shown = JSON.stringify(props.value);
      trigger("input");
    }, 400);
  }

  let stale = 0;
  function paintSoon() {
    if (stale) return;
    stale = requestAnimationFrame(() => {
      stale = 0;
      showTen();
    });
  }

  // What changes it

  function setStyle(style) {
    z = [...style];
    showSliders();
    paintSoon();
    report();
  }

  function setLabel(kind) {
    const before = label;
    label = kind;
    showLabels();
    if (before !== kind) showSamples();
  }

  function setPicture(given) {
    stop();
    fail();
    picture = given;
    found = given && model.infer(given);
    corrected = false;
    if (!given) return showLabels();
    writePicture(canvas.seen, given, model);
    const scores = found.map(({ score }) => score);
    setLabel(scores.indexOf(Math.min(...scores)));
    setStyle(found[label].z);
  }

  // A style that is no longer the picture's.
  function leavePicture() {
    stop();
    if (picture) setPicture(null);
  }

  function correct(kind) {
    stop();
    corrected = Boolean(found);
    setLabel(kind);
    if (found) setStyle(found[kind].z);
    else paintSoon();
    report();
  }

  const walk = walkThrough(STEP_SECONDS, (style) => {
    z = style;
    showSliders();
    showTen();
  });

  function stop() {
    if (walk.stop()) report();
    find(".walk").textContent = say("walk");
  }

  function start() {
    leavePicture();
    find(".walk").textContent = say("pause");
    walk.start(z, () => kept.map((row) => row.z));
  }

  const decode = (row) => Object.assign(row, { classes: paints.all(row.z) });

  function keep(row) {
    kept = [decode(row), ...kept].slice(0, ROWS);
    showRows();
  }

  const save = () =>
    joinCanvases(canvas.seen, [canvas.ten, canvas.rows]).toBlob((blob) => saveBlob("styles.png", blob));

  // Controls

  function build() {
    labels = radioButtons(find(".labels"), props.about.classes, correct);
    buildSliders(find(".sliders"), model.latent, REACH, (i, value) => {
      leavePicture();
      z[i] = value;
      paintSoon();
      report();
    });
    const pictures = examples.map((example) => example.picture);
    buildExamples(find(".examples"), pictures, model, (i) => setPicture(pictures[i]));
    nameExamples();
  }

  function nameExamples() {
    [...find(".examples").children].forEach((button, i) =>
      button.setAttribute("aria-label", `${say("example")} ${i + 1}: ${nameOf(examples[i].label)}`),
    );
  }

  const labelRows = cells(find(".rows"), (i) => {
    if (kept[i].picture) return setPicture(kept[i].picture);
    leavePicture();
    setStyle(kept[i].z);
  });
  const labelSamples = cells(find(".samples"), (i) => {
    leavePicture();
    setStyle(drawn[i]);
  });
  find(".walk").addEventListener("click", () => (walk.going ? stop() : start()));
  find(".random").addEventListener("click", () => {
    leavePicture();
    setStyle(draw());
  });
  find(".middle").addEventListener("click", () => {
    leavePicture();
    setStyle(new Array(model.latent).fill(0));
  });
  find(".keep").addEventListener("click", () => keep({ z: [...z], label, picture }));
  find(".save").addEventListener("click", save);
  find(".draw").addEventListener("click", () => {
    drawn = Array.from({ length: SAMPLES }, draw);
    showSamples();
  });
  document.addEventListener("drawn", (event) => {
    if (!model || !event.target.closest(`#${props.pad}`)) return;
    const sheet = event.detail();
    const given = sheet && prepareDrawing(greyOf(sheet), sheet.width, props.about.drawing, model);
    if (given) setPicture(given);
  });

  function fail(reason = "") {
    find(".failed").hidden = !reason;
    find(".failed").textContent = reason;
  }

  function land() {
    if (!model || !props.landed) return;
    if (props.landed.error) return fail(props.landed.error);
    setPicture(pixelsOf(props.landed.pixels));
  }

  // Restores a link or a step; without a style, the first example.
  function restore() {
    const { label: kind, z: style } = props.value ?? {};
    if (!model || JSON.stringify(props.value) === shown || !Array.isArray(style)) return;
    if (style.length !== model.latent) {
      setPicture(examples[0].picture);
      return clearTimeout(resting); // the visitor has changed nothing
    }
    leavePicture();
    setLabel(Math.max(0, Math.min(model.classes - 1, kind)));
    setStyle(style);
  }

  async function open() {
    const loaded = await loadSheet(props.about);
    model = loaded.model;
    examples = loaded.examples;
    paints = makePaints(model, () => getComputedStyle(element).getPropertyValue("--ae-input"));
    kept = examples.slice(0, 6).map((each) => ({ ...each, z: [...model.assume(each.picture, each.label).z] }));
    drawn = Array.from({ length: SAMPLES }, draw);
    build();
    restore();
    land();
    showRows();
    showSamples();
    onePerFrame()(kept.map((row) => () => decode(row) && showRows()));
    canvas.ten.sheet = { model, state: () => ({ z, label, found }), setPicture };
  }

  const look = () => {
    translate();
    find(".walk").textContent = say(walk.going ? "pause" : "walk");
    if (!model) return;
    showLabels();
    showRows();
    showSamples();
    nameExamples();
  };
  watch("landed", land);
  watch("value", restore);
  look();
  onAppearance(look);
  open().catch((error) => fail(`${say("failed")} ${error.message}`));
}
