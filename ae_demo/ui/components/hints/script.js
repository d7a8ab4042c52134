import { helpers } from "../base/component.js";

export default function mount({ element, props, trigger, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const PRESETS = ["#c83c32", "#e08a3c", "#e6c84b", "#5a9646", "#4a8ed0", "#8a5ab4", "#c99a78", "#8a8a8a"];
  const MOST = 20;
  const stage = find(".stage");
  const cross = find(".cross");
  const well = find("input[type=color]");
  const given = () => (Array.isArray(props.value) ? props.value : []);
  const picture = stage.querySelector("img");
  const place = { x: 0.5, y: 0.5 };
  stage.tabIndex = 0;

  function put(value) {
    props.value = value;
    draw();
    trigger("input");
  }

  const add = (x, y) => given().length < MOST && put([...given(), [x, y, well.value]]);

  function draw() {
    find(".hints").hidden = !props.picture;
    if (props.picture && picture.getAttribute("src") !== props.picture) picture.src = props.picture;
    find(".label").textContent = say("label");
    stage.setAttribute("aria-label", say("stage"));
    find(".dots").replaceChildren(
      ...given().map(([x, y, colour], i) => {
        const dot = document.createElement("button");
        dot.type = "button";
        dot.style.cssText = `left:${100 * x}%;top:${100 * y}%;background:${colour}`;
        dot.title = say("remove");
        dot.setAttribute("aria-label", `${say("remove")} ${colour}`);
        dot.addEventListener("click", (event) => {
          event.stopPropagation();
          put(given().filter((_, j) => j !== i));
        });
        return dot;
      }),
    );
    find(".row > button").disabled = !given().length;
    for (const dot of find(".presets").children) dot.setAttribute("aria-pressed", dot.dataset.colour === well.value);
    cross.style.cssText = `left:${100 * place.x}%;top:${100 * place.y}%`;
    translate();
  }

  find(".presets").replaceChildren(
    ...PRESETS.map((colour) => {
      const dot = document.createElement("button");
      dot.type = "button";
      dot.dataset.colour = colour;
      dot.style.background = colour;
      dot.setAttribute("aria-label", colour);
      dot.addEventListener("click", () => {
        well.value = colour;
        draw();
      });
      return dot;
    }),
  );

  stage.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    add((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  stage.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.target !== stage || !(way || [" ", "Enter"].includes(event.key))) return;
    event.preventDefault();
    cross.hidden = false;
    if (!way) return void add(place.x, place.y);
    place.x = Math.min(1, Math.max(0, place.x + 0.02 * way[0]));
    place.y = Math.min(1, Math.max(0, place.y + 0.02 * way[1]));
    draw();
  });
  stage.addEventListener("blur", () => (cross.hidden = true));
  picture.addEventListener("load", () => {
    const times = Math.max(1, Math.min(240 / picture.naturalWidth, 240 / picture.naturalHeight)); // room for a finger
    picture.style.width = times > 1 ? `${times * picture.naturalWidth}px` : "";
    picture.style.imageRendering = times > 1 ? "pixelated" : "";
  });
  well.addEventListener("input", draw);
  find(".row > button").addEventListener("click", () => put([]));

  draw();
  onAppearance(draw);
  watch("value", draw);
  watch("picture", draw);
}
