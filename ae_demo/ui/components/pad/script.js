// Strokes are kept as points in the unit square and painted at any size: large on the screen, 140x140 for Python.

import { helpers, loadPicture } from "../base/component.js";

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, translate, onAppearance } = helpers(element, strings);
  const canvas = find("canvas");
  const pen = find("input");
  const PAUSE = 100; // ms between two values during a stroke

  let drawing = { paper: null, strokes: [] }; // what is on the pad; never changed in place, so that undo is a list
  let past = [];
  let stroke = null; // the one being drawn: {width, points: [[x, y], ...]}
  let cursor = null; // where the keyboard's pen is
  let keyDown = false; // the keyboard's pen touches the paper
  let sent = ""; // the value Python knows
  let lastSent = 0;
  let timer = 0;
  let frame = 0;

  const empty = () => !drawing.paper && !drawing.strokes.length && !stroke;

  function paint(context, side) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    if (drawing.paper) context.drawImage(drawing.paper, 0, 0, side, side);
    context.strokeStyle = "#fff";
    context.lineCap = context.lineJoin = "round";
    for (const { width, points } of stroke ? [...drawing.strokes, stroke] : drawing.strokes) {
      context.lineWidth = width * side;
      context.beginPath();
      const at = points.map(([x, y]) => [x * side, y * side]);
      context.moveTo(...at[0]);
      // Through the midpoints, with the points themselves as control points, so that fast strokes are smooth too.
      for (let i = 1; i < at.length - 1; i++)
        context.quadraticCurveTo(...at[i], (at[i][0] + at[i + 1][0]) / 2, (at[i][1] + at[i + 1][1]) / 2);
      context.lineTo(...at[at.length - 1]);
      context.stroke();
    }
  }

  function show() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const context = canvas.getContext("2d");
      paint(context, canvas.width);
      if (cursor) {
        context.lineWidth = 4;
        context.strokeStyle = keyDown ? "#ffac5a" : "#7fb2ff";
        context.beginPath();
        context.arc(cursor[0] * canvas.width, cursor[1] * canvas.width, 18, 0, 7);
        context.stroke();
      }
    });
    find(".pad").classList.toggle("drawn", !empty());
    find(".undo").disabled = !past.length;
    find(".clear").disabled = empty();
    notifyPage();
  }

  // Other parts of the page can read the drawing without the server: at each change the canvas sends a "drawn" event, whose
  // detail is a function that returns a small canvas with the drawing, or null.
  const notifyPage = () =>
    canvas.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: () => (empty() ? null : toCanvas()) }));

  function toCanvas() {
    const small = document.createElement("canvas");
    small.width = small.height = props.side;
    paint(small.getContext("2d", { willReadFrequently: true }), props.side);
    return small;
  }

  function send(done) {
    clearTimeout(timer);
    timer = 0;
    lastSent = performance.now();
    const drawn = empty() ? "" : toCanvas().toDataURL("image/png");
    if (drawn !== sent) {
      props.value = sent = drawn;
      trigger("input");
    }
    if (done) trigger("release");
  }

  function sendSoon() {
    timer ||= setTimeout(() => send(false), Math.max(0, lastSent + PAUSE - performance.now()));
  }

  function begin(point) {
    stroke = { width: pen.value / 100, points: [point] };
    show();
    sendSoon();
  }

  function extend(points) {
    stroke.points.push(...points);
    show();
    sendSoon();
  }

  function change(next) {
    past = [...past, drawing];
    drawing = next;
    stroke = null;
    show();
    send(true);
  }

  const end = () => stroke && change({ ...drawing, strokes: [...drawing.strokes, stroke] });
  const clear = () => empty() || change({ paper: null, strokes: [] });

  function undo() {
    if (!past.length) return;
    drawing = past[past.length - 1];
    past = past.slice(0, -1);
    stroke = null;
    show();
    send(true);
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    cursor = null;
    keyDown = false;
    begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || keyDown || !event.isPrimary) return;
    const all = event.getCoalescedEvents?.() ?? [];
    extend((all.length ? all : [event]).map(place));
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, (event) => event.isPrimary && !keyDown && end());

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      cursor = (cursor ?? [0.5, 0.5]).map((at, i) => Math.min(1, Math.max(0, at + 0.02 * arrow[i])));
      keyDown ? extend([cursor]) : show();
    } else if (event.key === " ") {
      cursor ??= [0.5, 0.5];
      keyDown = !keyDown;
      keyDown ? begin(cursor) : end();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      keyDown = false;
      clear();
    } else return;
    event.preventDefault();
  });
  canvas.addEventListener("blur", () => {
    if (keyDown) end();
    keyDown = false;
    cursor = null;
    show();
  });

  // Also while a button of the pad has the focus.
  find(".pad").addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    keyDown = false;
    undo();
  });

  find(".undo").addEventListener("click", undo);
  find(".clear").addEventListener("click", clear);

  // Python put a picture on the pad, or cleared it.
  async function receive() {
    if (props.value === sent || stroke) return;
    sent = props.value;
    past = [...past, drawing];
    drawing = { paper: sent ? await loadPicture(sent) : null, strokes: [] };
    show();
  }

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
  };
  look();
  onAppearance(look);
  watch("label", look);
  watch("value", receive);
  show();
  receive();
}
