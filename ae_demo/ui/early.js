// Runs before Gradio's scripts. Language and theme are those of the link, else those that this browser remembers; they are
// then kept in the address. Without either, the language is the first of the visitor's that the page has. Gradio reads
// `navigator.language`, and does not know "zh-HK" or plain "zh".
{
  const query = new URLSearchParams(location.search);
  const remembered = (key) => {
    try {
      return localStorage.getItem(`ae-${key}`); // throws where a page in a frame may store nothing
    } catch {
      return null;
    }
  };
  for (const key of ["lang", "__theme"]) {
    const value = query.get(key) ?? remembered(key);
    if (value) query.set(key, value);
  }
  const locale = (language) => {
    if (/^zh\b/i.test(language)) return /tw|hk|mo|hant/i.test(language) ? "zh-TW" : "zh-CN";
    return /^en\b/i.test(language) ? "en" : null;
  };
  const language = [query.get("lang") ?? "", ...navigator.languages].map(locale).find(Boolean) ?? "en";
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  if (query.size && `?${query}` !== location.search)
    history.replaceState(history.state, "", `?${query}${location.hash}`);
}
