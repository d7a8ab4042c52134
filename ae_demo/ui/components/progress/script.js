import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, known, translate, onAppearance } = helpers(element, strings);
  const BEFORE = ["waiting", "starting"];
  const GOING = ["running", "paused", "stopping"]; // settings can be changed
  let form = null; // the query of the settings in the form
  let lost = stored("aeGoing") === "true"; // a run was going when the page was left, which ended it

  // What this tab of the browser keeps over a reload; null where it can store nothing.
  function stored(key, value) {
    try {
      if (value !== undefined) sessionStorage[key] = value;
      return sessionStorage[key] ?? null;
    } catch {
      return null;
    }
  }

  const buttons = Object.fromEntries(
    [...element.querySelectorAll("[data-what]")].map((node) => [node.dataset.what, node]),
  );
  const put = (key, ...parts) => parts.reduce((text, part, i) => text.replace(`{${i}}`, part), say(key));
  const short = (number) => String(Number(number.toPrecision(3)));

  function duration(seconds) {
    if (seconds < 90) return put("duration.s", seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds));
    if (seconds < 5400) return put("duration.min", Math.round(seconds / 60));
    return put("duration.h", (seconds / 3600).toFixed(1));
  }

  function stage(phase) {
    const [, number] = /^layer (\d+)$/.exec(phase) ?? [];
    return number ? put("phase.layer", number) : known(`phase.${phase}`) ? say(`phase.${phase}`) : phase;
  }

  function draw() {
    const { state = "idle", name, ahead, epoch, epochs, step, phase, speed, left, seconds, device } = props.value ?? {};
    const { notice, reason, message, stage: preparing, waited } = props.value ?? {};
    const figures = name ? [name] : [];
    const going = [...BEFORE, ...GOING].includes(state);
    if (going) lost = false;
    stored("aeGoing", going);
    if (ahead) figures.push(put(ahead === 1 ? "ahead.one" : "ahead", ahead));
    if (waited) figures.push(put("duration.s", waited));
    if (epochs) figures.push(put("epoch", Math.min(epoch, epochs).toFixed(Number.isInteger(epoch) ? 0 : 1), epochs));
    if (epochs && state === "paused") figures.push(put("at_step", step));
    if (phase && phase !== "train") figures.push(stage(phase));
    if (speed) figures.push(put("speed", Math.round(speed).toLocaleString()));
    if (left != null) figures.push(put("left", duration(left)));
    if (seconds != null) figures.push(put("seconds", duration(seconds)));
    if (device) figures.push(put("device", device));
    find(".progress").className = `progress ${state}`;
    find(".bar").style.setProperty("--part", epochs ? Math.min(1, epoch / epochs) : 0);
    find(".state").textContent = say(preparing ? `stage.${preparing}` : state);
    find(".figures").textContent = figures.join(" · ");
    const said = [message, reason && say(reason), notice, lost && say("lost")];
    find(".notice").textContent = said.filter(Boolean).join(" ");
    drawButtons(state);
    drawLive(state);
  }

  function drawButtons(state) {
    const busy = ["waiting", "starting", "running", "paused"].includes(state);
    const focused = document.activeElement;
    const { settings } = props.value ?? {};
    buttons.start.disabled = state === "stopping" || (busy && Boolean(settings) && (form ?? settings) === settings);
    buttons.step.disabled = buttons.epoch.disabled = state === "stopping";
    buttons.go.hidden = state !== "paused";
    buttons.pause.hidden = state === "paused";
    buttons.pause.disabled = !["starting", "running"].includes(state);
    buttons.stop.disabled = !busy;
    buttons.reset.disabled = state === "idle";
    // The keyboard focus is kept when one button replaces the other.
    if (focused === buttons.go && buttons.go.hidden) buttons.pause.focus();
    if (focused === buttons.pause && buttons.pause.hidden) buttons.go.focus();
  }

  // Kept while the names stay, so that typing goes on.
  function drawLive(state) {
    const live = GOING.includes(state) ? (props.value.live ?? []) : [];
    const box = find(".live");
    const names = live.map(([name]) => name).join();
    if (box.dataset.names !== names) {
      box.dataset.names = names;
      box.replaceChildren(...live.map(([name]) => knob(name)));
    }
    live.forEach(([name, value], i) => {
      const row = box.children[i];
      row.querySelector("span").textContent = known(`live.${name}`) ? say(`live.${name}`) : name.replaceAll("_", " ");
      const input = row.querySelector("input");
      if (row.dataset.value !== String(value) && document.activeElement !== input) input.value = short(value);
      row.dataset.value = value;
    });
  }

  function knob(name) {
    const row = document.createElement("label");
    const send = (value) => Number.isFinite(value) && trigger("press", { what: "steer", name, value });
    const times = (factor, sign) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
      button.addEventListener("click", () => {
        const input = row.querySelector("input");
        input.value = short((Number(input.value) || 0) * factor);
        send(Number(input.value));
      });
      return button;
    };
    const input = Object.assign(document.createElement("input"), {
      type: "text",
      inputMode: "decimal",
      className: name,
    });
    input.addEventListener("change", () => {
      const value = Number(input.value.trim().replace(",", ".") || NaN);
      if (Number.isFinite(value)) send(value);
      else input.value = short(Number(row.dataset.value)); // what is in force
    });
    row.append(document.createElement("span"), times(1 / 2, "÷2"), input, times(2, "×2"));
    return row;
  }

  for (const [what, node] of Object.entries(buttons)) {
    node.id = `${props.prefix}-${what}`;
    const event = ["start", "step", "epoch"].includes(what) ? "run" : "press";
    node.addEventListener("click", () => {
      if (what === "reset") lost = false;
      trigger(event, { what });
      const away = getComputedStyle(find(".buttons")).position === "fixed"; // on a phone, from anywhere on the page
      if (event === "run" && away) find(".track").scrollIntoView({ behavior: "smooth" });
    });
  }

  const look = () => {
    translate();
    draw();
  };
  look();
  onAppearance(look);
  watch("value", draw);
  channel("links").on("train", (settings) => {
    form = settings;
    draw();
  });

  // Identifies the visitor: a secret of this tab of the browser.
  const visitor = stored("aeVisitor") ?? stored("aeVisitor", crypto.getRandomValues(new Uint32Array(4)).join("-"));
  trigger("seen", { visitor, linked: new URLSearchParams(location.search).has("family") });
  window.addEventListener("beforeunload", (event) => {
    if ([...BEFORE, ...GOING].includes(props.value?.state)) event.preventDefault(); // the run would end
  });
}
