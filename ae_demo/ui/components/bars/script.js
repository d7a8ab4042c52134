// One SVG path for all bars, in a view box as wide as the code is long: 512 bars cost no more than one.

import { helpers } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const plot = find(".plot");
  let index = null; // the bar being read

  const code = () => (Array.isArray(props.value) ? props.value : []);
  const short = (number) => Number(number.toPrecision(3)).toString();

  function read(next) {
    const numbers = code();
    index = next === null || !numbers.length ? null : Math.min(numbers.length - 1, Math.max(0, next));
    find(".bars").classList.toggle("reading-one", index !== null);
    if (index === null) {
      find(".reading").textContent = numbers.length ? `${numbers.length} ${say("count")}` : "";
      return;
    }
    find(".cursor").setAttribute("x", index);
    find(".reading").textContent = `z[${index}] = ${short(numbers[index])}`;
  }

  function draw() {
    const numbers = code();
    find(".bars").classList.toggle("none", !numbers.length);
    find(".bars").hidden = props.retiring && !numbers.length;
    const high = Math.max(0, ...numbers);
    const low = Math.min(0, ...numbers);
    const span = high - low || 1;
    const y = (number) => ((high - number) / span) * 100;
    const gap = numbers.length > 128 ? 0 : 0.12; // of a bar's width, on each side; bars of a pixel or two touch
    plot.setAttribute("viewBox", `0 0 ${numbers.length || 1} 100`);
    find(".columns").setAttribute(
      "d",
      numbers.map((number, i) => `M${i + gap} ${y(0)}V${y(number).toFixed(3)}H${i + 1 - gap}V${y(0)}Z`).join(""),
    );
    const axis = find(".axis");
    axis.setAttribute("x2", numbers.length || 1);
    for (const side of ["y1", "y2"]) axis.setAttribute(side, y(0));
    for (const [name, number] of [
      ["high", high],
      ["zero", 0],
      ["low", low],
    ]) {
      const mark = find(`.${name}`);
      mark.style.top = `${y(number)}%`;
      // Zero is written once, and left out where the end of the scale would cover it.
      const crowded = name === "zero" && high && low && Math.min(high, -low) / span < 0.1;
      mark.textContent = crowded || (name !== "zero" && number === 0) ? "" : short(number);
    }
    read(null);
  }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    read(Math.floor(((event.clientX - box.left) / box.width) * code().length));
  });
  plot.addEventListener("pointerleave", () => read(null));
  plot.addEventListener("blur", () => read(null));
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    read(index === null ? 0 : index + step);
  });

  const look = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    read(index);
  };
  look();
  draw();
  onAppearance(look);
  watch("label", look);
  watch("value", draw);
}
