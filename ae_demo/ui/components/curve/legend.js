// The legend entry of one line of the chart: its mark, in its colour and dashed as it is drawn, and its label.
export function legendEntry({ label, hue, dash }) {
  const entry = document.createElement("span");
  const mark = document.createElement("i");
  mark.style.setProperty("--hue", `var(${hue})`);
  mark.className = dash.length ? "dashed" : "";
  entry.append(mark, label);
  return entry;
}
