// One SVG path for all bars, in a view box as wide as the code is long: thousands of bars cost no more than one. An
// editable code (see `editable_code`) is decoded again at most once a frame (`decoding.js`).

import { pixelsOf } from "../base/bundle.js";
import { channel } from "../base/channel.js";
import { csvButton, nameOf } from "../base/download.js";
import { helpers } from "../base/component.js";
import { barPath, heightOf, marksOf, rangeOf } from "./chart.js";
import { attachControls } from "./controls.js";
import { codeDecoder } from "./decoding.js";
import { cardsOf, loadModel } from "./output.js";
import { Sweep } from "./sweep.js";
import { drawUnits, largestUnits, markUnits } from "./units.js";

const MIN_WIDTH = 6; // CSS pixels of a bar that can be dragged; more bars than fit are scrolled

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const plot = find(".plot");
  const root = find(".bars");
  let index = null; // the bar that is read
  let chosen = null; // the bar that is edited
  let edits = new Map(); // values by index, in place of the encoder's
  let swept; // the value that the swept unit had in `edits`
  let x = null; // the picture in [0, 1]
  let frame = 0; // the animation frame that will draw and decode
  let key = ""; // of the code and its model

  const about = () => (Array.isArray(props.value) || !props.value ? null : props.value); // of an editable code
  const given = () => (Array.isArray(props.value) ? props.value : (props.value?.code ?? []));
  const value = (i) => edits.get(i) ?? given()[i];
  const code = () => given().map((_, i) => value(i));
  const short = (number) => Number(number.toPrecision(3)).toString();

  // The scale of an editable code is that of the picture's own code, and stays while it is edited.
  const range = () => rangeOf([given(), about()?.low ?? [], about()?.high ?? []]);

  // Drawing

  function read(next) {
    const numbers = given();
    index = next === null || !numbers.length ? null : Math.min(numbers.length - 1, Math.max(0, next));
    const shown = index ?? chosen;
    root.classList.toggle("reading-one", shown !== null);
    const total = about()?.numbers ?? numbers.length;
    if (shown === null) {
      const first = say("first").replace("{0}", numbers.length.toLocaleString()).replace("{1}", total.toLocaleString());
      const count = total > numbers.length ? first : `${numbers.length} ${say("count")}`;
      find(".reading").textContent = numbers.length ? count : "";
      report(0);
      return;
    }
    find(".cursor").setAttribute("x", shown);
    const was = edits.has(shown) ? ` (${say("given").replace("{0}", short(numbers[shown]))})` : "";
    find(".reading").textContent = `z[${shown}] = ${short(value(shown))}${was}`;
    report(value(shown));
  }

  // Screen readers expect a slider to have a value: until a bar is chosen, the text gives the number of bars.
  function report(number) {
    plot.setAttribute("aria-valuenow", short(number));
    plot.setAttribute("aria-valuetext", find(".reading").textContent);
  }

  function draw() {
    const numbers = code();
    const editable = about() !== null;
    root.classList.toggle("none", !numbers.length);
    root.classList.toggle("editable", editable);
    root.hidden = props.retiring && !numbers.length;
    const scale = range();
    const gap = !editable && numbers.length > 128 ? 0 : 0.12; // narrow bars touch
    plot.setAttribute("viewBox", `0 0 ${numbers.length || 1} 100`);
    plot.style.minWidth = editable ? `${MIN_WIDTH * numbers.length}px` : "";
    plot.setAttribute("role", editable ? "slider" : "img");
    plot.dataset.aria = editable ? "slider" : "canvas";
    plot.setAttribute("aria-label", say(plot.dataset.aria));
    find(".columns").setAttribute("d", numbers.map((number, i) => barPath(i, number, scale, gap)).join(""));
    const ghosts = Array.from(edits.keys(), (i) => barPath(i, given()[i], scale, gap));
    find(".ghost").setAttribute("d", ghosts.join(""));
    const axis = find(".axis");
    axis.setAttribute("x2", numbers.length || 1);
    for (const side of ["y1", "y2"]) axis.setAttribute(side, heightOf(0, scale));
    for (const [name, number] of marksOf(scale)) {
      const mark = find(`.${name}`);
      mark.style.top = `${heightOf(number ?? 0, scale)}%`;
      mark.textContent = number === null ? "" : short(number);
    }
    read(index);
    drawButtons();
  }

  function drawButtons() {
    find(".editing").hidden = about() === null || !given().length;
    find(".sweep").disabled = find(".off").disabled = chosen === null;
    find(".reset").disabled = !edits.size;
    find(".sweep").textContent = say(sweep.running ? "stop" : "sweep");
    find(".sweep").setAttribute("aria-pressed", sweep.running);
    find(".off").textContent = say(chosen !== null && isOff(chosen) ? "on" : "off");
    markUnits(find(".drawn"), code(), about()?.high ?? [], chosen, short);
  }

  function drawSoon() {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
      if (about()) decoder.decode();
    });
  }

  // Editing

  const isOff = (i) => edits.get(i) === 0;
  const sweep = new Sweep((i, number) => (element.isConnected ? change(i, number) : sweep.stop()));

  function choose(i) {
    stopSweep();
    chosen = i;
    read(i);
    drawButtons();
  }

  function change(i, number) {
    const { high, low } = range();
    const next = Math.min(high, Math.max(low, number));
    if (next === given()[i]) edits.delete(i);
    else edits.set(i, next);
    drawSoon();
  }

  function toggle(i) {
    stopSweep();
    if (isOff(i)) edits.delete(i);
    else edits.set(i, 0);
    drawSoon();
  }

  function reset() {
    const edited = edits.size > 0 || sweep.running;
    stopSweep();
    edits.clear();
    if (edited) drawSoon();
    return edited;
  }

  function toggleSweep() {
    if (sweep.running) return stopSweep();
    if (chosen === null) return;
    swept = edits.get(chosen);
    sweep.start(chosen, value(chosen), about().low[chosen], about().high[chosen]);
    drawButtons();
  }

  // Restores the value that the unit had before the sweep.
  function stopSweep() {
    const i = sweep.stop();
    if (i === null) return;
    if (swept === undefined) edits.delete(i);
    else edits.set(i, swept);
    drawSoon();
  }

  // Decoding

  const publish = (cards) => props.follow && channel(props.follow).set("edited", cards, element);
  const decoder = codeDecoder({
    file: () => about()?.model ?? null,
    code,
    isEdited: () => edits.size > 0,
    fetchModel: loadModel,
    ask: (number) => trigger("select", { code: code(), number }),
    show: (picture) => publish(picture && cardsOf(picture, x, about().shape)),
    changed: drawSoon,
    loaded: showUnits,
  });

  watch("decoded", () => {
    const { pixels, number } = props.decoded ?? {};
    if (pixels && about()) decoder.answer(number, () => pixelsOf(pixels));
  });

  function showUnits(model) {
    const { drawn, high, shape } = about();
    const box = find(".drawn");
    box.hidden = !drawn;
    drawUnits(box, drawn ? largestUnits(given()) : [], high, { model, shape, choose, toggle, read });
    drawButtons();
  }

  // What Python gave

  function receive() {
    const editable = about();
    const now = editable ? JSON.stringify([editable.code, editable.model, editable.x]) : "";
    if (editable && now === key) return; // the same picture: the edits stay
    key = now;
    sweep.stop();
    controls.cancelDrag();
    edits = new Map();
    decoder.reset();
    index = null;
    if (!editable || chosen >= given().length) chosen = null;
    const tiles = find(".drawn");
    if (!editable?.drawn) tiles.hidden = true;
    if (!editable?.drawn || tiles.children.length > given().length) tiles.replaceChildren(); // of another model
    if (editable) {
      x = pixelsOf(editable.x);
      publish(null);
      if (editable.drawn) decoder.load();
    }
    draw();
  }

  const controls = attachControls(plot, find(".scroll"), {
    count: () => given().length,
    editable: () => about() !== null,
    index: () => index,
    chosen: () => chosen,
    value,
    span: () => range().span,
    read,
    choose,
    change,
    toggle,
    sweep: toggleSweep,
    stopSweep,
    reset,
    load: () => decoder.load(),
  });
  find(".sweep").addEventListener("click", toggleSweep);
  find(".off").addEventListener("click", () => toggle(chosen));
  find(".reset").addEventListener("click", reset);

  const dress = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    draw();
  };
  const rows = () => [["z", say("now"), say("encoder")], ...code().map((number, i) => [i, number, given()[i]])];
  find("figcaption").append(csvButton(nameOf(element), rows));
  receive();
  dress();
  onAppearance(dress);
  watch("label", dress);
  watch("value", receive);
}
