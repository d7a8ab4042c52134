// The straight walk between the codes of two sequences: a slider, and a strip of places on the way.

import { mix, pathOf, wordOf } from "./figures.js";

const PLACES = 9;
const SECONDS = 5; // from one end to the other and back

export function walkView(find, say, show) {
  const slider = find(".walk input");
  const play = find(".play");
  let data = null;
  let running = 0; // the animation frame

  const ends = () => [data.code(data.from), data.code(data.other)];
  const nameOf = (i) => data.names?.[i] ?? `${i + 1}`;

  function go(share) {
    slider.value = share;
    for (const [i, node] of [...find(".strip").children].entries())
      node.setAttribute("aria-pressed", String(Math.abs(i / (PLACES - 1) - share) < 0.5 / (PLACES - 1)));
    show(mix(...ends(), Number(share)), Number(share));
  }

  function picture(made) {
    if (data.kind === "words") {
      const { word, certainty } = wordOf(made);
      const node = Object.assign(document.createElement("span"), { textContent: word || "·" });
      node.style.setProperty("--certainty", certainty.toFixed(3));
      return node;
    }
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 1000 100");
    svg.setAttribute("preserveAspectRatio", "none");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", pathOf(made, Math.min(...made) - 0.01, Math.max(...made) + 0.01, data.decoder.features));
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
    return svg;
  }

  function draw(loaded, from) {
    stop();
    const other = loaded?.other;
    const walks = loaded && other !== null && other !== from;
    find(".walk").hidden = !walks;
    if (!walks) return;
    data = { ...loaded, from };
    find(".from").textContent = `A: ${nameOf(from)}`;
    find(".to").textContent = `B: ${nameOf(other)}`;
    slider.value = 0;
    const strip = Array.from({ length: PLACES }, (_, i) => {
      const share = i / (PLACES - 1);
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.setAttribute("aria-label", `A → B, ${Math.round(100 * share)} %`);
      button.append(picture(data.decoder.decode(mix(...ends(), share))));
      button.addEventListener("click", () => {
        stop();
        go(share);
      });
      return button;
    });
    find(".strip").replaceChildren(...strip);
    const longest = Math.max(...strip.map((button) => button.textContent.length)); // in letters, of words
    find(".strip").style.setProperty("--columns", longest > 7 ? 5 : PLACES);
  }

  function stop() {
    cancelAnimationFrame(running);
    running = 0;
    play.textContent = say("play");
  }

  function start() {
    const began = performance.now() - SECONDS * 500 * Number(slider.value);
    play.textContent = say("pause");
    const frame = (now) => {
      if (!play.isConnected) return;
      const phase = ((now - began) / (SECONDS * 500)) % 2;
      go(phase <= 1 ? phase : 2 - phase);
      running = requestAnimationFrame(frame);
    };
    running = requestAnimationFrame(frame);
  }

  slider.addEventListener("input", () => {
    stop();
    go(slider.value);
  });
  play.addEventListener("click", () => (running ? stop() : start()));
  return { draw, stop, dress: () => !running && stop() };
}
