// The language and the theme: in the address, and remembered by the browser for the next visit (../../early.js reads both).

import { inAddress, setOfPage } from "../base/address.js";

function keep(key, value) {
  try {
    if (value) localStorage.setItem(`ae-${key}`, value);
    else localStorage.removeItem(`ae-${key}`);
  } catch {} // a page in a frame may not be allowed to store anything
  setOfPage(key, value);
}

export const language = () => navigator.language; // as early.js has chosen it

// Gradio resolves texts once, so the page is loaded again; the address restores its state.
export function setLanguage(value) {
  keep("lang", value);
  location.reload();
}

const system = matchMedia("(prefers-color-scheme: dark)");

// "light", "dark" or, as the system has it, "".
export const theme = () => (["light", "dark"].includes(inAddress("__theme")) ? inAddress("__theme") : "");

const applyTheme = () => document.body.classList.toggle("dark", theme() ? theme() === "dark" : system.matches);

export function setTheme(value) {
  keep("__theme", value);
  applyTheme();
}

system.addEventListener("change", applyTheme); // after Gradio's own listener, which knows the first theme alone
