// Mouse, pen, fingers, wheel and keys on a plane. What they mean is the caller's:
//   tool() → "walk", "pan" or "path" · start(pixel) → true if the press took hold of something else, which `drag` moves
//   move(pixel) the point goes here · hover(pixel or null) · drag(pixel) · end(kind) · step([dx, dy], large) · key(name) → true

export function attachGestures(plane, { tool, start, move, hover, drag, end, step, key }) {
  const { canvas } = plane;
  const fingers = new Map(); // pointers that are down, and where
  let doing = null; // "walk", "drag", "pan" or "pinch"

  const pixelOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * plane.side,
      ((event.clientY - box.top) / box.height) * plane.side,
    ];
  };
  const stop = () => {
    if (doing) end(doing);
    doing = null;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    canvas.setPointerCapture(event.pointerId);
    const at = pixelOf(event);
    fingers.set(event.pointerId, at);
    if (fingers.size === 2) {
      stop();
      doing = "pinch";
    } else if (fingers.size === 1) {
      if (event.button === 1) event.preventDefault(); // no scrolling by itself
      if (event.button === 1 || event.shiftKey || tool() === "pan") doing = "pan";
      else if (start(at)) doing = "drag";
      else {
        doing = "walk";
        move(at);
      }
    }
  });

  canvas.addEventListener("pointermove", (event) => {
    const at = pixelOf(event);
    const before = fingers.get(event.pointerId);
    if (!before) return hover(at);
    if (doing === "pinch") {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const middle = (a) => [(a[0] + other[0]) / 2, (a[1] + other[1]) / 2];
      const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
      const [from, to] = [middle(before), middle(at)];
      plane.pan(to[0] - from[0], to[1] - from[1]);
      if (apart(before) > 1) plane.zoom(apart(at) / apart(before), to);
    } else if (doing === "pan") plane.pan(at[0] - before[0], at[1] - before[1]);
    else if (doing === "drag") drag(at);
    else if (doing === "walk") move(at);
    fingers.set(event.pointerId, at);
  });

  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, (event) => {
      if (!fingers.delete(event.pointerId)) return;
      if (!fingers.size) stop();
    });
  canvas.addEventListener("pointerleave", () => hover(null));

  canvas.addEventListener(
    "wheel",
    (event) => {
      const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.002));
      const { view } = plane;
      plane.zoom(factor, pixelOf(event));
      if (plane.view.half !== view.half) event.preventDefault(); // else the page scrolls on
    },
    { passive: false },
  );

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) step(arrow, event.shiftKey);
    else if (event.key === "+" || event.key === "=") plane.zoom(1.5, key("here"));
    else if (event.key === "-") plane.zoom(1 / 1.5, key("here"));
    else if (event.key === "0" || event.key === "Home") plane.setView(plane.home);
    else if (!key(event.key)) return;
    event.preventDefault();
  });
  canvas.addEventListener("keyup", (event) => ARROWS[event.key] && end("walk"));
}

// A round number, 1, 2 or 5 times a power of ten, at least as large as given.
export function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return power * [1, 2, 5, 10].find((step) => step * power >= number * 0.999999);
}

// Numbers along the left and the lower edge: latent units, or how much of the prior lies below.
export function writeTicks(plane, rows, columns) {
  const { x, y, half } = plane.view;
  const step = roundUp((2 * half) / (plane.side / plane.ratio < 420 ? 5 : 7));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) - (plane.quantiles ? 2 : 0));
  for (const [node, middle, edge] of [
    [rows, y, "bottom"],
    [columns, x, "left"],
  ]) {
    const ticks = [];
    for (let i = Math.ceil((middle - half) / step - 1e-9); i * step <= middle + half + step * 1e-9; i++) {
      const text = plane.quantiles ? `${(100 * i * step).toFixed(decimals)}%` : (i * step || 0).toFixed(decimals);
      const tick = Object.assign(document.createElement("span"), { textContent: text.replace("-", "−") });
      tick.style[edge] = `${((i * step - middle + half) / (2 * half)) * 100}%`;
      ticks.push(tick);
    }
    node.replaceChildren(...ticks);
  }
}
