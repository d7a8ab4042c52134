// One canvas, painted at most once a frame: some 800 points take about a millisecond.

import { beginPainting, fitCanvas, placeIn } from "../base/canvas.js";
import { csvButton, nameOf } from "../base/download.js";
import { helpers, onWidth } from "../base/component.js";
import { legendEntry } from "./legend.js";
import { decades, short, steps } from "./ticks.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const canvas = find("canvas");
  const HUES = { training: "--ae-input", held_out: "--ae-output" };
  const DASHES = { training: [], held_out: [6, 4] }; // colour alone does not distinguish them
  const MOST_PAST = 8; // runs that are kept to be compared with
  const MARGIN = { left: 54, right: 14, top: 12, bottom: 30 };

  let size = [0, 0]; // of the canvas in CSS pixels
  let at = null; // the epoch being read
  let stale = 0; // the animation frame that will paint
  let part = "loss"; // the quantity that is shown
  let last = null; // the value of the run that goes on
  let past = []; // those of earlier runs, the latest first
  let under = null; // the earlier run that is laid under it
  const seen = []; // the runs' numbers, which are those of all visitors
  let looked = null; // the epoch looked at in the preview

  const parts = () => Object.keys(props.value?.parts ?? {});
  const seriesOf = (value, past) =>
    Object.entries(value?.parts?.[part] ?? {}).map(([name, points]) => ({
      label: past ? `${say("before")}, ${say(name)}` : say(name),
      hue: past ? "--ae-muted" : HUES[name],
      dash: DASHES[name],
      past,
      points,
    }));
  const series = () =>
    [...seriesOf(under, true), ...seriesOf(props.value, false)].filter(({ points }) => points.length);

  // Scales

  function bounds() {
    const all = series().flatMap(({ points }) => points);
    const values = all.map(([, value]) => value);
    let [low, high] = [Math.min(...values), Math.max(...values)];
    const log = low > 0 && high / low > 10;
    if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
    if (!log) [low, high] = [low - (high - low) * 0.06, high + (high - low) * 0.06];
    else [low, high] = [low / 1.15, high * 1.15];
    return { low, high, log, right: Math.max(props.value.end ?? 0, ...all.map(([epoch]) => epoch)) || 1 };
  }

  function scales({ low, high, log, right }) {
    const [width, height] = size;
    const f = log ? Math.log10 : (number) => number;
    const span = f(high) - f(low);
    return {
      x: (epoch) => MARGIN.left + (epoch / right) * (width - MARGIN.left - MARGIN.right),
      y: (value) => height - MARGIN.bottom - ((f(value) - f(low)) / span) * (height - MARGIN.top - MARGIN.bottom),
    };
  }

  // Painting

  function paint() {
    if (stale) return;
    stale = requestAnimationFrame(() => {
      stale = 0;
      const [width, height] = size;
      const some = series().length > 0;
      find(".curve").classList.toggle("none", !some);
      const { context, colour } = beginPainting(canvas, size);
      if (!some || !width) return;
      const edges = bounds();
      const { x, y } = scales(edges);
      paintAxes(context, colour, edges, x, y);
      paintMarks(context, colour, x);
      for (const each of series()) paintSeries(context, colour(each.hue), each, x, y);
      if (looked !== null) {
        context.strokeStyle = colour("--ae-ink");
        context.setLineDash([2, 3]);
        line(context, x(looked), MARGIN.top, x(looked), height - MARGIN.bottom);
        context.setLineDash([]);
      }
      if (at !== null) paintReading(context, colour, x, y);
    });
  }

  function paintAxes(context, colour, { low, high, log, right }, x, y) {
    const [width, height] = size;
    const floor = height - MARGIN.bottom;
    context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    context.lineWidth = 1;
    context.setLineDash([]);
    context.strokeStyle = colour("--ae-line");
    context.fillStyle = colour("--ae-muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of log ? decades(low, high) : steps(low, high, 5)) {
      line(context, MARGIN.left, y(value), width - MARGIN.right, y(value));
      context.fillText(short(value), MARGIN.left - 8, y(value));
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const epoch of steps(0, right, Math.max(2, Math.min(8, right, width / 70)))) {
      line(context, x(epoch), floor, x(epoch), floor + 4);
      context.fillText(short(epoch), x(epoch), floor + 7);
    }
    context.strokeStyle = colour("--ae-edge");
    line(context, MARGIN.left, floor, width - MARGIN.right, floor);
    context.textAlign = "right";
    context.fillText(say("epoch"), MARGIN.left - 10, floor + 7);
  }

  function line(context, x1, y1, x2, y2) {
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  // Where a phase begins, or a setting was changed.
  function paintMarks(context, colour, x) {
    const [width, height] = size;
    context.font = `11px ${getComputedStyle(canvas).fontFamily}`;
    context.textBaseline = "top";
    context.textAlign = "left";
    context.strokeStyle = colour("--ae-edge");
    context.fillStyle = colour("--ae-muted");
    context.lineWidth = 1;
    let free = 0; // from here on there is room for words
    for (const [epoch, name] of props.value?.marks ?? []) {
      const left = x(epoch);
      if (left > width - MARGIN.right) continue;
      context.setLineDash([3, 3]);
      line(context, left, MARGIN.top, left, height - MARGIN.bottom);
      context.setLineDash([]);
      const word = say(name);
      const wide = context.measureText(word).width;
      if (left < free || left + wide > width) continue;
      context.fillText(word, left + 4, MARGIN.top - 8);
      free = left + wide + 10;
    }
  }

  function paintSeries(context, hue, { dash, past, points: list }, x, y) {
    context.strokeStyle = context.fillStyle = hue;
    context.lineWidth = past ? 1.5 : 2;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    list.forEach(([epoch, value], i) => context[i ? "lineTo" : "moveTo"](x(epoch), y(value)));
    context.stroke();
    context.setLineDash([]);
    if (list.length > 40) return;
    for (const [epoch, value] of list) dot(context, x(epoch), y(value), list.length > 20 ? 2 : 3);
  }

  function dot(context, left, top, radius) {
    context.beginPath();
    context.arc(left, top, radius, 0, 7);
    context.fill();
  }

  // Reading

  const nearest = (list) =>
    list.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));

  function paintReading(context, colour, x, y) {
    context.strokeStyle = colour("--ae-edge");
    context.lineWidth = 1;
    line(context, x(at), MARGIN.top, x(at), size[1] - MARGIN.bottom);
    for (const { hue, points } of series()) {
      const [epoch, value] = nearest(points);
      context.fillStyle = colour(hue);
      dot(context, x(epoch), y(value), 5);
    }
  }

  const longest = () =>
    series()
      .map(({ points }) => points)
      .reduce((a, b) => (b.length > a.length ? b : a), []);

  function read(epoch) {
    at = epoch;
    const shown = epoch === null ? [] : series();
    find(".reading").textContent = shown.length
      ? [
          `${say("epoch")} ${short(nearest(longest())[0])}`,
          ...shown.map((s) => `${s.label} ${short(nearest(s.points)[1])}`),
        ].join(" · ")
      : "";
    paint();
  }

  canvas.addEventListener("pointermove", (event) => {
    if (!series().length) return;
    const { right } = bounds();
    const share = (placeIn(canvas, event) - MARGIN.left) / (size[0] - MARGIN.left - MARGIN.right);
    at = Math.max(0, Math.min(1, share)) * right;
    read(nearest(longest())[0]);
  });
  for (const name of ["pointerleave", "blur"]) canvas.addEventListener(name, () => read(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const list = longest();
    if (!step || !list.length) return;
    event.preventDefault();
    const here = at === null ? list.length - 1 : list.indexOf(nearest(list)) + step;
    read(list[Math.max(0, Math.min(list.length - 1, here))][0]);
  });
  window.addEventListener("ae-scrub", ({ detail }) => {
    looked = detail;
    paint();
  });

  // Earlier runs

  // Runs as this page has seen them, from 1.
  function number(run) {
    if (!seen.includes(run)) seen.push(run);
    return seen.indexOf(run) + 1;
  }

  function keep() {
    const value = props.value;
    if (value?.run) number(value.run);
    if (last?.run && last.run !== value?.run && Object.keys(last.parts).length) {
      past = [last, ...past.filter(({ run }) => run !== value?.run)].slice(0, MOST_PAST);
      under = past.find(({ kind }) => kind === value?.kind) ?? null;
      part = "loss";
    }
    last = value;
    const select = find("select");
    const options = [
      new Option(say("nothing"), ""),
      ...past.map(({ run, name }) => new Option(`${number(run)}. ${name}`, run)),
    ];
    if ([...select.options].map((o) => o.text).join() !== options.map((o) => o.text).join())
      select.replaceChildren(...options);
    select.value = under?.run ?? "";
    find(".compare").hidden = !past.length;
  }

  find("select").addEventListener("change", ({ target }) => {
    under = past.find(({ run }) => String(run) === target.value) ?? null;
    receive();
  });

  function drawParts() {
    const box = find(".parts");
    const several = parts().length > 1 ? parts() : [];
    if (box.dataset.parts !== several.join()) {
      box.dataset.parts = several.join();
      box.replaceChildren(
        ...several.map((name) => {
          const button = Object.assign(document.createElement("button"), { type: "button", textContent: say(name) });
          button.addEventListener("click", () => {
            part = name;
            receive();
          });
          return button;
        }),
      );
    }
    several.forEach((name, i) => box.children[i].setAttribute("aria-pressed", name === part));
  }

  function receive() {
    keep();
    if (parts().length && !parts().includes(part)) part = parts()[0];
    drawParts();
    find(".legend").replaceChildren(...series().map(legendEntry));
    if (!series().length) at = null;
    read(at);
  }

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    delete find(".parts").dataset.parts;
    receive();
  };
  const rows = () => [
    ["line", "epoch", part].map(say),
    ...series().flatMap(({ label, points }) => points.map((point) => [label, ...point])),
  ];
  find("figcaption").append(csvButton(nameOf(element), rows));
  look();
  onAppearance(look);
  onWidth(canvas, () => {
    size = fitCanvas(canvas);
    paint();
  });
  watch("label", look);
  watch("value", receive);
}
