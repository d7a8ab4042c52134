// The output: the decoded code over the input; the decoder runs in the page.

import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { csvButton } from "../base/download.js";
import { lettersOf, stepsOf } from "./figures.js";
import { CHANNEL, loadSequences } from "./load.js";
import { seriesView } from "./series_view.js";
import { walkView } from "./walk.js";
import { wordsView } from "./words_view.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const shared = channel(CHANNEL);
  const views = { series: seriesView(find, say), words: wordsView(find, say) };
  const walk = walkView(find, say, (code) => shared.set("code", code, element));
  let asked = 0;

  async function receive() {
    const number = ++asked;
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    const loaded = props.value ? await loadSequences(props.value).catch(() => null) : null;
    if (number !== asked || !element.isConnected) return;
    shared.set("data", loaded, element);
    find(".sequence").classList.toggle("none", !loaded);
    for (const kind of Object.keys(views))
      find(`.${kind === "words" ? "letters" : kind}`).hidden = loaded?.kind !== kind;
    find(".key").hidden = loaded?.kind !== "words";
    if (loaded) shared.set("selected", Math.min(loaded.selected, loaded.count - 1), element);
    else walk.draw(null, 0);
  }

  function select() {
    const data = shared.get("data");
    if (!data) return;
    walk.draw(data, shared.get("selected"));
    shared.set("code", data.code(shared.get("selected")), element);
  }

  let waiting = 0;
  function drawSoon() {
    if (waiting) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      draw();
    });
  }

  function draw() {
    const data = shared.get("data");
    const code = shared.get("code");
    if (!data || !code || code.length !== data.decoder.code) return;
    const selected = shared.get("selected");
    const figures = views[data.kind](data.x(selected), data.decoder.decode(code), data, selected);
    find(".figures").replaceChildren(
      ...figures.map(([name, value, alarming]) => {
        const pair = document.createElement("div"); // a name and its figure stay in one line
        pair.classList.toggle("alarming", Boolean(alarming));
        for (const [tag, textContent] of Object.entries({ dt: name, dd: value }))
          pair.append(Object.assign(document.createElement(tag), { textContent }));
        return pair;
      }),
    );
  }

  shared.on("selected", select);
  shared.on("code", (_, source) => {
    if (source !== element) walk.stop();
    drawSoon();
  });
  function rows() {
    const [data, selected] = [shared.get("data"), shared.get("selected")];
    const [x, made] = [data.x(selected), data.decoder.decode(shared.get("code"))];
    if (data.kind !== "words") return stepsOf(x, made, data, say);
    const letters = lettersOf(x, made).map(({ given, best: [{ letter, p }] }, i) => [i, given, letter, p]);
    return [["step", say("input"), say("output"), "p"], ...letters];
  }
  find("figcaption").append(csvButton("sequence", rows));

  const dress = () => {
    translate();
    walk.dress();
    draw();
  };
  dress();
  receive();
  onAppearance(dress);
  watch("value", receive);
}
