// Pointer and keys on the chart: they read its bars and, of an editable code, change them.

const DRAG_PIXELS = 3; // from which a press is a drag

// `code`: what the chart offers: `count()`, `editable()`, `index()` and `chosen()` (the bars that are read and edited, or
// null), `value(i)`, `span()` (of the scale), `read(i or null)`, `choose(i)`, `change(i, value)`, `toggle(i)`, `sweep()`,
// `stopSweep()`, `reset()` (returns whether there was something to reset), `load()`.
export function attachControls(plot, scroll, code) {
  let drag = null; // { i, y, value, moved }

  const under = (event) => {
    const box = plot.getBoundingClientRect();
    const i = Math.floor(((event.clientX - box.left) / box.width) * code.count());
    return Math.min(code.count() - 1, Math.max(0, i));
  };

  plot.addEventListener("pointerenter", code.load);
  plot.addEventListener("pointerdown", (event) => {
    if (!code.editable() || !code.count() || event.button !== 0 || !event.isPrimary) return;
    plot.setPointerCapture(event.pointerId);
    const i = under(event);
    code.choose(i);
    drag = { i, y: event.clientY, value: code.value(i), moved: false };
  });
  plot.addEventListener("pointermove", (event) => {
    if (!drag) return code.read(under(event));
    const up = drag.y - event.clientY;
    drag.moved ||= Math.abs(up) >= DRAG_PIXELS;
    if (drag.moved) code.change(drag.i, drag.value + (up / plot.getBoundingClientRect().height) * code.span());
  });
  for (const name of ["pointerup", "pointercancel"]) plot.addEventListener(name, () => (drag = null));
  plot.addEventListener("pointerleave", () => !drag && code.read(null));
  plot.addEventListener("mousedown", (event) => event.detail > 1 && event.preventDefault()); // selects no text
  plot.addEventListener("dblclick", (event) => code.editable() && code.count() && code.toggle(under(event)));
  plot.addEventListener("focus", code.load);
  plot.addEventListener("blur", () => code.read(null));

  // Scrolls to a bar that is out of sight.
  function follow(i) {
    const at = ((i + 0.5) / code.count()) * plot.getBoundingClientRect().width;
    if (at < scroll.scrollLeft || at > scroll.scrollLeft + scroll.clientWidth)
      scroll.scrollLeft = at - scroll.clientWidth / 2;
  }

  function moveBy(step) {
    const from = code.editable() ? code.chosen() : code.index();
    const next = from === null ? 0 : Math.min(code.count() - 1, Math.max(0, from + step));
    if (!code.editable()) return code.read(next);
    code.choose(next);
    follow(next);
  }

  function edit(key) {
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
    const i = code.chosen();
    if (key === "Escape") return code.reset();
    if (i === null) return false;
    if (up) {
      code.stopSweep();
      code.change(i, code.value(i) + (up * code.span()) / 100);
    } else if (key === "Delete" || key === "Backspace") code.toggle(i);
    else if (key.toLowerCase() === "s") code.sweep();
    else return false;
    return true;
  }

  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !code.count()) return;
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (across) moveBy(across);
    else if (!code.editable() || !edit(event.key)) return;
    event.preventDefault();
  });

  return { cancelDrag: () => (drag = null) };
}
