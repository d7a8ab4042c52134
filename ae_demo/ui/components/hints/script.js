// A hint is [x, y, "#rrggbb"]. The one put or touched last is selected: colours that are picked are its colours, and the
// colours that the model holds for likely at its place are asked for.

import { helpers } from "../base/component.js";

const PRESETS = ["#c83c32", "#e08a3c", "#e6c84b", "#5a9646", "#4a8ed0", "#8a5ab4", "#c99a78", "#8a8a8a"];
const MOST = 20;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.02; // of the picture's sides
const MOVED = 4; // pixels from which a press is a drag
const PAUSE = 100; // ms between two values during a drag

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const stage = find(".stage");
  const cross = find(".cross");
  const well = find("input[type=color]");
  const dots = find(".dots");
  const picture = stage.querySelector("img");
  const place = { x: 0.5, y: 0.5 };
  let past = []; // lists of hints, for undo
  let selected = null;
  let drag = null; // { i, from, before, moved, sent }
  let asked = ""; // the place whose likely colours are shown or on their way
  let own = props.value; // the value that was set here

  const given = () => (Array.isArray(props.value) ? props.value : []);
  const inside = (share) => Math.min(1, Math.max(0, share));

  function set(value) {
    props.value = own = value;
    draw();
    trigger("input");
  }

  // A change that can be undone.
  function put(value, before = given()) {
    past = [...past, before];
    set(value);
    trigger("release");
  }

  function undo() {
    if (!past.length) return;
    const before = past[past.length - 1];
    past = past.slice(0, -1);
    selected = before.length ? Math.min(selected ?? before.length - 1, before.length - 1) : null;
    set(before);
    trigger("release");
  }

  function add(x, y) {
    if (given().length >= MOST) return;
    selected = given().length;
    put([...given(), [x, y, well.value]]);
    dots.children[selected]?.focus({ preventScroll: true });
  }

  function remove(i) {
    selected = null;
    put(given().filter((_, j) => j !== i));
    stage.focus({ preventScroll: true });
  }

  const moved = (i, x, y) => given().map((hint, j) => (j === i ? [inside(x), inside(y), hint[2]] : hint));

  function pick(colour) {
    well.value = colour;
    if (selected === null) draw();
    else put(given().map((hint, i) => (i === selected ? [hint[0], hint[1], colour] : hint)));
  }

  function select(i) {
    selected = i;
    well.value = given()[i][2];
    draw();
  }

  // Dots are kept, so that one that is dragged stays under the pointer and keeps the focus.
  function draw() {
    const hints = given();
    if (selected !== null && selected >= hints.length) selected = null;
    find(".hints").hidden = !props.picture;
    if (props.picture && picture.getAttribute("src") !== props.picture) picture.src = props.picture;
    while (dots.children.length > hints.length) dots.lastElementChild.remove();
    while (dots.children.length < hints.length) dots.append(makeDot(dots.children.length));
    hints.forEach(([x, y, colour], i) => {
      const dot = dots.children[i];
      dot.style.cssText = `left:${100 * x}%;top:${100 * y}%;--colour:${colour}`;
      dot.classList.toggle("selected", i === selected);
      dot.setAttribute("aria-label", say("hint").replace("{0}", `${i + 1}, ${colour}`));
      dot.querySelector("button").title = say("remove");
      dot.querySelector("button").setAttribute("aria-label", say("remove"));
    });
    find(".undo").disabled = !past.length;
    find(".clear").disabled = !hints.length;
    for (const dot of find(".presets").children) dot.setAttribute("aria-pressed", dot.dataset.colour === well.value);
    cross.style.cssText = `left:${100 * place.x}%;top:${100 * place.y}%`;
    askLikely();
  }

  function makeDot(i) {
    const dot = document.createElement("span");
    dot.className = "hint-dot";
    dot.tabIndex = 0;
    dot.setAttribute("role", "button");
    dot.innerHTML = '<button type="button" class="remove" tabindex="-1">✕</button>';
    dot.querySelector("button").addEventListener("pointerdown", (event) => event.stopPropagation());
    dot.querySelector("button").addEventListener("click", (event) => {
      event.stopPropagation();
      remove(i);
    });
    dot.addEventListener("focus", () => selected !== i && select(i));
    return dot;
  }

  // Likely colours

  function askLikely() {
    const hint = selected === null || drag?.moved ? null : given()[selected];
    if (!drag) find(".likely").classList.toggle("shown", hint !== null);
    const key = hint ? `${hint[0]},${hint[1]},${props.picture.length}` : asked;
    if (!hint || key === asked) return;
    asked = key;
    find(".likely").classList.add("waiting");
    trigger("select", { x: hint[0], y: hint[1] });
  }

  function showLikely() {
    const { at, colours } = props.likely ?? {};
    const hint = selected === null ? null : given()[selected];
    if (!hint || at?.[0] !== hint[0] || at?.[1] !== hint[1]) return;
    find(".likely").classList.remove("waiting");
    find(".swatches").replaceChildren(
      ...colours.map(([colour, share]) => {
        const percent = `${Math.round(100 * share)} %`;
        const swatch = document.createElement("button");
        swatch.type = "button";
        swatch.style.setProperty("--colour", colour);
        swatch.innerHTML = `<i></i>${percent}`;
        swatch.title = say("share").replace("{0}", colour).replace("{1}", percent);
        swatch.setAttribute("aria-label", swatch.title);
        swatch.addEventListener("click", () => pick(colour));
        return swatch;
      }),
    );
  }

  find(".presets").replaceChildren(
    ...PRESETS.map((colour) => {
      const dot = document.createElement("button");
      dot.type = "button";
      dot.dataset.colour = colour;
      dot.style.background = colour;
      dot.setAttribute("aria-label", colour);
      dot.addEventListener("click", () => pick(colour));
      return dot;
    }),
  );
  // While the browser's chooser is open every colour is shown; the last one is what can be undone.
  let before = null;
  well.addEventListener("input", () => {
    before ??= given();
    if (selected === null) draw();
    else set(given().map((hint, i) => (i === selected ? [hint[0], hint[1], well.value] : hint)));
  });
  well.addEventListener("change", () => {
    if (selected !== null && before) put(given(), before);
    before = null;
  });

  // Pointer

  const placeOf = (event) => {
    const box = picture.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };

  stage.addEventListener("pointerdown", (event) => {
    const i = [...dots.children].indexOf(event.target.closest(".hint-dot"));
    if (i < 0 || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    dots.children[i].setPointerCapture(event.pointerId);
    drag = { i, from: [event.clientX, event.clientY], before: given(), moved: false, sent: 0 };
    dots.children[i].focus({ preventScroll: true });
    select(i);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) >= MOVED;
    if (!drag.moved) return;
    props.value = own = moved(drag.i, ...placeOf(event));
    draw();
    if (performance.now() - drag.sent < PAUSE) return;
    drag.sent = performance.now();
    trigger("input");
  });
  for (const name of ["pointerup", "pointercancel"])
    stage.addEventListener(name, () => {
      const ended = drag;
      drag = null;
      if (ended?.moved) put(given(), ended.before);
    });
  stage.addEventListener("click", (event) => {
    if (!event.target.closest(".hint-dot")) add(...placeOf(event));
  });

  // Keyboard

  find(".hints").addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  });
  stage.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    const i = [...dots.children].indexOf(event.target);
    if (i >= 0) {
      const [x, y] = given()[i];
      if (way) put(moved(i, x + STEP * way[0], y + STEP * way[1]));
      else if (event.key === "Delete" || event.key === "Backspace") remove(i);
      else return;
    } else if (event.target === stage && (way || [" ", "Enter"].includes(event.key))) {
      cross.hidden = false;
      if (!way) add(place.x, place.y);
      else {
        place.x = inside(place.x + STEP * way[0]);
        place.y = inside(place.y + STEP * way[1]);
        draw();
      }
    } else return;
    event.preventDefault();
  });
  stage.addEventListener("blur", () => (cross.hidden = true));

  picture.addEventListener("load", () => {
    const times = Math.max(1, Math.min(240 / picture.naturalWidth, 240 / picture.naturalHeight)); // room for a finger
    picture.style.width = times > 1 ? `${times * picture.naturalWidth}px` : "";
    picture.style.imageRendering = times > 1 ? "pixelated" : "";
  });
  find(".undo").addEventListener("click", undo);
  find(".clear").addEventListener("click", () => {
    selected = null;
    put([]);
  });

  // Another picture has other hints; what was done before cannot be undone on it.
  function receive() {
    if (props.value !== own && !drag) {
      past = [];
      selected = null;
      own = props.value;
    }
    draw();
  }

  const dress = () => {
    translate();
    draw();
    showLikely();
  };
  dress();
  onAppearance(dress);
  watch("value", receive);
  watch("picture", () => {
    asked = "";
    draw();
  });
  watch("likely", showLikely);
}
