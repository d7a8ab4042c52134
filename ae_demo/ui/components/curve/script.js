// One canvas, painted anew at most once a frame: some 800 points take about a millisecond.
const canvas = find("canvas");
const HUES = ["--ae-input", "--ae-output", "--ae-code", "--ae-error"];
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]]; // colour is not the only thing that tells them apart
const MARGIN = { left: 54, right: 14, top: 12, bottom: 30 };

let size = [0, 0]; // of the canvas in CSS pixels
let at = null; // the epoch being read
let stale = 0; // the animation frame that will paint

const names = () => Object.keys(props.value?.series ?? {});
const points = (name) => props.value.series[name] ?? [];
const short = (number) => {
  const size = Math.abs(number);
  return size && (size < 0.001 || size >= 1e5) ? number.toExponential(1) : String(Number(number.toPrecision(3)));
};

// Scales

function bounds() {
  const all = names().flatMap(points);
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

// Round numbers about `wanted` of which lie between low and high.
function steps(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

function decades(low, high) {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => 10 ** (from + i));
  const digits = powers.length > 3 ? [1] : [1, 2, 5];
  return powers.flatMap((power) => digits.map((digit) => digit * power)).filter((n) => n >= low && n <= high);
}

// Painting

function paint() {
  stale ||= requestAnimationFrame(() => {
    stale = 0;
    const [width, height] = size;
    const ratio = window.devicePixelRatio || 1;
    const some = names().some((name) => points(name).length);
    find(".curve").classList.toggle("none", !some);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!some || !width) return;
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name);
    const edges = bounds();
    const { x, y } = scales(edges);
    paintAxes(context, colour, edges, x, y);
    names().forEach((name, i) => paintSeries(context, colour(HUES[i]), DASHES[i], points(name), x, y));
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
  const ticks = steps(0, right, Math.max(2, Math.min(8, right, width / 70)));
  for (const epoch of ticks) {
    line(context, x(epoch), floor, x(epoch), floor + 4);
    context.fillText(short(epoch), x(epoch), floor + 7);
  }
  context.strokeStyle = colour("--ae-edge");
  line(context, MARGIN.left, floor, width - MARGIN.right, floor);
  // The axis' name stands where the next tick would, unless a tick is there.
  context.textAlign = "left";
  const last = x(ticks[ticks.length - 1]) + 14;
  const word = say("epoch");
  if (last + context.measureText(word).width < width) context.fillText(word, last, floor + 7);
  else if (ticks.length > 1) {
    context.textAlign = "center";
    const between = (x(ticks[ticks.length - 2]) + x(ticks[ticks.length - 1])) / 2;
    if (x(ticks[1]) - x(ticks[0]) > context.measureText(word).width + 30) context.fillText(word, between, floor + 7);
  }
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function paintSeries(context, hue, dash, list, x, y) {
  context.strokeStyle = context.fillStyle = hue;
  context.lineWidth = 2;
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

const nearest = (list) => list.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));

function paintReading(context, colour, x, y) {
  context.strokeStyle = colour("--ae-edge");
  context.lineWidth = 1;
  line(context, x(at), MARGIN.top, x(at), size[1] - MARGIN.bottom);
  names().forEach((name, i) => {
    if (!points(name).length) return;
    const [epoch, value] = nearest(points(name));
    context.fillStyle = colour(HUES[i]);
    dot(context, x(epoch), y(value), 5);
  });
}

function read(epoch) {
  const first = names().find((name) => points(name).length);
  at = epoch;
  const shown = epoch === null || !first ? [] : names().filter((name) => points(name).length);
  find(".reading").textContent = shown.length
    ? [`${say("epoch")} ${short(nearest(points(first))[0])}`, ...shown.map((n) => `${say(n)} ${short(nearest(points(n))[1])}`)].join(" · ")
    : "";
  paint();
}

canvas.addEventListener("pointermove", (event) => {
  if (!names().some((name) => points(name).length)) return;
  const box = canvas.getBoundingClientRect();
  const { right } = bounds();
  const part = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
  const longest = names().map(points).reduce((a, b) => (b.length > a.length ? b : a));
  at = Math.max(0, Math.min(1, part)) * right;
  read(nearest(longest)[0]);
});
for (const name of ["pointerleave", "blur"]) canvas.addEventListener(name, () => read(null));
canvas.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const longest = names().map(points).reduce((a, b) => (b.length > a.length ? b : a), []);
  if (!step || !longest.length) return;
  event.preventDefault();
  const here = at === null ? longest.length - 1 : longest.indexOf(nearest(longest)) + step;
  read(longest[Math.max(0, Math.min(longest.length - 1, here))][0]);
});

function receive() {
  find(".legend").replaceChildren(
    ...names().map((name, i) => {
      const entry = document.createElement("span");
      const mark = document.createElement("i");
      mark.style.setProperty("--hue", `var(${HUES[i]})`);
      mark.className = i ? "dashed" : "";
      entry.append(mark, say(name));
      return entry;
    }),
  );
  if (!names().length) at = null;
  read(at);
}

const look = () => {
  translate();
  find(".title").textContent = props.label ?? "";
  receive();
};
look();
onLook(look);
onWidth(canvas, () => {
  size = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = size.map((n) => Math.round(n * ratio));
  paint();
});
watch("label", look);
watch("value", receive);
