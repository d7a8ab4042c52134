// Cards are made when the models are given; a filter hides them. Samples come from the server as cards come into view.
// On a phone a card is a row of a list that is opened by a tap.

import { setSettings } from "../base/address.js";
import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { csvButton } from "../base/download.js";
import { openTab, titlesOfTabs } from "../base/tabs.js";
import { drawSample } from "./sample.js";
import { matches, readOrder, sorted, writeOrder } from "./select.js";

const FILTERS = ["task", "subject", "family"];
const TOGETHER = 8; // models in one request for samples
const FEW = 2; // models that are shown open on a phone
const phone = matchMedia("(max-width: 600px)");

const node = (tag, name = "", text = "") => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
};

export default function mount({ element, props, trigger, watch, server, strings }) {
  const { find, say, speak, translate, onAppearance } = helpers(element, strings);
  const form = find(".filters");
  const samples = new Map();
  const wanted = new Set();
  const opened = new Set(); // on a phone
  let order = readOrder("");
  let asTable = false;
  let given = ""; // the value that this script gave last

  const models = () => (Array.isArray(props.models) ? props.models : []);
  const words = (model) => ({ ...model, text: [model.name, speak(model.title), speak(model.about)].join(" ") });
  const shown = () => {
    const chosen = Object.fromEntries(new FormData(form));
    return models().filter((model) => matches(words(model), chosen));
  };
  const nameOf = (model, filter) =>
    filter === "task" ? say(`task.${model.task}`) : speak(model[`${filter}Name`]) || model[filter];

  // A tab that is built when it opens takes its settings from the address; one that was open before is given them.
  function open(tab, name) {
    const settings = new URLSearchParams({ tab, checkpoint: name }).toString();
    channel("links").set(tab, settings);
    setSettings(settings);
    channel("steps").get(tab)?.take(settings);
    openTab(titlesOfTabs().indexOf(say(`tab.${tab}`)));
    scrollTo(0, 0);
  }

  async function ask() {
    const names = [...wanted].slice(0, TOGETHER);
    for (const name of names) wanted.delete(name);
    if (!names.length) return;
    const found = (await server.make_samples(names)) ?? {};
    for (const name of names) {
      samples.set(name, found[name] ?? { kind: "problem" });
      for (const strip of element.querySelectorAll(".strip")) if (strip.dataset.model === name) fill(strip);
    }
    ask();
  }

  const seen = new IntersectionObserver(
    (entries) => {
      const idle = wanted.size === 0;
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        wanted.add(target.dataset.model);
      }
      if (idle) ask();
    },
    { rootMargin: "100px" },
  );

  function fill(strip) {
    const sample = samples.get(strip.dataset.model);
    if (sample) drawSample(strip, sample, say);
    else seen.observe(strip);
  }

  const inWords = (text) => text.replace(" nats", ` ${say("nats")}`);

  function pairs(list) {
    const made = node("dl");
    for (const [key, text] of list) made.append(node("dt", "", say(key)), node("dd", "", inWords(text)));
    return made;
  }

  // The frame of a card, and its heading.
  function frame(model) {
    const made = node("article", `model ${model.error ? "damaged" : ""}`);
    const head = node("header");
    head.append(node("h3", "", speak(model.title)), node("code", "id", model.name));
    made.append(head);
    return made;
  }

  // The same on a phone, with the first figure in the heading.
  function row(model, isOpen) {
    const made = node("details", `model ${model.error ? "damaged" : ""}`);
    made.open = isOpen || opened.has(model.name);
    made.addEventListener("toggle", () => (made.open ? opened.add(model.name) : opened.delete(model.name)));
    const head = node("summary");
    const line = node("span", "line");
    line.append(node("code", "id", model.name));
    const [key, text] = model.figures?.find(([name]) => name === model.main[0]) ?? [];
    if (key) line.append(node("span", "figure", `${say(key)} ${inWords(text)}`));
    head.append(node("h3", "", speak(model.title)), line);
    made.append(head);
    return made;
  }

  function card(model, isOpen) {
    const made = phone.matches ? row(model, isOpen) : frame(model);
    made.dataset.model = model.name;
    if (model.error) {
      made.append(node("p", "fails", `${say("damaged")} ${speak(model.error)}`));
      return made;
    }
    const strip = node("div", "strip");
    strip.dataset.model = model.name;
    made.append(node("p", "about", speak(model.about)), strip);
    const main = model.main.map((key) => model.figures.find(([name]) => name === key));
    made.append(pairs(main));
    if (model.test)
      made.append(
        node("p", "hint", say("means_over").replace("{count}", model.test).replace("{data}", speak(model.data))),
      );
    made.append(pairs(model.facts.filter(([key]) => key !== "sample")));
    if (speak(model.fails)) {
      const fails = node("p", "fails", speak(model.fails));
      fails.prepend(node("strong", "", `${say("fails")} `));
      made.append(fails);
    }
    const buttons = node("p", "open");
    const titles = titlesOfTabs();
    const place = (tab) => titles.indexOf(say(`tab.${tab}`));
    for (const tab of model.tabs.toSorted((a, b) => place(a) - place(b))) {
      const button = node("button", "", say(`tab.${tab}`));
      button.type = "button";
      button.title = say("open_in");
      button.addEventListener("click", () => open(tab, model.name));
      buttons.append(button);
    }
    const more = node("details");
    more.append(
      node("summary", "", say("more")),
      pairs([...model.figures, ...model.facts.filter(([key]) => key === "sample")]),
      node("pre", "", model.command),
    );
    made.append(buttons, more);
    return made;
  }

  function table(list) {
    const keys = [...new Set(list.flatMap((model) => [...model.main, ...model.facts.map(([key]) => key)]))];
    const made = node("table");
    const heads = made.createTHead().insertRow();
    for (const key of ["name", ...keys]) {
      const head = node("th");
      head.scope = "col";
      head.ariaSort = order.key === key ? (order.down ? "descending" : "ascending") : "none";
      const button = node("button", "", key === "name" ? say("model") : say(key));
      button.type = "button";
      button.addEventListener("click", () => {
        order = { key, down: order.key === key && !order.down };
        draw();
        report();
      });
      head.append(button);
      heads.append(head);
    }
    const body = made.createTBody();
    const rows = []; // of the file
    for (const model of sorted(list, order)) {
      const row = body.insertRow();
      const head = node("th", "", speak(model.title));
      head.scope = "row";
      head.append(node("code", "id", model.name));
      const values = new Map([...model.figures, ...model.facts].map(([key, text]) => [key, text]));
      const texts = keys.map((key) => inWords(values.get(key) ?? ""));
      row.append(head, ...texts.map((text) => node("td", "", text)));
      rows.push([model.name, ...texts]);
    }
    const scroll = node("div", "scroll");
    scroll.append(made);
    const save = csvButton("models", () => [["model", ...keys].map(say), ...rows]);
    save.setAttribute("aria-label", say("csv"));
    const whole = node("div");
    whole.append(scroll, save);
    return whole;
  }

  // What a link restores.
  let resting = 0;
  function report() {
    clearTimeout(resting);
    resting = setTimeout(() => {
      props.value = {
        ...Object.fromEntries(new FormData(form)),
        layout: asTable ? "table" : "cards",
        sort: writeOrder(order),
      };
      given = JSON.stringify(props.value);
      trigger("input");
    }, 400);
  }

  function restore() {
    if (!props.value || JSON.stringify(props.value) === given) return;
    for (const name of [...FILTERS, "search"]) form.elements[name].value = props.value[name] ?? "";
    for (const name of FILTERS) if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
    asTable = props.value.layout === "table";
    order = readOrder(props.value.sort);
    draw();
  }

  function draw() {
    seen.disconnect();
    wanted.clear();
    const list = shown();
    const titleOf = (model) => `${nameOf(model, "task")} · ${nameOf(model, "subject")}`;
    const groups = Map.groupBy(list, (model) => (model.error ? say("damaged_group") : titleOf(model)));
    find(".groups").replaceChildren(
      ...[...groups].map(([title, members]) => {
        const group = node("section", members.length > 1 || asTable ? "wide" : "");
        const whole = members.filter((model) => !model.error);
        const cards = node("div", "cards");
        if (!asTable || !whole.length) cards.append(...members.map((model) => card(model, list.length <= FEW)));
        group.append(node("h2", "", title), asTable && whole.length ? table(whole) : cards);
        return group;
      }),
    );
    for (const strip of element.querySelectorAll(".strip")) fill(strip);
    find(".count").textContent = list.length ? `${list.length} / ${models().length}` : say("none");
    find(".view").ariaPressed = String(asTable);
  }

  function offer() {
    for (const filter of FILTERS) {
      const select = form.elements[filter];
      const kept = select.value;
      const names = new Map(
        models()
          .filter((m) => !m.error)
          .map((model) => [model[filter], nameOf(model, filter)]),
      );
      const options = [["", say("all")], ...names].map(([value, text]) => new Option(text, value));
      select.replaceChildren(...options);
      select.value = names.has(kept) ? kept : "";
    }
  }

  function renew() {
    translate();
    offer();
    draw();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    draw();
    report();
  });
  find(".view").addEventListener("click", () => {
    asTable = !asTable;
    draw();
    report();
  });
  phone.addEventListener("change", () => element.isConnected && draw());
  let before = "";
  watch("value", restore);
  watch("models", () => {
    const now = JSON.stringify(props.models);
    if (now !== before) renew();
    before = now;
  });
  let lang = document.documentElement.lang;
  onAppearance(() => {
    if (lang !== document.documentElement.lang) renew(); // a theme changes colours alone
    lang = document.documentElement.lang;
  });
  before = JSON.stringify(props.models);
  renew();
  restore();
}
