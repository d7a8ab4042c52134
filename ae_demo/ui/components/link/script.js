import { setSettings, linkTo } from "../base/address.js";
import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { activeTab } from "../base/tabs.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);

  let query = ""; // of the settings, once they are known
  let first = "";

  // The address holds the settings of the open tab; those of other tabs are kept until they are opened (topbar/script.js).
  // The reason why the page's link was not followed stays until the settings are changed.
  function keep() {
    find(".done").textContent = "";
    if (!props.value) return;
    const { reason } = props.value;
    if (reason) {
      find(".reason").textContent = `${reason} ${say("initial")}`;
      find(".reason").hidden = false;
      return;
    }
    query = props.value;
    first ||= query;
    if (query !== first) find(".reason").hidden = true;
    const tab = new URLSearchParams(query).get("tab");
    channel("links").set(tab, query);
    if (tab === activeTab()) setSettings(query);
  }
  watch("value", keep);
  keep();

  find("button").addEventListener("click", async () => {
    const whole = linkTo(query || `tab=${activeTab()}`);
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
