// A term that a beginner may not know is underlined where it first occurs in a tab. Its explanation appears under the
// pointer, at the focus and at a tap; Escape closes it. Terms are found by their words in labels, headings and tables.

import { helpers } from "../base/component.js";
import { finder } from "./find.js";

const PLACES = 'dt, th, legend, h2, h3, .title, .label, [data-testid="block-info"]';
const WITHIN = "button, a, summary, .ae-term, .ae-topbar, [aria-hidden=true]";
const HOLDS = "button, a, input, select, canvas, svg, dt, th, .ae-term";
const SETTLED = 400; // ms after a click, when a fold-out or a tab is open
const REST = 200; // ms of the pointer's rest

export default function mount({ element, strings }) {
  const { say, onAppearance } = helpers(element, strings);
  const tip = Object.assign(document.createElement("div"), { id: "ae-tip", role: "tooltip", hidden: true });
  document.body.append(tip);
  let find = null;
  let shown = null; // the term that is explained
  let resting = 0;
  let waiting = new Set(); // nodes that were added since the last picture on the screen

  function mark(place) {
    const key = find(place.textContent);
    if (!key || place.closest(WITHIN) || place.querySelector(HOLDS) || !place.checkVisibility()) return;
    const marked = place.closest("[role=tabpanel]").querySelectorAll(`.ae-term[data-term="${key}"]`);
    if ([...marked].some((term) => term.checkVisibility())) return;
    const term = document.createElement("span");
    term.className = "ae-term";
    term.tabIndex = 0;
    term.dataset.term = key;
    term.setAttribute("role", "button");
    term.append(...place.childNodes);
    place.append(term);
  }

  function markAll() {
    for (const panel of document.querySelectorAll("#ae-tabs > [role=tabpanel]"))
      if (panel.checkVisibility()) panel.querySelectorAll(PLACES).forEach(mark);
  }

  // Before the next picture on the screen, so that nothing flickers when a component draws its labels anew.
  function markSoon(nodes) {
    if (!nodes.length) return;
    if (!waiting.size) requestAnimationFrame(markAdded);
    for (const node of nodes) waiting.add(node);
  }

  function markAdded() {
    const nodes = waiting;
    waiting = new Set();
    if (shown && !shown.isConnected) hide();
    for (const node of nodes) {
      if (!node.isConnected) continue;
      const around = node.closest(PLACES);
      (around ? [around] : node.querySelectorAll(PLACES)).forEach(mark);
    }
  }

  function show(term) {
    clearTimeout(resting);
    if (shown !== term) hide();
    shown = term;
    tip.textContent = say(term.dataset.term);
    tip.hidden = false;
    term.setAttribute("aria-describedby", tip.id);
    const box = term.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const below = box.bottom + 6 + height <= innerHeight || box.top < height + 6;
    tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    tip.style.top = `${below ? box.bottom + 6 : box.top - height - 6}px`;
  }

  function hide() {
    clearTimeout(resting);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  const termOf = ({ target }) => target.closest?.(".ae-term");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const term = termOf(event);
    clearTimeout(resting);
    if (term && term !== shown) resting = setTimeout(show, REST, term);
    else if (!term && shown && !tip.contains(event.target)) resting = setTimeout(hide, REST);
  });
  document.addEventListener("focusin", (event) => {
    const term = termOf(event);
    if (term?.matches(":focus-visible")) show(term);
    else if (!term && shown) hide();
  });
  document.addEventListener("click", (event) => {
    const term = termOf(event);
    setTimeout(markAll, SETTLED);
    if (!term) return tip.contains(event.target) || hide();
    event.preventDefault(); // not a click on the label that the term stands in
    show(term);
  });
  addEventListener(
    "keydown",
    (event) => {
      const term = termOf(event);
      if (event.key === "Escape" && shown) hide();
      else if (term && ["Enter", " "].includes(event.key)) show(term);
      else return;
      event.preventDefault();
      event.stopPropagation(); // Escape would leave the presenter mode, too
    },
    true,
  );
  addEventListener("scroll", () => shown && hide(), { capture: true, passive: true });

  const start = () => {
    find = finder(say, Object.keys(strings.en));
    markAll();
  };
  const elements = ({ addedNodes }) => [...addedNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE);
  new MutationObserver((changes) => markSoon(changes.flatMap(elements))).observe(document.getElementById("ae-tabs"), {
    subtree: true,
    childList: true,
  });
  start();
  onAppearance(start);
}
