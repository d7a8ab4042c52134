// One SVG path for all bars, in a view box as wide as the code is long: thousands of bars cost no more than one. An
// editable code (see `editable_code`) is changed by hand; its output is computed here, or asked for, once a frame.

import { pixelsOf } from "../base/bundle.js";
import { channel } from "../base/channel.js";
import { csvButton, nameOf } from "../base/download.js";
import { helpers } from "../base/component.js";
import { cardsOf, loadModel, paint } from "./output.js";

const NARROW = 6; // CSS pixels of a bar that can be dragged; more bars than fit are scrolled
const SWEEP = 2400; // ms from the low quantile to the high one and back
const MOST_DRAWN = 96; // units that are shown by what they draw
const GIVEN_UP = 2000; // ms
const MOVED = 3; // pixels from which a press is a drag

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const plot = find(".plot");
  const root = find(".bars");
  let index = null; // the bar that is read
  let chosen = null; // the bar that is edited
  let edits = new Map(); // values by index, in place of the encoder's
  let drag = null; // { i, y, value, moved }
  let sweep = null; // { i, began, frame, before }
  let model = null; // an Mlp, once it is here
  let x = null; // the picture in [0, 1]
  let asked = 0; // codes that were sent to the server
  let since = 0; // answers to codes up to this one are out of date
  let sent = Number.NEGATIVE_INFINITY; // when the request was sent that is under way
  let again = false; // whether the code has changed since
  let waiting = false; // for the next frame
  let key = ""; // of the code and its model

  const about = () => (Array.isArray(props.value) || !props.value ? null : props.value); // of an editable code
  const given = () => (Array.isArray(props.value) ? props.value : (props.value?.code ?? []));
  const code = () => given().map((value, i) => edits.get(i) ?? value);
  const short = (number) => Number(number.toPrecision(3)).toString();

  // Of an editable code the scale stays as long as the picture does.
  function range() {
    const { low, high } = about() ?? { low: [], high: [] };
    let top = 0;
    let bottom = 0;
    for (const list of [given(), low, high])
      for (const value of list) {
        top = Math.max(top, value);
        bottom = Math.min(bottom, value);
      }
    return { high: top, low: bottom, span: top - bottom || 1 };
  }

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
    const value = edits.get(shown) ?? numbers[shown];
    const was = edits.has(shown) ? ` (${say("given").replace("{0}", short(numbers[shown]))})` : "";
    find(".reading").textContent = `z[${shown}] = ${short(value)}${was}`;
    report(value);
  }

  // A slider without a value is none to a screen reader: until a number is chosen, the text says how many there are.
  function report(value) {
    plot.setAttribute("aria-valuenow", short(value));
    plot.setAttribute("aria-valuetext", find(".reading").textContent);
  }

  function draw() {
    const numbers = code();
    const editable = about() !== null;
    root.classList.toggle("none", !numbers.length);
    root.classList.toggle("editable", editable);
    root.hidden = props.retiring && !numbers.length;
    const { high, low, span } = range();
    const y = (number) => ((high - number) / span) * 100;
    const gap = !editable && numbers.length > 128 ? 0 : 0.12; // of a bar's width, on each side; narrow bars touch
    const path = (i, value) => `M${i + gap} ${y(0)}V${y(value).toFixed(3)}H${i + 1 - gap}V${y(0)}Z`;
    plot.setAttribute("viewBox", `0 0 ${numbers.length || 1} 100`);
    plot.style.minWidth = editable ? `${NARROW * numbers.length}px` : "";
    plot.setAttribute("role", editable ? "slider" : "img");
    plot.dataset.aria = editable ? "slider" : "canvas";
    plot.setAttribute("aria-label", say(plot.dataset.aria));
    find(".columns").setAttribute("d", numbers.map((number, i) => path(i, number)).join(""));
    find(".ghost").setAttribute("d", Array.from(edits.keys(), (i) => path(i, given()[i])).join(""));
    const axis = find(".axis");
    axis.setAttribute("x2", numbers.length || 1);
    for (const side of ["y1", "y2"]) axis.setAttribute(side, y(0));
    for (const [name, number] of [
      ["high", high],
      ["zero", 0],
      ["low", low],
    ]) {
      const mark = find(`.${name}`);
      mark.style.top = `${y(number)}%`;
      // Zero is written once, and left out where the end of the scale would cover it.
      const crowded = name === "zero" && high && low && Math.min(high, -low) / span < 0.1;
      mark.textContent = crowded || (name !== "zero" && number === 0) ? "" : short(number);
    }
    read(index);
    drawButtons();
  }

  function drawButtons() {
    find(".editing").hidden = about() === null || !given().length;
    find(".sweep").disabled = find(".off").disabled = chosen === null;
    find(".reset").disabled = !edits.size;
    find(".sweep").textContent = say(sweep ? "stop" : "sweep");
    find(".sweep").setAttribute("aria-pressed", sweep !== null);
    find(".off").textContent = say(chosen !== null && isOff(chosen) ? "on" : "off");
    [...find(".drawn").children].forEach((tile) => {
      const i = Number(tile.dataset.unit);
      const [value, high] = [edits.get(i) ?? given()[i], about()?.high[i]];
      tile.style.setProperty("--share", Math.min(1, Math.max(0, value / (high || 1))).toFixed(3));
      tile.setAttribute("aria-pressed", i === chosen);
      tile.title = `z[${i}] = ${short(value)}`;
    });
  }

  // Editing

  const isOff = (i) => edits.get(i) === 0;

  function choose(i) {
    stopSweep();
    chosen = i;
    read(i);
    drawButtons();
  }

  function change(i, value) {
    const { high, low } = range();
    const next = Math.min(high, Math.max(low, value));
    if (next === given()[i]) edits.delete(i);
    else edits.set(i, next);
    soon();
  }

  function toggle(i) {
    stopSweep();
    if (isOff(i)) edits.delete(i);
    else edits.set(i, 0);
    soon();
  }

  function reset() {
    stopSweep();
    edits.clear();
    soon();
  }

  function startSweep() {
    if (chosen === null) return;
    const [low, high] = [about().low[chosen], about().high[chosen]];
    const middle = (low + high) / 2;
    const value = edits.get(chosen) ?? given()[chosen];
    const phase = Math.asin(Math.min(1, Math.max(-1, (value - middle) / ((high - low) / 2 || 1))));
    sweep = { i: chosen, before: edits.get(chosen), frame: 0 };
    const began = performance.now();
    const step = (now) => {
      if (!sweep || !element.isConnected) return;
      const angle = phase + (2 * Math.PI * (now - began)) / SWEEP;
      change(sweep.i, middle + ((high - low) / 2) * Math.sin(angle));
      sweep.frame = requestAnimationFrame(step);
    };
    sweep.frame = requestAnimationFrame(step);
    drawButtons();
  }

  // The unit has its value of before again.
  function stopSweep() {
    if (!sweep) return;
    cancelAnimationFrame(sweep.frame);
    if (sweep.before === undefined) edits.delete(sweep.i);
    else edits.set(sweep.i, sweep.before);
    sweep = null;
    soon();
  }

  // Once a frame: the bars and the output.
  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
      decode();
    });
  }

  const share = (cards) => props.follow && channel(props.follow).set("edited", cards, element);

  function decode() {
    const value = about();
    if (!value) return;
    if (!edits.size) {
      since = asked;
      share(null);
    } else if (!value.model) askServer();
    else if (model) share(cardsOf(model.decodeCode(code()), x, value.shape));
    else load();
  }

  // One request at a time, and then one with what has changed meanwhile; one without an answer is given up.
  function askServer() {
    again = performance.now() - sent < GIVEN_UP;
    if (again) return;
    sent = performance.now();
    trigger("select", { code: code(), number: ++asked });
  }

  function load() {
    const { model: file } = about() ?? {};
    if (!file || model) return;
    loadModel(file).then((loaded) => {
      if (about()?.model !== file) return;
      model = loaded;
      drawUnits();
      if (edits.size) soon();
    });
  }

  watch("decoded", () => {
    const { pixels, number } = props.decoded ?? {};
    if (number === asked) sent = Number.NEGATIVE_INFINITY;
    if (again) soon();
    if (!pixels || !edits.size || number <= since) return;
    share(cardsOf(pixelsOf(pixels), x, about().shape));
  });

  // What each unit of a sparse code draws: the picture of a code that has this unit alone.
  function drawUnits() {
    const { drawn, high, shape } = about();
    const box = find(".drawn");
    box.hidden = !drawn;
    if (!drawn) return void box.replaceChildren();
    const units = high.map((_, i) => i);
    if (units.length > MOST_DRAWN) {
      const numbers = given();
      units.sort((a, b) => numbers[b] - numbers[a]).splice(MOST_DRAWN);
      units.sort((a, b) => a - b);
    }
    box.replaceChildren(
      ...units.map((i) => {
        const alone = new Float32Array(high.length);
        alone[i] = high[i];
        const tile = document.createElement("button");
        tile.type = "button";
        tile.dataset.unit = i;
        tile.setAttribute("aria-label", `z[${i}]`);
        tile.append(paint(document.createElement("canvas"), model.decodeCode(alone), shape));
        tile.addEventListener("click", () => choose(i));
        tile.addEventListener("dblclick", () => toggle(i));
        tile.addEventListener("pointerenter", () => read(i));
        tile.addEventListener("pointerleave", () => read(null));
        return tile;
      }),
    );
    drawButtons();
  }

  function receive() {
    const value = about();
    const now = value ? JSON.stringify([value.code, value.model, value.x]) : "";
    if (value && now === key) return; // the same picture: what was edited stays
    key = now;
    stopSweep();
    edits = new Map();
    since = asked;
    drag = null;
    if (chosen !== null && chosen >= given().length) chosen = null;
    model = null;
    if (value) {
      x = pixelsOf(value.x);
      if (!value.drawn) find(".drawn").hidden = true;
      share(null);
      if (value.drawn) load();
    } else chosen = null;
    index = null;
    draw();
  }

  // Pointer

  const under = (event) => {
    const box = plot.getBoundingClientRect();
    const i = Math.floor(((event.clientX - box.left) / box.width) * given().length);
    return Math.min(given().length - 1, Math.max(0, i));
  };

  plot.addEventListener("pointerenter", load);
  plot.addEventListener("pointerdown", (event) => {
    if (!about() || !given().length || event.button !== 0 || !event.isPrimary) return;
    plot.setPointerCapture(event.pointerId);
    choose(under(event));
    drag = { i: chosen, y: event.clientY, value: edits.get(chosen) ?? given()[chosen], moved: false };
  });
  plot.addEventListener("pointermove", (event) => {
    if (!drag) return read(under(event));
    const up = drag.y - event.clientY;
    drag.moved ||= Math.abs(up) >= MOVED;
    if (drag.moved) change(drag.i, drag.value + (up / plot.getBoundingClientRect().height) * range().span);
  });
  for (const name of ["pointerup", "pointercancel"]) plot.addEventListener(name, () => (drag = null));
  plot.addEventListener("pointerleave", () => !drag && read(null));
  plot.addEventListener("mousedown", (event) => event.detail > 1 && event.preventDefault()); // selects no text
  plot.addEventListener("dblclick", (event) => about() && given().length && toggle(under(event)));
  plot.addEventListener("focus", load);
  plot.addEventListener("blur", () => read(null));

  // Keyboard

  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !given().length) return;
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (across) {
      const from = about() ? chosen : index;
      const next = from === null ? 0 : Math.min(given().length - 1, Math.max(0, from + across));
      if (about()) {
        choose(next);
        follow(next);
      } else read(next);
    } else if (!about()) return;
    else if (event.key === "Escape" && (edits.size || sweep)) reset();
    else if (chosen === null) return;
    else if (up) {
      stopSweep();
      change(chosen, (edits.get(chosen) ?? given()[chosen]) + (up * range().span) / 100);
    } else if (event.key === "Delete" || event.key === "Backspace") toggle(chosen);
    else if (event.key.toLowerCase() === "s") sweep ? stopSweep() : startSweep();
    else return;
    event.preventDefault();
  });

  // Scrolls to a bar that is out of sight.
  function follow(i) {
    const box = find(".scroll");
    const at = ((i + 0.5) / given().length) * plot.getBoundingClientRect().width;
    if (at < box.scrollLeft || at > box.scrollLeft + box.clientWidth) box.scrollLeft = at - box.clientWidth / 2;
  }

  find(".sweep").addEventListener("click", () => (sweep ? stopSweep() : startSweep()));
  find(".off").addEventListener("click", () => toggle(chosen));
  find(".reset").addEventListener("click", reset);

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    draw();
  };
  const rows = () => [["z", say("now"), say("encoder")], ...code().map((value, i) => [i, value, given()[i]])];
  find("figcaption").append(csvButton(nameOf(element), rows));
  receive();
  look();
  onAppearance(look);
  watch("label", look);
  watch("value", receive);
}
