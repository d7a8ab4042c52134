// One tab fills the screen, at a size for the last row: address `?present=1`, key P. Keys and presenters' remote controls
// (PageUp, PageDown) step through the tabs; Q shows the code that a phone reads to open the page.

import { activeTab, onTab, openTab, titlesOfTabs } from "../base/tabs.js";

const ROWS = 640; // CSS pixels over the height of the screen, so that 16 px are a fortieth of it
const COLUMNS = 800; // and at least as many over its width
const TYPED = 'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';
const MOVED =
  'input, [role="tab"], [role="radio"], [role="slider"], [role="listbox"], [tabindex="0"], canvas, audio, video';

const setQuery = (present) => {
  const query = new URLSearchParams(location.search);
  if (present) query.set("present", "1");
  else query.delete("present");
  history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
};

// The page's address for others: as it is set, in their own theme and not presented.
function addressToJoin() {
  const url = new URL(location.href);
  for (const key of ["present", "__theme"]) url.searchParams.delete(key);
  if (activeTab()) url.searchParams.set("tab", activeTab());
  return url.href;
}

export function presenter({ find, say, names, server }) {
  const root = document.documentElement;
  const dialog = find(".join");
  const presenting = () => root.classList.contains("ae-presenting");

  function fit() {
    const size = Math.max(1, Math.min(innerHeight / ROWS, innerWidth / COLUMNS));
    root.style.setProperty("--ae-zoom", presenting() ? size.toFixed(3) : "1");
  }

  function show() {
    const place = names.indexOf(activeTab());
    find(".where").textContent = `${titlesOfTabs()[place] ?? ""} · ${place + 1} / ${names.length}`;
  }

  async function renewCode() {
    const found = await server.join(addressToJoin());
    find(".show-code").innerHTML = found?.code ?? say("share");
    dialog.querySelector(".code").innerHTML = found?.code ?? "";
    dialog.querySelector(".address").textContent = found?.address ?? "";
    dialog.querySelector(".alone").hidden = Boolean(found);
  }

  function set(present) {
    root.classList.toggle("ae-presenting", present);
    find(".stage").hidden = !present;
    setQuery(present);
    fit();
    if (!present) return dialog.close();
    show();
    renewCode();
    scrollTo(0, 0);
  }

  // The whole screen only after a key or a click; a browser refuses it otherwise, and some refuse it always.
  async function enter() {
    set(true);
    await root.requestFullscreen?.().catch(() => {});
  }

  async function leave() {
    set(false);
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => {});
  }

  function step(by) {
    const place = names.indexOf(activeTab()) + by;
    if (place >= 0 && place < names.length) openTab(place);
  }

  function toggleCode() {
    if (dialog.open) return dialog.close();
    renewCode();
    dialog.showModal();
  }

  const KEYS = { p: leave, q: toggleCode, Escape: leave, PageDown: () => step(1), PageUp: () => step(-1) };
  const ARROWS = { ArrowRight: () => step(1), ArrowLeft: () => step(-1) };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPED)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!presenting()) {
      if (key !== "p") return;
      enter();
    } else {
      if (dialog.open && key === "Escape") return; // which closes it
      const act = KEYS[key] ?? (event.target.closest(MOVED) ? null : ARROWS[key]);
      if (!act) return;
      act();
    }
    event.preventDefault();
  });
  document.addEventListener("fullscreenchange", () => !document.fullscreenElement && presenting() && set(false));
  addEventListener("resize", fit);
  onTab(() => {
    if (!presenting()) return;
    show();
    renewCode();
    scrollTo(0, 0);
  });

  find(".present").addEventListener("click", enter);
  find(".leave").addEventListener("click", leave);
  find(".back").addEventListener("click", () => step(-1));
  find(".on").addEventListener("click", () => step(1));
  find(".show-code").addEventListener("click", toggleCode);
  dialog.addEventListener("click", () => dialog.close());
  if (new URLSearchParams(location.search).get("present")) set(true);
  return { presenting, show: () => presenting() && show() };
}
