import { helpers } from "../base/component.js";
import { saveBlob } from "../base/download.js";
import { hub } from "../latent_map/hub.js";
import { makeGif } from "./gif.js";
import { along, sampled, spherical, straight } from "./route.js";

export default function mount({ element, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const STRIP = 11; // pictures on a strip
  const FRAMES = 32; // of the GIF, one way
  const film = find(".film");
  const KINDS = ["straight", "spherical", "drawn"];

  let ways = {};
  let kind = "straight";
  let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let seen = false;
  let began = 0; // the time at which t was 0

  const model = () => hub.get("model");
  const ends = () => hub.get("ends");
  const swing = (t) => 0.5 - 0.5 * Math.cos(2 * Math.PI * t); // there and back, slower at the ends
  const period = () => 11000 - 1000 * Number(find(".speed input").value);

  function plan() {
    ways = { straight: straight(...ends()), spherical: spherical(...ends()) };
    if (hub.get("path")) ways.drawn = along(hub.get("path"));
    find(".drawn").hidden = find(".forget").hidden = !ways.drawn;
    choose(ways[kind] ? kind : "straight");
    hub.set("arc", sampled(ways.spherical, 41), element);
    explain();
    paintSoon();
  }

  let stale = 0;
  function paintSoon() {
    if (!model()) return;
    if (stale) return;
    stale = requestAnimationFrame(() => {
      stale = 0;
      if (!model()) return; // another plane was chosen meanwhile
      for (const name of KINDS) if (ways[name]) paintStrip(find(`.${name} canvas`), ways[name]);
      if (!playing || !seen) show(0);
    });
  }

  function paintStrip(canvas, way) {
    const { width, height } = model();
    Object.assign(canvas, { width: STRIP * width, height });
    const context = canvas.getContext("2d");
    sampled(way, STRIP).forEach((place, i) => context.putImageData(model().pixels(...place), i * width, 0));
  }

  // The distances from the origin on each way, in figures.
  function explain() {
    const reach = (name) => sampled(ways[name], 101).map((place) => Math.hypot(...place));
    const [line, arc] = [reach("straight"), reach("spherical")];
    const texts = { near: Math.min(...line), low: Math.min(...arc), high: Math.max(...arc) };
    find(".differ").textContent = say("differ").replace(/{(\w+)}/g, (_, key) => texts[key].toFixed(2));
  }

  function show(t) {
    const place = ways[kind](t);
    model().show(film, ...place);
    film.dataset.z = place.map((v) => v.toFixed(3)).join(",");
    hub.set("runner", place, element);
  }

  function play(time) {
    if (!playing || !seen || !model()) return (running = false);
    show(swing(((time - began) % period()) / period()));
    requestAnimationFrame(play);
  }

  let running = false;
  function start() {
    find(".play").textContent = say(playing ? "pause" : "play");
    if (running || !playing || !seen || !model()) return;
    running = true;
    began ||= performance.now();
    requestAnimationFrame(play);
  }

  function choose(name) {
    kind = name;
    for (const input of element.querySelectorAll(".strip input")) input.checked = input.value === name;
  }

  // Saving

  // A canvas some `side` pixels wide, and a function that paints the picture at a place there.
  function makeStage(side, settings) {
    const decoder = model();
    const scale = Math.max(1, Math.round(side / decoder.width));
    const [width, height] = [decoder.width * scale, decoder.height * scale];
    const small = document.createElement("canvas");
    const large = Object.assign(document.createElement("canvas"), { width, height });
    const context = large.getContext("2d", settings);
    context.imageSmoothingQuality = "high";
    const paint = (place) => {
      decoder.show(small, ...place);
      context.drawImage(small, 0, 0, width, height);
    };
    return { large, context, paint, width, height };
  }

  function saveGif() {
    const { context, paint, width, height } = makeStage(168, { willReadFrequently: true });
    const there = sampled((t) => ways[kind](swing(t / 2)), FRAMES).map((place) => {
      paint(place);
      return context.getImageData(0, 0, width, height).data;
    });
    const frames = [...there, ...there.slice(1, -1).reverse()];
    const pause = Math.max(2, Math.round(period() / 10 / frames.length));
    saveBlob(`walk-${kind}.gif`, makeGif(frames, width, height, pause, model().channels === 3));
  }

  // Once there and back, recorded by the browser as it is shown, so it takes as long.
  const canRecord = Boolean(window.MediaRecorder?.isTypeSupported("video/webm"));
  function saveWebm() {
    const { large, paint } = makeStage(336);
    const [way, name, length, parts] = [ways[kind], `walk-${kind}.webm`, period(), []];
    const recorder = new MediaRecorder(large.captureStream(), {
      mimeType: "video/webm",
      videoBitsPerSecond: 2_500_000,
    });
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      saveBlob(name, new Blob(parts, { type: "video/webm" }));
      find(".webm").disabled = false;
    };
    find(".webm").disabled = true;
    paint(way(0));
    recorder.start();
    const began = performance.now();
    requestAnimationFrame(function frame(now) {
      paint(way(swing(Math.min(1, Math.max(0, now - began) / length))));
      now - began < length ? requestAnimationFrame(frame) : recorder.stop();
    });
  }

  function savePng() {
    const strips = KINDS.filter((name) => ways[name]).map((name) => find(`.${name} canvas`));
    const [scale, gap] = [Math.max(1, Math.round(112 / model().width)), 12];
    const [width, height] = [strips[0].width * scale, strips[0].height * scale];
    const sheet = Object.assign(document.createElement("canvas"), {
      width,
      height: strips.length * (height + gap) - gap,
    });
    const context = sheet.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.imageSmoothingEnabled = false;
    strips.forEach((strip, i) => context.drawImage(strip, 0, i * (height + gap), width, height));
    sheet.toBlob((blob) => saveBlob("walk.png", blob));
  }

  find(".gif").addEventListener("click", saveGif);
  find(".webm").hidden = !canRecord;
  find(".webm").addEventListener("click", saveWebm);
  find(".png").addEventListener("click", savePng);
  find(".forget").addEventListener("click", () => hub.set("path", null, element));
  find(".play").addEventListener("click", () => {
    playing = !playing;
    start();
  });
  for (const input of element.querySelectorAll(".strip input"))
    input.addEventListener("change", () => {
      choose(input.value);
      paintSoon();
    });

  hub.on("ends", plan);
  hub.on("path", (path) => {
    if (path) kind = "drawn";
    plan();
  });
  hub.on("model", (there) => {
    find(".walk").hidden = !there;
    plan();
    start();
  });
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    start();
  }).observe(film);

  const look = () => {
    translate();
    start();
    explain();
  };
  find(".walk").hidden = !model();
  plan();
  look();
  onAppearance(look);
}
