// Which models a filter leaves, and in which order a table has them.

// `model.text`: what the search looks through. Damaged models have no task: any choice leaves them out.
export function matches(model, { task = "", subject = "", family = "", search = "" }) {
  const parts = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = model.text.toLowerCase();
  return (
    (!task || model.task === task) &&
    (!subject || model.subject === subject) &&
    (!family || model.family === family) &&
    parts.every((part) => text.includes(part))
  );
}

// By the number of a figure or a fact, or by "name"; models without it come last, either way.
export function sorted(models, { key, down }) {
  if (!key) return models;
  const number = (model) => [...model.figures, ...model.facts].find(([name]) => name === key)?.[2] ?? null;
  const sign = down ? -1 : 1;
  return models.toSorted((a, b) => {
    if (key === "name") return sign * a.name.localeCompare(b.name);
    const [x, y] = [number(a), number(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (x - y);
  });
}

// An order as it stands in a link: "psnr", "-psnr" where it goes down, "" as the models are given.
export const readOrder = (text) => ({ key: String(text ?? "").replace(/^-/, ""), down: /^-/.test(text) });
export const writeOrder = ({ key, down }) => `${key && down ? "-" : ""}${key}`;
