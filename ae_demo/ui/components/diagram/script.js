// The diagram is drawn at the available width rather than scaled to it, so that names stay readable. A name that does not
// fit under its layer is broken at spaces. On a phone only input, code and output are named; tooltips name all layers.

// With `props.opens`, a layer is a button, which asks Python for the layer's activations and shows them under the diagram.

import { helpers, onWidth } from "../base/component.js";
import { Activations, short } from "./activations.js";

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, speak, known: has, translate, onAppearance } = helpers(element, strings);
  const svg = find("svg");
  const TOP = 26; // room for the titles
  const TALL = { wide: 72, narrow: 56 };
  const LINE = 16;
  const ruler = document.createElement("canvas").getContext("2d");
  const panel = find(".activations");
  const activations = new Activations(panel, say, (text) => (find(".reading").textContent = text));
  let width = 0;
  let open = null; // the layer whose activations are shown
  let focus = 0; // the layer that the Tab key reaches

  function add(parent, tag, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  // The kind of a layer, the first word of its name, in the page's language.
  const named = (layer) => ({
    ...layer,
    name: layer.name.replace(/^[a-z]+(?= )/, (kind) => (has(`layer.${kind}`) ? say(`layer.${kind}`) : kind)),
  });

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
    const described = layers.map(({ name, size }, i) => {
      const part = { 0: say("input"), [codeAt]: say("code"), [layers.length - 1]: say("output") }[i];
      return `${part ? `${part} ` : ""}${name} (${size.toLocaleString()} ${say("numbers")})`;
    });
    return described.join(" → ");
  }

  function draw() {
    const { encoder, code, decoder } = props.value;
    const layers = [...encoder, code, ...decoder].map(named);
    const codeAt = encoder.length;
    const held = svg.contains(document.activeElement);
    svg.setAttribute("aria-label", describe(layers, codeAt));
    svg.setAttribute("role", opens() ? "group" : "img");
    svg.replaceChildren();
    mark();
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
        class: `column ${end ?? `layer ${i < codeAt ? "encoding" : "decoding"}`}`,
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
    if (!opens()) return;
    focus = Math.min(focus, bars.length - 1);
    bars.forEach((bar, i) => {
      const button = add(svg, "rect", {
        class: "button",
        x: slot * i,
        y: TOP - 6,
        width: slot,
        height: tall + 12,
        rx: 6,
      });
      for (const [name, value] of Object.entries({
        role: "button",
        "aria-label": `${bar.name}: ${say("open")}`,
      }))
        button.setAttribute(name, value);
      add(button, "title", {}, `${bar.name}: ${bar.size.toLocaleString()} ${say("numbers")}`);
      button.addEventListener("click", () => toggle(i));
    });
    mark();
    if (held) buttons()[focus].focus({ preventScroll: true });
  }

  // Which layer is open, and which one the Tab key reaches.
  function mark() {
    find("figcaption").textContent = speak(props.value.caption) || (opens() && open === null ? say("hint") : "");
    svg.querySelectorAll(".column").forEach((column, i) => column.classList.toggle("open", i === open));
    buttons().forEach((button, i) => {
      button.setAttribute("tabindex", i === focus ? 0 : -1);
      button.setAttribute("aria-expanded", i === open);
    });
  }

  const opens = () => props.opens && !props.value.closed;
  const buttons = () => svg.querySelectorAll(".button");
  const ask = () => open !== null && trigger("select", { layer: open, sample: props.sample ?? null });

  function toggle(i) {
    focus = i;
    open = open === i ? null : i;
    if (open === null) panel.hidden = true;
    else panel.classList.add("waiting");
    mark();
    ask();
  }

  function close() {
    if (open === null) return;
    toggle(open);
    buttons()[focus]?.focus({ preventScroll: true });
  }

  // The answer for the layer that is open by now.
  function receive() {
    const layer = props.layer;
    if (open === null || layer?.index !== open) return;
    const { encoder, code, decoder } = props.value;
    panel.hidden = false;
    panel.classList.remove("waiting");
    panel.dataset.kind = layer.kind ?? "none";
    const part = { 0: "input", [encoder.length]: "code", [encoder.length + decoder.length]: "output" }[open];
    const { name } = named([...encoder, code, ...decoder][open]);
    find(".label").textContent = part ? `${say(part)} ${name}` : name;
    find(".text").textContent = layer.error ?? (layer.kind ? "" : say("nothing"));
    find(".about").textContent = "";
    if (!layer.kind) return;
    activations.show(layer);
    find(".about").textContent = activations.about(layer);
    find(".low").textContent = short(-layer.scale || 0);
    find(".high").textContent = short(layer.scale ?? 0);
  }

  svg.addEventListener("keydown", (event) => {
    const i = { ArrowLeft: focus - 1, ArrowRight: focus + 1, Home: 0, End: buttons().length - 1 }[event.key];
    if (!opens()) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === " ") toggle(focus);
    else if (buttons()[i]) {
      focus = i;
      if (open === null) mark();
      else toggle(i); // the layers one after another
      buttons()[i].focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  });
  find(".close").addEventListener("click", close);
  find(".diagram").addEventListener("renew", ask);

  onWidth(find(".diagram"), (now) => {
    width = now;
    draw();
  });
  onWidth(find(".units"), () => activations.draw());
  const dress = () => {
    translate();
    draw();
    receive();
  };
  translate();
  onAppearance(dress);

  let known = "";
  watch("value", () => {
    const { encoder, code, decoder } = props.value;
    const now = JSON.stringify([encoder, code, decoder]);
    if (known && now !== known && open !== null) toggle(open); // of another model
    known = now;
    draw();
  });
  known = JSON.stringify([props.value.encoder, props.value.code, props.value.decoder]);
  watch("layer", receive);
  watch("sample", ask);
}
