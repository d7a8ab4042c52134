import { helpers } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const picture = find("img");
  const slider = find("input");
  const MOST = 160; // snapshots that are kept; beyond that, every other one is dropped

  let kept = []; // the values of one run, in order
  let looked = null; // the one looked at, or null for the latest

  function keep() {
    const value = props.value;
    if (!value || value.run !== kept[0]?.run) {
      kept = [];
      look(null);
    }
    if (!value) return;
    kept.push(value);
    if (kept.length > MOST) kept = kept.filter((one, i) => i % 2 === 0 || one === looked || one === value);
  }

  // Shows an earlier state of the run, or its latest; plane and curve follow.
  function look(value) {
    looked = value;
    window.dispatchEvent(new CustomEvent("ae-scrub", { detail: value ? value.epoch : null }));
  }

  function draw() {
    const shown = looked ?? props.value;
    const { uri, rows = [], epoch = 0 } = shown ?? {};
    find(".empty").hidden = Boolean(uri);
    picture.hidden = !uri;
    find(".rows").replaceChildren(
      ...rows.map((row) => Object.assign(document.createElement("span"), { className: row, textContent: say(row) })),
    );
    if (uri && picture.src !== uri) picture.src = uri;
    picture.alt = rows.map(say).join(", ");
    find(".back").hidden = kept.length < 2;
    slider.max = kept.length - 1;
    slider.value = looked ? kept.indexOf(looked) : kept.length - 1;
    find(".when").textContent = `${say("epoch")} ${epoch < 1 ? epoch.toFixed(2) : epoch.toFixed(1)}`;
    slider.setAttribute("aria-valuetext", find(".when").textContent);
  }
  picture.addEventListener("load", () => picture.classList.toggle("small", picture.naturalWidth < picture.clientWidth));
  slider.addEventListener("input", () => {
    const index = Number(slider.value);
    look(index === kept.length - 1 ? null : kept[index]);
    draw();
  });

  function receive() {
    keep();
    draw();
  }

  const dress = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    draw();
  };
  receive();
  dress();
  onAppearance(dress);
  watch("label", dress);
  watch("value", receive);
}
