import { setSettings, linkTo } from "../base/address.js";
import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { activeTab } from "../base/tabs.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);

  // The address holds the settings of the open tab; those of other tabs are kept until they are opened (topbar/script.js).
  function keep() {
    find(".done").textContent = "";
    if (!props.value) return;
    const tab = new URLSearchParams(props.value).get("tab");
    channel("links").set(tab, props.value);
    if (tab === activeTab()) setSettings(props.value);
  }
  watch("value", keep);
  keep();

  find("button").addEventListener("click", async () => {
    const whole = linkTo(props.value || `tab=${activeTab()}`);
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
