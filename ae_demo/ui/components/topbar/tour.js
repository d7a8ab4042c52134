// A tour of the page: twenty seconds, four stops. It starts by itself on a browser's first visit without a link, and ends
// at the first press outside its card.

const STOPS = [
  [".ae-input", "tour_input"],
  [".ae-diagram", "tour_model"],
  [".ae-output:not(.ae-title)", "tour_output"],
  [".ae-line", "tour_try"],
];
const SECONDS = 5; // for each
const KEY = "ae-tour";

// Whether this is the first visit, without a link to a tab; false where the browser cannot remember visits.
function isFirstVisit() {
  const query = new URL(performance.getEntriesByType("navigation")[0]?.name ?? location.href).searchParams;
  if ([...query.keys()].some((key) => !["lang", "__theme"].includes(key))) return false;
  try {
    if (localStorage.getItem(KEY)) return false;
    localStorage.setItem(KEY, "1");
    return true;
  } catch {
    return false;
  }
}

const stopOf = (selector) =>
  [...document.querySelectorAll(`#ae-tabs [role="tabpanel"] ${selector}`)].find((node) => node.offsetHeight > 0);

export function tour({ find, say }) {
  const card = find(".tour");
  let stops = [];
  let at = 0;

  function leaveStop() {
    for (const node of document.querySelectorAll(".ae-toured")) node.classList.remove("ae-toured");
  }

  function show() {
    leaveStop();
    const [node, key] = stops[at];
    node.classList.add("ae-toured");
    node.scrollIntoView({ block: "nearest" });
    find(".tour .text").textContent = say(key);
    find(".tour .count").textContent = `${at + 1} / ${stops.length}`;
    find(".tour .next").textContent = say(at + 1 < stops.length ? "next" : "done");
    const bar = find(".tour .bar");
    bar.style.animation = "none";
    bar.offsetWidth; // begins the bar's animation, whose end is the next stop
    bar.style.animation = "";
  }

  function end() {
    card.hidden = true;
    leaveStop();
  }

  function next() {
    at += 1;
    if (at < stops.length) show();
    else end();
  }

  function begin() {
    stops = STOPS.map(([selector, key]) => [stopOf(selector), key]).filter(([node]) => node);
    if (!stops.length) return;
    at = 0;
    card.hidden = false;
    show();
  }

  card.style.setProperty("--seconds", `${SECONDS}s`);
  find(".tour .bar").addEventListener("animationend", next);
  find(".tour .next").addEventListener("click", next);
  find(".tour .skip").addEventListener("click", end);
  find(".start-tour").addEventListener("click", () => {
    begin();
    find(".tour .next").focus();
  });
  document.addEventListener("pointerdown", ({ target }) => card.contains(target) || card.hidden || end(), true);
  document.addEventListener("keydown", (event) => {
    if (!card.hidden && (event.key === "Escape" || event.key.toLowerCase() === "p")) end();
  });
  if (isFirstVisit()) setTimeout(begin, 1500); // when the first result is there
}
