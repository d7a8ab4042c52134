// A series and its reconstruction as lines over each other, and the squared error at each step below.

import { errorsOf, mean, pathOf, short, standing, ticks } from "./figures.js";

export function seriesView(find, say) {
  const plot = find(".plot");
  let shown = null; // { x, made, data, errors }
  let at = null; // the step being read

  const unit = (value) => `${short(value)}${shown.data.unit ? ` ${shown.data.unit}` : ""}`;
  const steps = () => shown.x.length / shown.data.decoder.features;
  const own = (value) => {
    const { low = 0, high = 1 } = shown.data;
    return low + value * (high - low);
  };
  const time = (step) => (step * (shown.data.length ?? steps())) / steps() / (shown.data.rate || 1);
  const when = (step) => (shown.data.rate ? `${short(time(step))} s` : short(Math.round(time(step))));

  function draw(x, made, data, selected) {
    const features = data.decoder.features;
    shown = { x, made, data, errors: errorsOf(x, made, features) };
    let bottom = Math.min(...x, ...made);
    let top = Math.max(...x, ...made);
    const margin = 0.06 * Math.max(top - bottom, 0.02);
    [bottom, top] = [bottom - margin, top + margin];
    const lines = (values) =>
      Array.from({ length: features }, (_, f) => pathOf(values, bottom, top, features, f)).join("");
    find("path.given").setAttribute("d", lines(x));
    find("path.made").setAttribute("d", lines(made));
    const peak = Math.max(data.peak ?? 0, ...shown.errors, 1e-12);
    const path = pathOf(shown.errors, 0, peak);
    find("path.error").setAttribute("d", `M0 100${path.replace("M", "L")}L1000 100Z`);
    const scale = ticks(own(bottom), own(top)).map((value) => {
      const y = (100 * (own(top) - value)) / (own(top) - own(bottom));
      return Object.assign(document.createElement("span"), { textContent: short(value), style: `top:${y}%` });
    });
    find(".scale").replaceChildren(...scale);
    const end = time(steps() - 1);
    const places = ticks(0, end, 5).map((place) =>
      Object.assign(document.createElement("span"), {
        textContent: data.rate ? `${short(place)} s` : short(place),
        style: `left:${(100 * place) / (end || 1)}%`,
      }),
    );
    find(".steps").replaceChildren(...places);
    read(at);
    const error = mean(shown.errors);
    return [
      [say("mse"), short(error)],
      ...standing(error, data, say),
      ...(data.pca ? [[say("pca"), short(data.pca[selected])]] : []),
      [say("largest"), unit(Math.sqrt(Math.max(...shown.errors)) * ((data.high ?? 1) - (data.low ?? 0)))],
    ];
  }

  function read(step) {
    at = shown && step !== null ? Math.max(0, Math.min(steps() - 1, step)) : null;
    plot.classList.toggle("reading-one", at !== null);
    const reading = find(".reading");
    if (at === null) {
      reading.textContent = "";
      return;
    }
    const x = (1000 * at) / Math.max(1, steps() - 1);
    for (const name of ["x1", "x2"]) find(".cursor").setAttribute(name, x);
    const value = (values) => unit(own(values[at * shown.data.decoder.features]));
    reading.textContent = `${when(at)}: ${say("input")} ${value(shown.x)} · ${say("output")} ${value(shown.made)}`;
  }

  plot.addEventListener("pointermove", ({ clientX }) => {
    if (!shown) return;
    const box = plot.getBoundingClientRect();
    read(Math.round(((clientX - box.left) / box.width) * (steps() - 1)));
  });
  for (const name of ["pointerleave", "blur"]) plot.addEventListener(name, () => read(null));
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !shown) return;
    event.preventDefault();
    read(at === null ? 0 : at + step);
  });
  return draw;
}
