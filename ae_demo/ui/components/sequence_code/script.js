// Each bar is a slider: a pointer drags it, arrow keys move it by a hundredth of its range, Delete sets it to zero.

import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { short } from "../sequence/figures.js";
import { CHANNEL } from "../sequence/load.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const shared = channel(CHANNEL);
  const box = find(".bars");
  let code = null;
  let range = { low: -1, high: 1 }; // of all bars, so that their heights can be compared

  const share = (value) => Math.min(1, Math.max(0, (value - range.low) / (range.high - range.low)));

  function fill(node, value) {
    const zero = share(0);
    const top = Math.max(zero, share(value));
    node.style.setProperty("--foot", Math.min(zero, share(value)).toFixed(4));
    node.style.setProperty("--head", top.toFixed(4));
    node.setAttribute("aria-valuenow", short(value));
  }

  function make(_, i) {
    const node = document.createElement("div");
    node.className = "unit";
    node.tabIndex = 0;
    node.setAttribute("role", "slider");
    node.setAttribute("aria-orientation", "vertical");
    node.setAttribute("aria-label", `z[${i}]`);
    return node;
  }

  function draw() {
    const data = shared.get("data");
    find(".code").classList.toggle("none", !data);
    for (const button of element.querySelectorAll("button")) button.disabled = !data;
    code = data ? shared.get("code") : null;
    if (!code) {
      box.replaceChildren();
      return;
    }
    range = { low: Math.min(0, ...data.bars.low), high: Math.max(0, ...data.bars.high) };
    if (box.children.length !== code.length) box.replaceChildren(...Array.from(code, make));
    box.style.setProperty("--zero", share(0).toFixed(4));
    Array.from(code, (value, i) => fill(box.children[i], value));
    find(".reset").disabled = isEncoded(data);
    if (!box.matches(":focus-within, :hover")) read(null);
  }

  const isEncoded = (data) => {
    const encoded = data.code(shared.get("selected") ?? 0);
    return code.every((value, i) => value === encoded[i]);
  };

  function read(i) {
    const count = code ? `${code.length} ${say("numbers")}` : "";
    find(".reading").textContent = code && i !== null ? `z[${i}] = ${short(code[i])}` : count;
  }

  function change(i, value) {
    const changed = Float32Array.from(code);
    changed[i] = Math.min(range.high, Math.max(range.low, value));
    shared.set("code", changed, element);
    read(i);
  }

  const indexOf = (node) => [...box.children].indexOf(node);
  let dragged = -1;
  box.addEventListener("pointerdown", (event) => {
    const node = event.target.closest(".unit");
    if (!node || !code) return;
    dragged = indexOf(node);
    box.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    drag(event);
  });
  const drag = ({ clientY }) => {
    const bounds = box.getBoundingClientRect();
    change(dragged, range.high - ((clientY - bounds.top) / bounds.height) * (range.high - range.low));
  };
  box.addEventListener("pointermove", (event) => {
    if (dragged >= 0) drag(event);
    else if (event.target.closest(".unit")) read(indexOf(event.target.closest(".unit")));
  });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => (dragged = -1));
  box.addEventListener("pointerleave", () => dragged < 0 && read(null));
  box.addEventListener("focusin", ({ target }) => read(indexOf(target)));
  box.addEventListener("focusout", () => read(null));
  box.addEventListener(
    "dblclick",
    ({ target }) => target.closest(".unit") && change(indexOf(target.closest(".unit")), 0),
  );
  box.addEventListener("keydown", (event) => {
    const i = indexOf(event.target);
    const step = (range.high - range.low) / 100;
    const moves = { ArrowUp: step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step };
    if (event.key in moves) change(i, code[i] + moves[event.key]);
    else if (event.key === "Delete" || event.key === "Home") change(i, 0);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft")
      box.children[i + (event.key === "ArrowRight" ? 1 : -1)]?.focus();
    else return;
    event.preventDefault();
  });

  find(".reset").addEventListener("click", () =>
    shared.set("code", shared.get("data").code(shared.get("selected")), element),
  );
  find(".zero").addEventListener("click", () => shared.set("code", new Float32Array(code.length), element));

  shared.on("data", draw);
  shared.on("code", draw);
  const dress = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    draw();
  };
  dress();
  onAppearance(dress);
  watch("label", dress);
}
