// A strip, drawn at the width there is and not scaled to it, so that names stay readable. A name that does not fit under
// its layer is broken at spaces. On a phone only input, code and output are named; a layer's tooltip says the rest.

import { helpers, onWidth } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, speak, onAppearance } = helpers(element, strings);
  const svg = find("svg");
  const TOP = 26; // room for the titles
  const TALL = { wide: 72, narrow: 56 };
  const LINE = 16;
  const ruler = document.createElement("canvas").getContext("2d");
  let width = 0;

  function add(parent, tag, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  const widthOf = (text) => ruler.measureText(text).width;

  function wrap(name, room) {
    const lines = [];
    for (const word of name.split(" ")) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && widthOf(longer) <= room) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function gradient(defs, id, from, to) {
    const node = add(defs, "linearGradient", { id });
    add(node, "stop", { offset: "0%", class: from });
    add(node, "stop", { offset: "100%", class: to });
  }

  function describe(layers, codeAt) {
    const told = layers.map(({ name, size }, i) => {
      const part = { 0: say("input"), [codeAt]: say("code"), [layers.length - 1]: say("output") }[i];
      return `${part ? `${part} ` : ""}${name} (${size.toLocaleString()} ${say("numbers")})`;
    });
    return told.join(" → ");
  }

  function draw() {
    const { encoder, code, decoder, caption } = props.value;
    find("figcaption").textContent = speak(caption);
    const layers = [...encoder, code, ...decoder];
    const codeAt = encoder.length;
    svg.setAttribute("aria-label", describe(layers, codeAt));
    svg.replaceChildren();
    if (!width) return;

    ruler.font = `650 13px ${getComputedStyle(svg).fontFamily}`;
    const narrow = width < 560;
    const tall = narrow ? TALL.narrow : TALL.wide;
    const slot = width / layers.length;
    const thick = Math.max(6, Math.min(26, slot * 0.3));
    const most = Math.log1p(Math.max(...layers.map(({ size }) => size)));
    const middle = TOP + tall / 2;
    const bars = layers.map((layer, i) => ({
      ...layer,
      x: slot * (i + 0.5),
      half: Math.max(5, (Math.log1p(layer.size) / most) * (tall / 2)),
    }));

    // The two trapezoids: through the ends of the layers, so that a wide layer shows as one.
    const unique = Math.random().toString(36).slice(2); // ids are the page's, and a page has many diagrams
    const defs = add(svg, "defs", {});
    gradient(defs, `in-${unique}`, "from-input", "at-code");
    gradient(defs, `out-${unique}`, "at-code", "to-output");
    const outline = (part) =>
      [...part.map((bar) => [bar.x, middle - bar.half]), ...part.toReversed().map((bar) => [bar.x, middle + bar.half])]
        .map((point) => point.map((at) => at.toFixed(1)).join())
        .join(" ");
    const body = (part, id) => add(svg, "polygon", { class: "body", points: outline(part), fill: `url(#${id})` });
    body(bars.slice(0, codeAt + 1), `in-${unique}`);
    body(bars.slice(codeAt), `out-${unique}`);

    let foot = 0;
    bars.forEach((bar, i) => {
      const end = { 0: "input", [codeAt]: "code", [bars.length - 1]: "output" }[i];
      const wide = end ? thick : thick * 0.6;
      const column = add(svg, "rect", {
        class: end ?? `layer ${i < codeAt ? "encoding" : "decoding"}`,
        x: bar.x - wide / 2,
        y: middle - bar.half,
        width: wide,
        height: 2 * bar.half,
        rx: Math.min(5, wide / 2),
      });
      column.style.setProperty("--way", i < codeAt ? i / codeAt : (i - codeAt) / (bars.length - 1 - codeAt));
      add(column, "title", {}, `${bar.name}: ${bar.size.toLocaleString()} ${say("numbers")}`);

      const lines = wrap(bar.name, slot - 6);
      const room = end ? Math.max(slot, widthOf(bar.name)) : slot - 4;
      if ((narrow && !end) || lines.some((line) => widthOf(line) > room)) return;
      const half = Math.max(...lines.map(widthOf)) / 2;
      const x = Math.min(Math.max(bar.x, half), width - half);
      // A code next to the output, as a denoiser has it, is named under the output's name where both would overlap.
      const below = end === "code" && x + half > width - widthOf(bars[bars.length - 1].name) - 8;
      const y = TOP + tall + 18 + (below ? LINE : 0);
      const text = add(svg, "text", {
        class: end ? `name end ${end}` : "name",
        "text-anchor": "middle",
        transform: `translate(${x} ${y})`,
      });
      lines.forEach((line, row) => add(text, "tspan", { x: 0, y: row * LINE }, line));
      foot = Math.max(foot, (lines.length + below) * LINE);
    });

    const last = bars[bars.length - 1];
    const title = (x, key, hue) => add(svg, "text", { class: `title ${hue}`, x, y: 16 }, say(key));
    title(Math.max(bars[0].x, widthOf(say("input")) / 2 + 4), "input", "input");
    const end = Math.min(last.x, width - widthOf(say("output")) / 2 - 4);
    title(end, "output", "output");
    // A code next to the output, as a denoiser has it, moves its title aside rather than under the other.
    title(Math.min(bars[codeAt].x, end - (widthOf(say("output")) + widthOf(say("code"))) / 2 - 24), "code", "code");
    const between = (from, to, key) => {
      if (to.x - from.x > widthOf(say(key)) + 110) title((from.x + to.x) / 2, key, "");
    };
    between(bars[0], bars[codeAt], "encoder");
    between(bars[codeAt], last, "decoder");
    svg.setAttribute("height", TOP + tall + 10 + foot);
  }

  onWidth(find(".diagram"), (now) => {
    width = now;
    draw();
  });
  onAppearance(draw);
  watch("value", draw);
}
