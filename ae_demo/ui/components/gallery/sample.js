// A model's result for a sample: input, code and output side by side; input and output of a series in one chart.

const SVG = "http://www.w3.org/2000/svg";

function figure(role, content, caption) {
  const made = document.createElement("figure");
  made.className = role;
  const text = document.createElement("figcaption");
  text.textContent = caption;
  made.append(content, text);
  return made;
}

function picture(uri, alt) {
  const made = Object.assign(document.createElement("img"), { src: uri, alt });
  made.onload = () => made.classList.toggle("pixels", made.naturalWidth <= 64);
  return made;
}

// Numbers as bars about zero.
function bars(numbers) {
  const svg = document.createElementNS(SVG, "svg");
  const top = Math.max(...numbers.map(Math.abs), 1e-9);
  svg.setAttribute("viewBox", `0 -1 ${numbers.length} 2`);
  svg.setAttribute("preserveAspectRatio", "none");
  const path = numbers.map((value, i) => `M${i + 0.1} 0h0.8v${(-value / top).toFixed(3)}h-0.8z`).join("");
  const drawn = document.createElementNS(SVG, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

function curves(...series) {
  const svg = document.createElementNS(SVG, "svg");
  const all = series.flat();
  const [low, high] = [Math.min(...all), Math.max(...all)];
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const [number, values] of series.entries()) {
    const drawn = document.createElementNS(SVG, "path");
    const place = (value, i) =>
      `${((100 * i) / (values.length - 1)).toFixed(1)} ${(38 - (36 * (value - low)) / (high - low || 1)).toFixed(1)}`;
    drawn.setAttribute("d", `M${values.map(place).join("L")}`);
    drawn.setAttribute("class", number ? "of-output" : "of-input");
    svg.append(drawn);
  }
  return svg;
}

function word(text) {
  const made = document.createElement("p");
  made.className = "word";
  made.textContent = text;
  return made;
}

export function drawSample(strip, { kind, input, code, output, message }, say) {
  if (kind === "problem") {
    strip.textContent = message ?? say("no_sample");
    return;
  }
  const show = { picture: (value, role) => picture(value, say(role)), word }[kind];
  const coded = Array.isArray(code) ? bars(code) : code ? picture(code, say("code")) : null;
  const parts = show
    ? [figure("input", show(input, "input"), say("input")), figure("output", show(output, "output"), say("output"))]
    : [figure("output wide", curves(input, output), say("input_and_output"))];
  if (coded) parts.splice(1, 0, figure("code", coded, say("code")));
  strip.replaceChildren(...parts);
}
