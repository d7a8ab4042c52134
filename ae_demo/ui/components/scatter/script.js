import { helpers, onWidth } from "../base/component.js";
import { csvButton, pngButton, nameOf } from "../base/download.js";
import { COLOURS } from "../base/palette.js";

export default function mount({ element, props, watch, strings }) {
  const { find, translate, onAppearance } = helpers(element, strings);
  const canvas = find("canvas");
  const GLIDE = 400; // ms from one place to the next
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let from = []; // where the dots were when the last value came
  let now = []; // where they are
  let extent = 0; // half the side of what is shown; follows the dots with them
  let extentFrom = 0;
  let began = 0;
  let frame = 0;

  let kept = []; // [epoch, points] of one run, in order
  let looked = null; // those looked at back in the run

  const points = () => looked ?? props.value?.points ?? [];

  // The distance of the farthest dot except outliers, rounded up in steps so that the view does not flicker.
  function reach() {
    const far = points()
      .map(([x, y]) => Math.max(Math.abs(x), Math.abs(y)))
      .sort((a, b) => a - b);
    const wanted = (far[Math.floor(far.length * 0.98)] || 1) * 1.15;
    return 2 ** (Math.ceil(Math.log2(wanted) * 2) / 2);
  }

  function paintSoon() {
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function paint(time) {
    frame = 0;
    const side = canvas.width;
    if (!side || !points().length) return;
    const part = still.matches ? 1 : Math.min(1, (time - began) / GLIDE);
    const ease = 1 - (1 - part) ** 3;
    extent = extentFrom + (reach() - extentFrom) * ease;
    now = points().map(([x, y], i) => [from[i][0] + (x - from[i][0]) * ease, from[i][1] + (y - from[i][1]) * ease]);
    const context = canvas.getContext("2d");
    const unit = side / (2 * extent);
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    paintAxes(context, side, unit);
    const radius = Math.max(2, side / 180);
    points().forEach(([, , kind], i) => {
      context.fillStyle = COLOURS[kind % COLOURS.length];
      context.beginPath();
      context.arc(side / 2 + now[i][0] * unit, side / 2 - now[i][1] * unit, radius, 0, 7);
      context.fill();
    });
    if (part < 1) paintSoon();
  }

  function paintAxes(context, side, unit) {
    const ratio = window.devicePixelRatio || 1;
    const step = 2 ** Math.round(Math.log2(extent / 3));
    context.strokeStyle = "rgb(255 255 255 / 0.35)";
    context.fillStyle = "#aab4c2";
    context.lineWidth = ratio;
    context.font = `${11 * ratio}px system-ui, sans-serif`;
    context.beginPath();
    context.moveTo(0, side / 2);
    context.lineTo(side, side / 2);
    context.moveTo(side / 2, 0);
    context.lineTo(side / 2, side);
    context.stroke();
    for (let z = -step * Math.floor(extent / step); z < extent; z += step) {
      if (!z || Math.abs(z) > 0.95 * extent) continue;
      const number = String(Number(z.toPrecision(3))).replace("-", "−");
      [context.textAlign, context.textBaseline] = ["center", "bottom"];
      context.fillText(number, side / 2 + z * unit, side - 3 * ratio);
      [context.textAlign, context.textBaseline] = ["left", "middle"];
      context.fillText(number, 4 * ratio, side / 2 - z * unit);
    }
  }

  const MOST = 160; // as many as the preview keeps

  function keep() {
    const value = props.value;
    if (!value || value.epoch < (kept.at(-1)?.[0] ?? 0)) [kept, looked] = [[], null];
    if (value) kept.push([value.epoch, value.points]);
    if (kept.length > MOST) kept = kept.filter((_, i) => i % 2 === 0);
  }

  window.addEventListener("ae-scrub", ({ detail }) => {
    const near = (best, one) => (Math.abs(one[0] - detail) < Math.abs(best[0] - detail) ? one : best);
    looked = detail === null || !kept.length ? null : kept.reduce(near)[1];
    glide();
  });

  function receive() {
    keep();
    if (!looked) glide();
  }

  function glide() {
    find(".scatter").classList.toggle("none", !points().length);
    find(".legend").replaceChildren(
      ...(props.value?.names ?? []).map((name, kind) => {
        const entry = document.createElement("span");
        const dot = document.createElement("i");
        dot.style.setProperty("--dot", COLOURS[kind % COLOURS.length]);
        entry.append(dot, name);
        return entry;
      }),
    );
    if (!points().length) return (now = []);
    from = now.length === points().length ? now : points();
    extentFrom = extent || reach();
    began = performance.now();
    paintSoon();
  }

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
  };
  const named = ([x, y, kind]) => [x, y, props.value.names?.[kind] ?? kind];
  const file = nameOf(element);
  find(".files").append(
    csvButton(file, () => [["z1", "z2", "y"], ...points().map(named)]),
    pngButton(file, () => [canvas]),
  );
  look();
  receive();
  onAppearance(look);
  onWidth(canvas, (width) => {
    canvas.width = canvas.height = Math.round(width * (window.devicePixelRatio || 1));
    paintSoon();
  });
  watch("label", look);
  watch("value", receive);
}
