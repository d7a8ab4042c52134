import { helpers } from "../base/component.js";

const FOLDER = new URL("../../", import.meta.url); // of the static files

export default function mount({ element, props, trigger, strings }) {
  const { find, say, speak, onAppearance } = helpers(element, strings);
  const buttons = props.pictures.map(({ file }, number) => {
    const button = document.createElement("button");
    const picture = Object.assign(document.createElement("img"), { src: new URL(file, FOLDER).href, alt: "" });
    picture.onload = () => button.classList.toggle("pixels", picture.naturalWidth <= 64);
    button.append(picture);
    button.addEventListener("click", () => {
      props.value = number;
      trigger("input");
    });
    return button;
  });
  find(".row").append(...buttons);

  function name() {
    find(".title").textContent = props.label ?? "";
    for (const [number, button] of buttons.entries()) {
      button.ariaLabel = `${say("example")}: ${speak(props.pictures[number].name)}`;
      button.title = speak(props.pictures[number].name);
    }
  }

  name();
  onAppearance(name);
}
