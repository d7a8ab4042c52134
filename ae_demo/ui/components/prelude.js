// Comes before every component's script, in the same function body. Gradio gives `element, props, trigger, watch,
// server`. A template holds no ${value}, so Gradio never renders it anew and the script owns what is inside.

const find = (selector) => element.querySelector(selector);

// Language. Gradio picks a locale from navigator.language, or the visitor picks one in its Settings, and either way
// Gradio writes it to <html lang>. A component reads that, so it always speaks as the rest of the page does; and like
// gr.I18n it tries "de-CH", then "de", then "en".
const pick = (texts) => {
  const lang = document.documentElement.lang || "en";
  return texts?.[lang] ?? texts?.[lang.split("-")[0]] ?? texts?.en;
};
const say = (key) =>
  pick(Object.fromEntries(Object.entries(props.strings).map(([locale, texts]) => [locale, texts[key]]))) ?? key;
const known = (key) => say(key) !== key;
// A caller's own text: plain, or one text a locale.
const speak = (text) => (text && typeof text === "object" && !Array.isArray(text) ? pick(text) : text) ?? "";

// <button data-say="undo"> gets its text, <canvas data-aria="pad"> its label for screen readers.
const translate = () => {
  for (const node of element.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of element.querySelectorAll("[data-aria]")) node.setAttribute("aria-label", say(node.dataset.aria));
};

// Calls back when the language changes or dark mode is switched, until the component leaves the page.
const onLook = (callback) => {
  const observer = new MutationObserver(() => (element.isConnected ? callback() : observer.disconnect()));
  observer.observe(document.documentElement, { attributeFilter: ["lang"] });
  observer.observe(document.body, { attributeFilter: ["class"] });
};

// Calls back with the node's width in CSS pixels, now and whenever it changes.
const onWidth = (node, callback) =>
  new ResizeObserver(([entry]) => entry.contentRect.width > 0 && callback(entry.contentRect.width)).observe(node);

const loadPicture = (uri) =>
  new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error("not a picture"));
    picture.src = uri;
  });

