// The mark of a line in a legend, in its colour and dashed as it is drawn.
export function lineMark({ hue, dash }) {
  const mark = document.createElement("i");
  mark.style.setProperty("--hue", `var(${hue})`);
  mark.className = dash.length ? "line dashed" : "line";
  return mark;
}

// The entry of a line: its mark and its label.
export function legendEntry({ label, ...line }) {
  const entry = document.createElement("span");
  entry.append(lineMark(line), label);
  return entry;
}
