// The threshold is a score, moved by the pointer on the histogram or by the slider; all else follows from it.

import { placeIn } from "../base/canvas.js";
import { saveFile } from "../base/download.js";
import { helpers, onWidth } from "../base/component.js";
import { short } from "../curve/ticks.js";
import { paintHistogram, paintRoc, shareAt } from "./charts.js";
import { confusion, galleries, histogram, quantile, rocCurve, shareBelow, toCsv } from "./figures.js";
import { painter } from "./thumbnails.js";

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, speak, translate, onAppearance } = helpers(element, strings);
  const [canvas, slider] = [find(".histogram"), find(".threshold input")];
  const COUNT = 8; // samples in a gallery
  let share = 0.95; // of the normal samples' scores, which chose the threshold; null if the pointer did
  let threshold = 0;
  let roc = { points: [], area: null };
  let paint = null; // draws a sample on a canvas
  let sheet = null; // the data of which `paint` is
  let chosen = null; // the index of the sample that was clicked
  let last = null; // the value before
  let stale = 0;

  const value = () => props.value;
  const node = (tag, text = "", name = "") =>
    Object.assign(document.createElement(tag), { textContent: text, className: name });
  const percent = (part) => `${(100 * part).toFixed(1)} %`;

  function drawSoon() {
    if (!stale) stale = requestAnimationFrame(draw);
  }

  function draw() {
    stale = 0;
    const given = value();
    find(".detection").classList.toggle("none", !given);
    if (!given || !canvas.clientWidth) return;
    const { scores, labels, normal } = given;
    const below = share ?? shareBelow(normal, threshold);
    slider.value = 100 * below;
    find(".threshold .reading").textContent = `${(100 * below).toFixed(1)} % · ${short(threshold)}`;
    paintHistogram(canvas, histogram(scores, labels, threshold), threshold, Boolean(labels));
    drawLegend(given);
    drawFigures(scores, labels);
    drawGalleries(scores);
    const count = scores.filter((score) => score > threshold).length;
    find(".flagged").textContent = say("flagged").replace("{0}", count).replace("{1}", scores.length);
  }

  function drawLegend({ labels, model, measure, meanwhile }) {
    const name = say(speak(model));
    const about = meanwhile
      ? say("meanwhile").replace("{0}", name)
      : [name, say(speak(measure))].filter(Boolean).join(" · ");
    const kinds = labels ? ["kind_normal", "kind_anomaly"] : ["kind_unknown"];
    const entries = kinds.map((kind) => {
      const entry = node("span", "", kind);
      entry.append(node("i"), say(kind));
      return entry;
    });
    find(".legend").replaceChildren(...entries, node("span", about, meanwhile ? "whose meanwhile" : "whose"));
  }

  function drawFigures(scores, labels) {
    find(".judged").hidden = !labels;
    if (!labels) return;
    const found = confusion(scores, labels, threshold);
    const heads = node("tr");
    heads.append(node("td"), ...["flag_anomaly", "flag_normal"].map((name) => node("th", say(name))));
    find(".confusion thead").replaceChildren(heads);
    const rows = [
      ["kind_anomaly", found.tp, found.fn],
      ["kind_normal", found.fp, found.tn],
    ].map(([name, flagged, passed], i) => {
      const row = node("tr");
      row.append(
        node("th", say(name)),
        node("td", flagged, i ? "wrong" : "right"),
        node("td", passed, i ? "right" : "wrong"),
      );
      return row;
    });
    find(".confusion tbody").replaceChildren(...rows);
    const figures = [
      ["auroc", roc.area === null ? "–" : roc.area.toFixed(3)],
      ["precision", percent(found.precision)],
      ["recall", percent(found.recall)],
      ["f1", found.f1.toFixed(3)],
    ];
    find(".figures").replaceChildren(...figures.flatMap(([name, text]) => [node("dt", say(name)), node("dd", text)]));
    const flaggedNormal = found.fp / Math.max(1, found.fp + found.tn);
    paintRoc(find(".roc canvas"), roc.points, [flaggedNormal, found.recall]);
  }

  function drawGalleries(scores) {
    const box = find(".galleries");
    if (!paint) return box.replaceChildren();
    const shown = galleries(scores, threshold, Math.min(COUNT, scores.length));
    for (const [name, indices] of Object.entries(shown)) {
      const row = box.querySelector(`.${name}`) ?? box.appendChild(node("div", "", `gallery ${name}`));
      if (!row.firstChild) row.append(node("p"), node("div", "", "row"));
      row.firstChild.textContent = say(`gallery_${name}`);
      fill(row.lastChild, indices, scores);
    }
  }

  // Buttons are kept, so that the focus stays where it is while the threshold moves.
  function fill(row, indices, scores) {
    while (row.children.length > indices.length) row.lastChild.remove();
    while (row.children.length < indices.length) {
      const button = row.appendChild(Object.assign(node("button"), { type: "button" }));
      button.append(document.createElement("canvas"));
      button.addEventListener("click", () => choose(Number(button.dataset.index)));
    }
    indices.forEach((index, i) => {
      const button = row.children[i];
      if (button.dataset.index !== String(index)) {
        button.dataset.index = index;
        paint(button.firstChild, index);
      }
      const flag = scores[index] > threshold;
      button.className = flag ? "flag" : "";
      button.setAttribute("aria-pressed", index === chosen);
      const kind = value().labels ? ` · ${say(value().labels[index] ? "kind_anomaly" : "kind_normal")}` : "";
      button.title = `${value().names[index] ?? index + 1} · ${short(scores[index])}${kind}`;
      button.setAttribute("aria-label", `${button.title} · ${say(flag ? "flag_anomaly" : "flag_normal")}`);
    });
  }

  function choose(index) {
    chosen = index;
    trigger("select", { index, threshold, quantile: share ?? shareBelow(value().normal, threshold) });
    drawSoon();
  }

  function setShare(next) {
    share = next;
    threshold = quantile(value().normal, share);
    drawSoon();
  }

  slider.addEventListener("input", () => value() && setShare(Number(slider.value) / 100));
  const drag = (event) => {
    if (!value() || !event.buttons) return;
    const { value: scoreAt } = histogram(value().scores, value().labels, threshold);
    [share, threshold] = [null, scoreAt(shareAt(canvas, placeIn(canvas, event)))];
    drawSoon();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag(event);
  });
  canvas.addEventListener("pointermove", drag);

  find(".download").addEventListener("click", () => saveFile("anomalies.csv", toCsv(value(), threshold), "text/csv"));

  function take(made, data) {
    if (sheet === data) paint = made;
    drawSoon();
  }

  // Another model's scores keep the percentile; the same scores again, the threshold and the chosen sample.
  function receive() {
    const given = value();
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    if (given && !(last && String(last.scores) === String(given.scores) && last.model === given.model)) {
      share ??= last ? shareBelow(last.normal, threshold) : 0.95;
      roc = given.labels ? rocCurve(given.scores, given.labels) : { points: [], area: null };
      threshold = quantile(given.normal, share);
      chosen = given.chosen;
    }
    if (given && given.sheet?.data !== sheet) {
      [sheet, paint] = [given.sheet?.data ?? null, null];
      find(".galleries").replaceChildren();
      if (given.sheet) painter(given.sheet).then((made) => take(made, given.sheet.data));
    }
    last = given;
    drawSoon();
  }

  const show = () => {
    translate();
    drawSoon();
  };
  show();
  receive();
  onAppearance(() => {
    for (const button of element.querySelectorAll(".galleries button")) delete button.dataset.index; // lines change colour
    show();
  });
  onWidth(canvas, drawSoon);
  watch("value", receive);
}
