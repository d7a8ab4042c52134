// Files that are made in the page.

export const saveFile = (name, data, type) => saveBlob(name, new Blob([data], { type }));

export function saveBlob(name, blob) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const quoted = (value) => {
  const text = String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

// With the mark by which spreadsheets know the encoding.
export const toCsv = (rows) => `\ufeff${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`;

// The name of a file with what a component shows: its id in the page.
export const nameOf = (element) => element.closest(".ae-component")?.id || "values";

// Small buttons. What they save is asked for when they are clicked; `translate` gives them their names.

export const csvButton = (name, rows) => fileButton("csv", () => saveFile(`${name}.csv`, toCsv(rows()), "text/csv"));

// `canvases()` are saved side by side.
export const pngButton = (name, canvases) =>
  fileButton("png", () => beside(canvases()).toBlob((blob) => blob && saveBlob(`${name}.png`, blob)));

function fileButton(kind, save) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "file",
    textContent: kind.toUpperCase(),
  });
  button.dataset.aria = kind;
  button.addEventListener("click", save);
  return button;
}

const GAP = 16; // pixels between two canvases

function beside(canvases) {
  if (canvases.length === 1) return canvases[0];
  const size = {
    width: canvases.reduce((sum, canvas) => sum + canvas.width, GAP * (canvases.length - 1)),
    height: Math.max(...canvases.map((canvas) => canvas.height)),
  };
  const sheet = Object.assign(document.createElement("canvas"), size);
  let left = 0;
  for (const canvas of canvases) {
    sheet.getContext("2d").drawImage(canvas, left, 0);
    left += canvas.width + GAP;
  }
  return sheet;
}
