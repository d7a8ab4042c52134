// The page's address: the open tab and its settings, which a link restores, and what belongs to the page as a whole.

const OF_PAGE = ["lang", "__theme", "present", "view"];

const read = () => new URLSearchParams(location.search);

function write(query) {
  history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
}

export const inAddress = (key) => read().get(key) ?? "";

// Whether the address names settings of the tab that it opens.
export const hasSettings = () => [...read().keys()].some((key) => key !== "tab" && !OF_PAGE.includes(key));

// An empty value removes the key.
export function setOfPage(key, value) {
  const query = read();
  if (value) query.set(key, value);
  else query.delete(key);
  write(query);
}

// `settings`: a query, such as "tab=train&family=vae".
export function setSettings(settings) {
  const kept = [...read()].filter(([key]) => OF_PAGE.includes(key));
  write(new URLSearchParams([...kept, ...new URLSearchParams(settings)]));
}

// The full address to share, without presenter mode and without this visitor's theme.
export function linkTo(settings) {
  const query = new URLSearchParams(settings);
  if (inAddress("lang")) query.set("lang", inAddress("lang"));
  return `${location.origin}${location.pathname}${query.size ? `?${query}` : ""}`;
}
