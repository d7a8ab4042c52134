import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";

export default function mount({ element, props, trigger, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const names = Object.keys(props.queries);
  let current = -1;

  function go(place) {
    current = place;
    take(props.queries[names[place]]);
    show();
  }

  // Settings that are not a step, such as those chosen in another tab; no step is then current.
  function take(query) {
    if (query !== props.queries[names[current]]) current = -1;
    props.value = query;
    trigger("input");
  }

  const buttons = names.map((_, place) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.addEventListener("click", () => go(place));
    return button;
  });
  find(".title").after(...buttons);

  function show() {
    translate();
    for (const [place, button] of buttons.entries()) {
      button.textContent = say(names[place]);
      button.title = say(`${names[place]}.see`);
      button.ariaPressed = String(place === current);
    }
    find(".see").textContent = current < 0 ? "" : say(`${names[current]}.see`);
  }

  show();
  onAppearance(show);
  channel("steps").set(props.tab, {
    go,
    take(query) {
      take(query);
      show();
    },
    count: names.length,
    current: () => current,
  });
}
