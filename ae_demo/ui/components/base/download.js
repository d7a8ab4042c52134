// Files that are made in the page.

export function saveFile(name, data, type) {
  const address = URL.createObjectURL(new Blob([data], { type }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
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
