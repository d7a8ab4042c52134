// Cards are reused rather than created again, so that nothing flickers or loses the focus while a slider is dragged.

import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, speak, onAppearance } = helpers(element, strings);
  const row = find(".cards");
  const given = () => (Array.isArray(props.value) ? props.value : []);

  const make = () => {
    const node = document.createElement("figure");
    node.innerHTML =
      '<figcaption class="title"></figcaption><a class="frame"><img class="after" alt="" /></a>' +
      '<div class="compare" hidden><img class="after" alt="" /><img class="before" alt="" /><span class="line"></span>' +
      '<span class="tag left"></span><span class="tag right"></span>' +
      '<input type="range" min="0" max="100" step="0.5" value="50" /></div>' +
      '<dl></dl><p class="note"></p><p class="text"></p><a class="save" hidden></a>';
    const compare = node.querySelector(".compare");
    const slider = compare.querySelector("input");
    slider.addEventListener("input", () => compare.style.setProperty("--cut", `${slider.value}%`));
    return row.appendChild(node);
  };

  const show = (picture, uri, alt, small) => {
    if (picture.getAttribute("src") !== uri) picture.src = uri;
    picture.alt = alt;
    picture.classList.toggle("small", Boolean(small));
  };

  function saves(link, { title, uri, file }) {
    link.href = file ?? uri;
    link.download = `${title}.${link.href.startsWith("data:image/jpeg") ? "jpg" : "png"}`; // a preview is a JPEG
    link.title = say("save");
  }

  function fill(node, about) {
    const { role, title, uri, before, small, figures, note, text, width, height } = about;
    node.className = `card ${role}`;
    node.classList.toggle("wide", width > 2.5 * height); // a strip takes a row of its own
    node.classList.toggle("pair", Boolean(before));
    node.querySelector(".title").textContent = say(title);
    const frame = node.querySelector(".frame");
    const compare = node.querySelector(".compare");
    const save = node.querySelector(".save");
    const alt = `${say(title)}, ${width} × ${height}`;
    frame.hidden = !uri || Boolean(before);
    compare.hidden = save.hidden = !before;
    if (uri && !before) {
      saves(frame, about);
      show(frame.querySelector("img"), uri, alt, small);
    }
    if (before) {
      saves(save, about);
      save.textContent = `${say("save_png")} (${width} × ${height})`;
      show(compare.querySelector(".after"), uri, alt, small);
      show(compare.querySelector(".before"), before, say("before"), small);
      compare.style.setProperty("--shape", `${width} / ${height}`);
      compare.querySelector(".left").textContent = say("before");
      compare.querySelector(".right").textContent = say("after");
      compare.querySelector("input").setAttribute("aria-label", say("compare"));
    }
    node.querySelector("dl").replaceChildren(
      ...figures.flatMap(([name, value]) => {
        const term = document.createElement("dt");
        const figure = document.createElement("dd");
        term.textContent = say(name);
        figure.textContent = speak(value);
        return [term, figure];
      }),
    );
    node.querySelector(".note").textContent = note ? say(note) : "";
    node.querySelector(".text").textContent = text ?? "";
  }

  let edited = {}; // what a channel of the page puts in place of what Python gave, by title
  if (props.channel)
    channel(props.channel).on("edited", (cards) => {
      edited = cards ?? {};
      draw();
    });

  function draw() {
    const list = given().map((about) => ({ ...about, ...edited[about.title] }));
    while (row.children.length > list.length) row.lastElementChild.remove();
    while (row.children.length < list.length) make();
    list.forEach((about, i) => fill(row.children[i], about));
  }

  draw();
  onAppearance(draw);
  watch("value", () => {
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    draw();
  });
}
