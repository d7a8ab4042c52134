// What does not belong to the settings stays: the language, the theme, Gradio's view.

import { helpers } from "../base/component.js";

const KEPT = ["lang", "present", "view"];

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const address = () => {
    const kept = [...new URLSearchParams(location.search)].filter(
      ([key]) => key.startsWith("__") || KEPT.includes(key),
    );
    const all = new URLSearchParams([...kept, ...new URLSearchParams(props.value ?? "")]);
    return `${location.pathname}${all.size ? `?${all}` : ""}`;
  };

  watch("value", () => {
    find(".done").textContent = "";
    if (props.value) history.replaceState(history.state, "", address());
    window.dispatchEvent(new CustomEvent("ae-settings", { detail: props.value }));
  });

  find("button").addEventListener("click", async () => {
    const whole = `${location.origin}${address().replace(/([?&])present=1&?/, "$1")}`;
    try {
      await navigator.clipboard.writeText(whole);
      find(".done").textContent = say("copied");
    } catch {
      find(".done").textContent = whole; // over plain HTTP a page may not write to the clipboard
    }
  });

  translate();
  onAppearance(translate);
}
