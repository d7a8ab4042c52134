// A word and its reconstruction, letter under letter, with the model's certainty.

import { lettersOf, mean, standing } from "./figures.js";

const percent = (p) => (p > 0.995 ? ">99" : p < 0.01 ? "<1" : String(Math.round(100 * p)));

export function wordsView(find, say) {
  const box = find(".letters");
  const name = (letter) => (letter === " " ? "·" : letter);
  const speak = (letter) => (letter === " " ? say("blank") : letter);

  function tile(letter) {
    const node = document.createElement("div");
    const [first, second] = letter.best;
    node.className = `tile${first.letter === letter.given ? "" : " wrong"}${letter.given === " " ? " blank" : ""}`;
    const part = (className, textContent) => {
      const made = Object.assign(document.createElement("span"), { className, textContent });
      node.append(made);
      return made;
    };
    part("given", name(letter.given));
    part("made", name(first.letter)).style.setProperty("--certainty", first.p.toFixed(3));
    part("certainty", percent(first.p));
    part("second", second.p > 0.02 ? `${name(second.letter)} ${percent(second.p)}` : "");
    part("bits", "").style.setProperty("--bits", Math.min(1, letter.bits / 10).toFixed(3));
    node.title = letter.best.map((one) => `${speak(one.letter)} ${percent(one.p)} %`).join(` ${say("or")} `);
    node.setAttribute("aria-label", `${speak(letter.given)}: ${node.title}`);
    node.setAttribute("role", "img");
    return node;
  }

  return function draw(x, made, data, selected) {
    const letters = lettersOf(x, made);
    box.replaceChildren(...letters.map(tile));
    const real = letters.filter(({ given }) => given !== " ");
    const right = real.filter(({ given, best }) => best[0].letter === given).length;
    const bits = mean(letters.map((letter) => letter.bits));
    return [
      [say("letters_right"), `${right} / ${real.length}`],
      ...standing(bits * Math.LN2, data, say),
      ...(data.pca ? [[say("pca_writes"), data.pca[selected]]] : []),
      [say("certainty"), `${percent(Math.min(...letters.map(({ best }) => best[0].p)))} %`],
      [say("surprise"), bits < 0.005 ? "<0.01" : bits.toFixed(2)],
    ];
  };
}
