import { inAddress, setSettings } from "../base/address.js";
import { channel } from "../base/channel.js";
import { helpers } from "../base/component.js";
import { fetchWhenIdle, mount as mountComponent } from "../base/mount.js";
import { onTab } from "../base/tabs.js";
import { language, setLanguage, setTheme, theme } from "./appearance.js";
import { presenter } from "./presenter.js";
import { tour } from "./tour.js";

const settingsOf = (tab) => channel("links").get(tab) ?? `tab=${tab}`; // a link of each tab that has one

export default function mount({ element, props, server, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const present = presenter({ settingsOf, find, say, names: props.tabs, server });

  onTab((tab) => inAddress("tab") !== tab && setSettings(settingsOf(tab)));

  find(".lang").addEventListener("change", ({ target }) => setLanguage(target.value));
  find(".theme").addEventListener("change", ({ target }) => setTheme(target.value));

  function show() {
    translate();
    find(".lang").value = language();
    find(".theme").value = theme();
    find(".present").title = say("present_key");
    present.show();
  }
  show();
  onAppearance(show);
  tour({ find, say });
  for (const name of ["gradio_words", "terms"]) mountComponent(name, { element, props: {} });
  fetchWhenIdle(props.components);
}
