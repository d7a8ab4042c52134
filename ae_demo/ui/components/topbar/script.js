import { helpers } from "../base/component.js";
import { language, setLanguage, setTheme, theme } from "./appearance.js";

export default function mount({ element, strings }) {
  const { find, translate, onAppearance } = helpers(element, strings);

  find(".lang").addEventListener("change", ({ target }) => setLanguage(target.value));
  find(".theme").addEventListener("change", ({ target }) => setTheme(target.value));

  function show() {
    translate();
    find(".lang").value = language();
    find(".theme").value = theme();
  }
  show();
  onAppearance(show);
}
