import { helpers } from "../base/component.js";

export default function mount({ element, props, strings }) {
  const { say, onAppearance } = helpers(element, strings);
  function name() {
    [...document.querySelectorAll(`#${props.dataset} button:has(img)`)].forEach((button, i) => {
      button.setAttribute("aria-label", `${say("example")}: ${props.names[i]}`);
    });
  }

  function begin() {
    const block = document.getElementById(props.dataset);
    if (!block) return void requestAnimationFrame(begin); // Gradio may put it into the page after this
    name();
    new MutationObserver(name).observe(block, { childList: true, subtree: true });
  }

  begin();
  onAppearance(name);
}
