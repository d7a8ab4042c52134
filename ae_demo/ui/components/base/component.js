// What every component's script needs: its elements, its texts, and calls when language, theme or width change.

// Gradio writes the visitor's locale to <html lang>; like gr.I18n, "de-CH" falls back to "de" and then to "en".
function pick(texts) {
  const lang = document.documentElement.lang || "en";
  return texts?.[lang] ?? texts?.[lang.split("-")[0]] ?? texts?.en;
}

// `strings`: texts by locale and key. A template contains no ${value}, so Gradio never renders it again, and the script
// owns the content of `element`.
export function helpers(element, strings) {
  const find = (selector) => element.querySelector(selector);
  const say = (key) =>
    pick(Object.fromEntries(Object.entries(strings).map(([locale, texts]) => [locale, texts[key]]))) ?? key;
  return {
    find,
    say,
    known: (key) => say(key) !== key,
    // A caller's own text: plain, or one text a locale.
    speak: (text) => (text && typeof text === "object" && !Array.isArray(text) ? pick(text) : text) ?? "",
    // <button data-say="undo"> gets its text, <canvas data-aria="pad"> its label for screen readers.
    translate() {
      for (const node of element.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
      for (const node of element.querySelectorAll("[data-aria]"))
        node.setAttribute("aria-label", say(node.dataset.aria));
    },
    // Calls back when the language or the theme changes, until the component leaves the page.
    onAppearance(callback) {
      const observer = new MutationObserver(() => (element.isConnected ? callback() : observer.disconnect()));
      observer.observe(document.documentElement, { attributeFilter: ["lang"] });
      observer.observe(document.body, { attributeFilter: ["class"] });
    },
  };
}

// Calls back with the node's width in CSS pixels, now and whenever it changes.
export const onWidth = (node, callback) =>
  new ResizeObserver(([entry]) => entry.contentRect.width > 0 && callback(entry.contentRect.width)).observe(node);

export const loadPicture = (uri) =>
  new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error("not a picture"));
    picture.src = uri;
  });
