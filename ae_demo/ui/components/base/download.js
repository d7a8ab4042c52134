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

// A small button; `rows()` is asked for when it is clicked.
export function csvButton(name, rows) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "csv",
    textContent: "CSV",
  });
  button.dataset.aria = "csv";
  button.addEventListener("click", () => saveFile(`${name}.csv`, toCsv(rows()), "text/csv"));
  return button;
}
