// One canvas: the signal, the window that is shown, and below each window a bar of its error on a logarithmic scale.

import { channel } from "../base/channel.js";
import { helpers, onWidth } from "../base/component.js";
import { CHANNEL } from "../sequence/load.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, known, translate, onAppearance } = helpers(element, strings);
  const shared = channel(CHANNEL);
  const canvas = find("canvas");
  const HEAD = 14; // pixels over the signal, for marks
  const FOOT = 34; // pixels of the errors' bars
  let timer = 0;
  let outline = null; // lowest and highest value of the signal in each column of pixels

  const data = () => {
    const loaded = shared.get("data");
    return loaded?.signal ? loaded : null;
  };
  const selected = () => shared.get("selected") ?? 0;
  const size = () => [canvas.clientWidth, canvas.clientHeight];
  const placeOf = (sample) => (sample / data().signal.length) * size()[0];
  const inWords = (symbol) => (known(`beat.${symbol}`) ? say(`beat.${symbol}`) : symbol);
  const isUnusual = (i) => data().threshold !== undefined && data().scores[i] > data().threshold;

  function outlined() {
    const { signal } = data();
    const [width] = size();
    if (outline?.signal === signal && outline.width === width) return outline;
    const columns = Array.from({ length: width }, (_, x) => {
      const from = Math.floor((x / width) * signal.length);
      const part = signal.subarray(from, Math.max(from + 1, Math.ceil(((x + 1) / width) * signal.length)));
      return [Math.min(...part), Math.max(...part)];
    });
    const known = columns.flat().filter(Number.isFinite);
    outline = { signal, width, columns, low: Math.min(...known), high: Math.max(...known) };
    return outline;
  }

  function paint() {
    const loaded = data();
    find(".recording").hidden = !loaded;
    const [width, height] = size();
    if (!loaded || !width) return;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: height * ratio });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(element);
    const colour = (name) => style.getPropertyValue(name);
    const { columns, low, high } = outlined();
    const bottom = height - FOOT - 6;
    const y = (value) => HEAD + ((high - value) / (high - low || 1)) * (bottom - HEAD);
    const { starts, scores, length, threshold, marks = [] } = loaded;
    const span = Math.max(2, placeOf(length));

    context.fillStyle = colour("--ae-well");
    context.fillRect(placeOf(starts[selected()]), 0, span, height);
    context.strokeStyle = colour("--ae-input");
    context.beginPath();
    columns.forEach(([least, most], x) => {
      context.moveTo(x + 0.5, y(least) + 0.5);
      context.lineTo(x + 0.5, y(most) - 0.5);
    });
    context.stroke();

    const logs = Array.from(scores, (score) => Math.log(score + 1e-9));
    const [least, most] = [Math.min(...logs), Math.max(...logs, Math.log((threshold ?? 0) + 1e-9))];
    const reach = (log) => 2 + ((log - least) / (most - least || 1)) * (FOOT - 2);
    logs.forEach((log, i) => {
      context.fillStyle = colour(isUnusual(i) ? "--ae-error" : "--ae-edge");
      const x = placeOf(starts[i] + length / 2);
      context.fillRect(x - Math.max(1, span / 4), height - reach(log), Math.max(2, span / 2), reach(log));
    });
    if (threshold) {
      context.strokeStyle = colour("--ae-error");
      context.setLineDash([5, 4]);
      context.beginPath();
      const line = height - reach(Math.log(threshold + 1e-9));
      context.moveTo(0, line);
      context.lineTo(width, line);
      context.stroke();
      context.setLineDash([]);
    }
    context.fillStyle = colour("--ae-ink");
    context.font = "600 12px system-ui, sans-serif";
    context.textAlign = "center";
    for (const [i, text] of marks) context.fillText(text, placeOf(starts[i] + length / 2), 11);
    context.strokeStyle = colour("--ae-ink");
    context.lineWidth = 1.5;
    context.strokeRect(placeOf(starts[selected()]) + 0.75, HEAD, span - 1.5, height - HEAD - 1);
    read();
  }

  function read() {
    const loaded = data();
    const i = selected();
    const begin = loaded.rate ? `${(loaded.starts[i] / loaded.rate).toFixed(1)} s` : String(loaded.starts[i]);
    const above = isUnusual(i) ? ` · ${say("above")}` : "";
    const name = loaded.names?.[i] ? ` · ${inWords(loaded.names[i])}` : "";
    const text = `${say("window")} ${i + 1} / ${loaded.count} · ${begin}${name}${above}`;
    find(".reading").textContent = text;
    canvas.setAttribute("aria-valuenow", i + 1);
    canvas.setAttribute("aria-valuemax", loaded.count);
    canvas.setAttribute("aria-valuetext", text);
  }

  const go = (i) => shared.set("selected", Math.max(0, Math.min(data().count - 1, i)), element);

  function pause() {
    clearTimeout(timer);
    timer = 0;
    find(".play").textContent = say("play");
  }

  function play() {
    const loaded = data();
    if (!loaded || !element.isConnected) return;
    if (selected() >= loaded.count - 1) go(0);
    find(".play").textContent = say("pause");
    const step = () => {
      const i = selected();
      if (!data() || i >= data().count - 1 || !canvas.isConnected) return pause();
      const { starts, rate } = data();
      timer = setTimeout(
        () => {
          go(i + 1);
          step();
        },
        rate ? Math.min(2000, (1000 * (starts[i + 1] - starts[i])) / rate) : 500,
      );
    };
    step();
  }

  const by = (step) => {
    pause();
    go(selected() + step);
  };
  find(".play").addEventListener("click", () => (timer ? pause() : play()));
  find(".back").addEventListener("click", () => by(-1));
  find(".next").addEventListener("click", () => by(1));
  find(".unusual").addEventListener("click", () => {
    const { count } = data();
    for (let k = 1; k <= count; k++)
      if (isUnusual((selected() + k) % count)) {
        by(((selected() + k) % count) - selected());
        return;
      }
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (!step) return;
    event.preventDefault();
    by(step);
  });
  const point = ({ clientX }) => {
    const { starts, length, signal } = data();
    const box = canvas.getBoundingClientRect();
    const sample = ((clientX - box.left) / box.width) * signal.length - length / 2;
    let best = 0;
    starts.forEach((start, i) => {
      if (Math.abs(start - sample) < Math.abs(starts[best] - sample)) best = i;
    });
    if (best !== selected()) by(best - selected());
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!data()) return;
    canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && data() && point(event));

  let stale = 0;
  const paintSoon = () => {
    if (stale) return;
    stale = requestAnimationFrame(() => {
      stale = 0;
      paint();
    });
  };
  shared.on("data", () => {
    pause();
    find(".recording").hidden = !data();
    paintSoon();
  });
  shared.on("selected", (_, source) => {
    if (source !== element && timer) pause();
    paintSoon();
  });
  const dress = () => {
    translate();
    find(".title").textContent = props.label ?? "";
    find(".play").textContent = say(timer ? "pause" : "play");
    paintSoon();
  };
  dress();
  onAppearance(dress);
  onWidth(canvas, paintSoon);
  watch("label", dress);
}
