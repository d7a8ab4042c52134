import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";

export default function mount({ element, props, trigger, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const names = Object.keys(props.queries);
  let current = -1;

  function go(place) {
    current = place;
    props.value = props.queries[names[place]];
    trigger("input");
    show();
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
  channel("steps").set(props.tab, { go, count: names.length, current: () => current });
}
