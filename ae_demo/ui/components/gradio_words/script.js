// Names of buttons that Gradio writes in English in every language, translated in the page; gr.I18n does not reach them.

import { helpers } from "../base/component.js";

const ATTRIBUTES = ["aria-label", "title"];
const BEFORE_A_LABEL = ["number input for", "range slider for"];

export default function mount({ element, strings }) {
  const { say, known, onAppearance } = helpers(element, strings);

  function translated(text) {
    const start = BEFORE_A_LABEL.find((words) => text.startsWith(`${words} `));
    if (start) return say(start).replace("{0}", text.slice(start.length + 1));
    return known(text) ? say(text) : text;
  }

  function translate(node) {
    for (const name of ATTRIBUTES) {
      const text = node.getAttribute(name);
      const other = text && translated(text);
      if (text && other !== text) node.setAttribute(name, other);
    }
  }

  const SELECTOR = ATTRIBUTES.map((name) => `[${name}]`).join(",");
  const translateAll = (root) => {
    translate(root);
    root.querySelectorAll(SELECTOR).forEach(translate);
  };

  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes)
      if (type === "attributes") translate(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) translateAll(node);
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ATTRIBUTES });
  translateAll(document.body);
  onAppearance(() => translateAll(document.body));
}
