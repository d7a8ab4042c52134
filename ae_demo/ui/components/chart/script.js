import { beginPainting, fitCanvas, placeIn } from "../base/canvas.js";
import { csvButton, nameOf } from "../base/download.js";
import { helpers, onWidth } from "../base/component.js";
import { lineMark } from "../curve/legend.js";
import { decades, short, steps } from "../curve/ticks.js";
import { rangeOf, shareOf, stopsOf } from "./scale.js";

const MARGIN = { left: 58, right: 16, top: 12, bottom: 44 };

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const canvas = find("canvas");
  const hidden = new Set();
  let size = [0, 0];
  let at = null; // the x that is read
  let waiting = false; // whether a frame will paint

  const lines = () => (props.value?.lines ?? []).filter(({ name }) => !hidden.has(name));
  const written = (value) => (props.value.percent ? `${(100 * value).toFixed(1)} %` : short(value));

  function paintSoon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      paint();
    });
  }

  function paint() {
    const shown = lines();
    const [width, height] = size;
    const { context, colour } = beginPainting(canvas, size);
    if (!shown.length || !width) return;
    const { logX, logY, mark } = props.value;
    const ranges = [rangeOf(shown, 0, logX), rangeOf(mark ? [...shown, { points: [mark] }] : shown, 1, logY)];
    const x = (value) => MARGIN.left + shareOf(value, ranges[0], logX) * (width - MARGIN.left - MARGIN.right);
    const y = (value) =>
      height - MARGIN.bottom - shareOf(value, ranges[1], logY) * (height - MARGIN.top - MARGIN.bottom);
    paintAxes(context, colour, ranges, x, y);
    for (const each of shown) paintBand(context, colour(each.hue), each.points, x, y);
    for (const each of shown) paintLine(context, colour(each.hue), each, x, y);
    if (mark) paintMark(context, colour("--ae-ink"), x(mark[0]), y(mark[1]));
    if (at !== null) {
      context.strokeStyle = colour("--ae-edge");
      stroke(context, [x(at), MARGIN.top, x(at), height - MARGIN.bottom]);
    }
  }

  function stroke(context, [x1, y1, x2, y2]) {
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  function paintAxes(context, colour, [, [low, high]], x, y) {
    const [width, height] = size;
    const floor = height - MARGIN.bottom;
    const { logY, percent } = props.value;
    context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    context.lineWidth = 1;
    context.strokeStyle = colour("--ae-line");
    context.fillStyle = colour("--ae-muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of logY ? decades(low, high) : steps(low, high, 5)) {
      stroke(context, [MARGIN.left, y(value), width - MARGIN.right, y(value)]);
      context.fillText(percent ? `${Math.round(100 * value)} %` : short(value), MARGIN.left - 8, y(value));
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    let free = Number.NEGATIVE_INFINITY; // from here on there is room for a number
    for (const stop of stopsOf(lines())) {
      stroke(context, [x(stop), floor, x(stop), floor + 4]);
      const half = context.measureText(short(stop)).width / 2;
      if (x(stop) - half < free) continue;
      context.fillText(short(stop), x(stop), floor + 7);
      free = x(stop) + half + 8;
    }
    context.fillText(say(props.value.x), (MARGIN.left + width - MARGIN.right) / 2, floor + 24);
    context.strokeStyle = colour("--ae-edge");
    stroke(context, [MARGIN.left, floor, width - MARGIN.right, floor]);
  }

  function paintBand(context, hue, points, x, y) {
    if (!points.some(([, , spread]) => spread)) return;
    context.beginPath();
    for (const [at, mean, spread = 0] of points) context.lineTo(x(at), y(mean + spread));
    for (const [at, mean, spread = 0] of [...points].reverse()) context.lineTo(x(at), y(mean - spread));
    context.fillStyle = hue;
    context.globalAlpha = 0.16;
    context.fill();
    context.globalAlpha = 1;
  }

  function paintLine(context, hue, { dash, points }, x, y) {
    context.strokeStyle = context.fillStyle = hue;
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.beginPath();
    for (const [at, mean] of points) context.lineTo(x(at), y(mean));
    context.stroke();
    context.setLineDash([]);
    for (const [where, mean] of points) {
      context.beginPath();
      context.arc(x(where), y(mean), where === at ? 5 : 3, 0, 7);
      context.fill();
    }
  }

  function paintMark(context, ink, left, top) {
    context.strokeStyle = ink;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(left, top, 8, 0, 7);
    context.stroke();
  }

  function read(x) {
    at = x;
    const shown = lines();
    const values = shown.flatMap(({ name, points }) => {
      const point = points.find(([where]) => where === at);
      if (!point) return [];
      const spread = point[2] ? ` ± ${written(point[2])}` : "";
      return [`${say(name)} ${written(point[1])}${spread}`];
    });
    const mark = props.value?.mark;
    const here = mark ? `○ ${say("here")}: ${written(mark[1])}` : "";
    find(".reading").textContent = at === null ? here : [`${say(props.value.x)} ${short(at)}`, ...values].join(" · ");
    paintSoon();
  }

  canvas.addEventListener("pointermove", (event) => {
    const stops = stopsOf(lines());
    if (!stops.length) return;
    const share = (placeIn(canvas, event) - MARGIN.left) / (size[0] - MARGIN.left - MARGIN.right);
    const range = rangeOf(lines(), 0, props.value.logX);
    const far = (stop) => Math.abs(shareOf(stop, range, props.value.logX) - share);
    read(stops.reduce((best, stop) => (far(stop) < far(best) ? stop : best)));
  });
  for (const name of ["pointerleave", "blur"]) canvas.addEventListener(name, () => read(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const stops = stopsOf(lines());
    if (!step || !stops.length) return;
    event.preventDefault();
    const here = at === null ? (step > 0 ? 0 : stops.length - 1) : stops.indexOf(at) + step;
    read(stops[Math.max(0, Math.min(stops.length - 1, here))]);
  });

  function entry({ name, hue, dash }) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.setAttribute("aria-pressed", !hidden.has(name));
    button.append(lineMark({ hue, dash }), say(name));
    button.addEventListener("click", () => {
      hidden.has(name) ? hidden.delete(name) : hidden.add(name);
      receive();
    });
    return button;
  }

  function receive() {
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    find(".lines").classList.toggle("none", !props.value);
    find(".legend").replaceChildren(...(props.value?.lines ?? []).map(entry));
    read(null);
  }

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    receive();
  };
  const rows = () => [
    ["line", props.value.x, "mean", "spread"].map(say),
    ...props.value.lines.flatMap(({ name, points }) => points.map((point) => [say(name), ...point])),
  ];
  find("figcaption").append(csvButton(nameOf(element), rows));
  look();
  onAppearance(look);
  onWidth(canvas, () => {
    size = fitCanvas(canvas);
    paintSoon();
  });
  watch("label", look);
  watch("value", receive);
}
