// One canvas covers the plane exactly. What stays (pictures, points, circles) is painted once into `still`; a move of
// the marker copies that and paints the marker over it.
const canvas = find(".plane canvas");
const output = find(".picture canvas");
const still = document.createElement("canvas");
const { extent } = props;
const STEP = 0.1; // of an arrow key; with Shift five times that
// Petroff's ten colours (arXiv:2107.02270): told apart with any colour vision, 3:1 and more on black.
const COLOURS = ["#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"];

let marker = [0, 0];
let grid = null;
let hidden = new Set(); // classes whose points are not shown
let dragging = false;
let stale = 0; // the animation frame that will paint

const clamp = (number) => Math.max(-extent, Math.min(extent, number));
const toPixel = ([x, y]) => [((x + extent) / (2 * extent)) * canvas.width, ((extent - y) / (2 * extent)) * canvas.width];
const two = (number) => (Math.round(number * 100) / 100 || 0).toFixed(2); // `|| 0` drops the sign of -0
const tell = ([x, y]) => (find(".coords").textContent = `z = (${two(x)}, ${two(y)})`);

// Painting

function paintStill() {
  const side = (still.width = still.height = canvas.width);
  const context = still.getContext("2d");
  const { x, y, label } = props.plane;
  const points = new Set(label).size > hidden.size;
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  if (grid && find(".pictures").checked) {
    context.globalAlpha = points ? 0.5 : 1; // points must stand out from the pictures
    context.drawImage(grid, 0, 0, side, side);
    context.globalAlpha = 1;
  }
  const radius = Math.max(1.5, side / 330);
  COLOURS.forEach((colour, kind) => {
    if (hidden.has(kind)) return;
    context.fillStyle = colour;
    context.beginPath();
    for (let i = 0; i < label.length; i++) {
      if (label[i] !== kind) continue;
      const [left, top] = toPixel([x[i], y[i]]);
      context.moveTo(left + radius, top);
      context.arc(left, top, radius, 0, 7);
    }
    context.fill();
  });
  if (find(".prior").checked) paintPrior(context, side);
}

function paintPrior(context, side) {
  const unit = side / (2 * extent);
  const middle = side / 2;
  context.strokeStyle = "rgb(255 255 255 / 0.8)";
  context.lineWidth = Math.max(1, side / 500);
  context.beginPath();
  context.moveTo(0, middle);
  context.lineTo(side, middle);
  context.moveTo(middle, 0);
  context.lineTo(middle, side);
  context.globalAlpha = 0.4;
  context.stroke();
  context.globalAlpha = 1;
  context.setLineDash([side / 90, side / 110]);
  const size = Math.max(11 * (window.devicePixelRatio || 1), side / 44);
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const sigma of [1, 2, 3]) {
    context.beginPath();
    context.arc(middle, middle, sigma * unit, 0, 2 * Math.PI);
    context.stroke();
    const at = middle + sigma * unit * Math.SQRT1_2; // on the circle, up and to the right
    context.fillStyle = "rgb(0 0 0 / 0.75)";
    context.fillRect(at - size, side - at - size * 0.7, 2 * size, 1.4 * size);
    context.fillStyle = "#fff";
    context.fillText(`${sigma}σ`, at, side - at);
  }
  context.setLineDash([]);
}

