// After a change (ask), the work begins when the controls are at rest; after a change that the server first answers by
// changing other controls (hold), when that is done (free). The bar's value is {share, left} while the server works, and
// then empty, {ended} if a preview cancelled the work (the control is still moving, or that preview came late), or
// {reason} if the work failed, which stays in place of the results until the next work.
//
// A tab appears with the results of its initial settings, and its opening starts work without a change, which tells when
// it is done (shown). Until then the results are dimmed only if a link names other settings, or after the visitor's
// first touch.

import { hasSettings } from "../base/address.js";
import { helpers } from "../base/component.js";

const SETTLE = 100; // ms after which Gradio has delivered the values that came before the end of the work

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, onAppearance } = helpers(element, strings);
  const node = find(".busy");
  let timer = null;
  let held = false;
  let dims = hasSettings();
  let running = 0; // jobs started and not done; one that a newer job has cancelled is done soon
  const mark = (on) => {
    for (const id of props.stale) document.getElementById(id)?.classList.toggle("ae-stale", on);
  };

  const alone = () => running <= 1 && timer === null && !held; // nothing newer is asked for

  function draw() {
    const { share, left, ended, reason } = props.value ?? {};
    if (ended && !alone()) return;
    find(".reason").hidden = !reason;
    find(".reason").textContent = reason ?? "";
    node.hidden = share === undefined;
    if (node.hidden) return;
    node.style.setProperty("--part", share);
    node.setAttribute("aria-valuenow", Math.round(100 * share));
    node.setAttribute("aria-label", say("working"));
    const parts = [say("working"), `${Math.round(100 * share)} %`];
    if (left != null) parts.push(say("left").replace("{0}", Math.max(1, Math.round(left))));
    find(".line").textContent = parts.join(" · ");
  }

  // When jobs cancel one another, the last value to arrive may be the progress of a cancelled one.
  function hideWhenDone() {
    if (!running) node.hidden = true;
  }

  function ask() {
    if (dims) mark(true);
    clearTimeout(timer);
    timer = held ? null : setTimeout(begin, props.still);
  }

  function begin() {
    timer = null;
    running += 1;
    trigger("submit");
  }

  node.addEventListener("ask", ask);
  node.addEventListener("hold", () => {
    held = true;
    ask();
  });
  node.addEventListener("free", () => {
    held = false;
    ask();
  });
  function shown() {
    dims = true;
    if (!running && timer === null && !held) mark(false);
  }
  node.addEventListener("shown", shown);
  node.addEventListener("done", () => {
    running -= 1;
    shown();
    setTimeout(hideWhenDone, SETTLE);
  });

  const panel = element.closest("[role=tabpanel]") ?? element;
  for (const event of ["pointerdown", "keydown"]) panel.addEventListener(event, () => (dims = true), { capture: true });

  mark(dims);
  draw();
  onAppearance(draw);
  watch("value", () => {
    draw();
    if (props.value?.ended && alone()) ask();
  });
}
