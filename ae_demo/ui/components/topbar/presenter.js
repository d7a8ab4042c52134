// Presenter mode: one tab fills the screen, readable from the last row (address `?present=1`, key P). Arrow keys and
// remote controls (PageUp, PageDown) go through the steps of each tab and through the tabs; 1 to 9 open a tab; Q shows the
// QR code with which a phone opens the page.

import { linkTo, inAddress, setOfPage } from "../base/address.js";
import { channel } from "../base/channel.js";
import { activeTab, onTab, openTab, titlesOfTabs } from "../base/tabs.js";

const ROWS = 640; // CSS pixels over the height of the screen, so that 16 px are a fortieth of it
const COLUMNS = 800; // and at least as many over its width
const TYPED = 'input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';
const MOVED =
  'input, [role="tab"], [role="radio"], [role="slider"], [role="listbox"], [tabindex="0"], canvas, audio, video';

export function presenter({ settingsOf, find, say, names, server }) {
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
    const found = await server.join(linkTo(settingsOf(activeTab())));
    const button = find(".show-code");
    button.innerHTML = found?.code ?? say("share");
    button.ariaLabel = found ? say("join") : null; // a QR code has no words
    dialog.querySelector(".code").innerHTML = found?.code ?? "";
    dialog.querySelector(".address").textContent = found?.address ?? "";
    dialog.querySelector(".alone").hidden = Boolean(found);
  }

  function set(present) {
    root.classList.toggle("ae-presenting", present);
    find(".stage").hidden = !present;
    setOfPage("present", present ? "1" : "");
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

  // The tab's steps, then the next tab.
  function step(by) {
    const steps = channel("steps").get(activeTab());
    const next = steps ? steps.current() + by : -1;
    if (next >= 0 && next < steps.count) return steps.go(next);
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
      const open = /^[1-9]$/.test(key) ? () => openTab(key - 1) : null;
      const act = KEYS[key] ?? open ?? (event.target.closest(MOVED) ? null : ARROWS[key]);
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
  if (inAddress("present")) set(true);
  return { presenting, show: () => presenting() && show() };
}