function paint() {
  stale ||= requestAnimationFrame(() => {
    stale = 0;
    const context = canvas.getContext("2d");
    const radius = Math.max(8, canvas.width / 60);
    const [left, top] = toPixel(marker);
    context.drawImage(still, 0, 0);
    for (const [colour, width] of [["#000", 6], ["#fff", 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = (width * canvas.width) / 640;
      context.beginPath();
      context.arc(left, top, radius, 0, 7);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(left + dx * radius, top + dy * radius);
        context.lineTo(left + dx * radius * 1.7, top + dy * radius * 1.7);
      }
      context.stroke();
    }
  });
}

function repaint() {
  if (!canvas.width) return;
  paintStill();
  paint();
}

// Decoding: one request under way, and of those that wait only the last.
// To decode in the page, set `element.decodeInPage = (x, y) => picture`; the server is then never asked. A picture is
// a data URI, an ImageBitmap, an image or a canvas, or a promise of one.

const decode = (x, y) => (element.decodeInPage ? element.decodeInPage(x, y) : server.decode_at(x, y, props.plane.model));
let waiting = null;
let busy = false;

async function ask(place) {
  waiting = place;
  if (busy) return;
  busy = true;
  while (waiting) {
    const [x, y] = waiting;
    waiting = null;
    let picture = null;
    try {
      picture = await decode(x, y);
      if (typeof picture === "string") picture = await loadPicture(picture);
    } catch (error) {
      console.error(error);
      picture = null;
    }
    find(".failed").hidden = Boolean(picture);
    if (!picture) continue;
    output.width = picture.width;
    output.height = picture.height;
    output.getContext("2d").drawImage(picture, 0, 0);
    output.dataset.z = `${two(x)},${two(y)}`; // which point the picture belongs to
  }
  busy = false;
}

function move(place) {
  marker = place.map(clamp);
  tell(marker);
  paint();
  ask(marker);
}

const report = () => {
  props.value = marker.map((number) => Math.round(number * 1e4) / 1e4);
  trigger("input");
};

// Pointer and keys

const placeOf = (event) => {
  const box = canvas.getBoundingClientRect();
  return [
    clamp(((event.clientX - box.left) / box.width) * 2 * extent - extent),
    clamp(extent - ((event.clientY - box.top) / box.height) * 2 * extent),
  ];
};

canvas.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  dragging = true;
  move(placeOf(event));
});
canvas.addEventListener("pointermove", (event) => (dragging ? move : tell)(placeOf(event)));
canvas.addEventListener("pointerleave", () => tell(marker));
for (const name of ["pointerup", "pointercancel"])
  canvas.addEventListener(name, () => {
    if (dragging) report();
    dragging = false;
  });

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
canvas.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  const step = event.shiftKey ? 5 * STEP : STEP;
  move(marker.map((at, i) => Math.round((at + step * arrow[i]) * 1e4) / 1e4));
});
canvas.addEventListener("keyup", (event) => ARROWS[event.key] && report());

// Legend and axes

function buildLegend() {
  const names = speak(props.plane.names) || [];
  const kinds = [...new Set(props.plane.label)].sort((a, b) => a - b);
  find(".legend").hidden = !kinds.length;
  find(".classes").replaceChildren(
    ...kinds.map((kind) => {
      const entry = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(kind) });
      const dot = Object.assign(document.createElement("i"), { className: "dot" });
      dot.style.setProperty("--dot", COLOURS[kind]);
      box.addEventListener("change", () => {
        box.checked ? hidden.delete(kind) : hidden.add(kind);
        repaint();
      });
      entry.append(box, dot, names[kind] ?? String(kind));
      return entry;
    }),
  );
}

function showAll(shown) {
  hidden = new Set(shown ? [] : props.plane.label);
  buildLegend();
  repaint();
}
find(".all").addEventListener("click", () => showAll(true));
find(".none").addEventListener("click", () => showAll(false));
for (const box of element.querySelectorAll(".switches input")) box.addEventListener("change", repaint);

for (let number = -Math.floor(extent); number <= extent; number++) {
  const part = `${((number + extent) / (2 * extent)) * 100}%`;
  for (const [axis, side] of [["rows", "bottom"], ["columns", "left"]]) {
    const tick = Object.assign(document.createElement("span"), { textContent: String(number).replace("-", "−") });
    tick.style[side] = part;
    find(`.${axis}`).append(tick);
  }
}

// Values from Python

async function receive() {
  grid = await loadPicture(props.plane.grid).catch(() => null);
  hidden = new Set();
  buildLegend();
  repaint();
}

const look = () => {
  translate();
  buildLegend();
};
look();
onLook(look);
onWidth(canvas, (width) => {
  canvas.width = canvas.height = Math.round(width * (window.devicePixelRatio || 1));
  repaint();
});
watch("plane", () => {
  receive();
  ask(marker); // another model draws another picture at the same point
});
const follow = () => move(props.value);
watch("value", follow);
follow();
receive();
