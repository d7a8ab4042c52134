// `finder(say, keys)`: a function of a text that returns the key of the longest term in it, or null. The words of the
// term `mse` are the text `mse.words`, separated by "|"; a Latin word is found as a whole word.

const LETTERS = /[.*+?^${}()|[\]\\]/g;
const END = ".words";

export function finder(say, keys) {
  const terms = keys
    .filter((key) => key.endsWith(END))
    .flatMap((key) =>
      say(key)
        .split("|")
        .map((words) => ({ key: key.slice(0, -END.length), words })),
    )
    .sort((one, other) => other.words.length - one.words.length)
    .map(({ key, words }) => ({
      key,
      pattern: new RegExp(`(?<![A-Za-z])${words.replace(LETTERS, "\\$&")}(?![A-Za-z])`, "i"),
    }));
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, terms.find(({ pattern }) => pattern.test(text))?.key ?? null);
    return known.get(text);
  };
}
