import { helpers } from "../base/component.js";
import { language, setLanguage, setTheme, theme } from "./appearance.js";
import { presenter } from "./presenter.js";

export default function mount({ element, props, server, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
  const present = presenter({ find, say, names: props.tabs, server });

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
}
