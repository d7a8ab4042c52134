const cell = (tag, text, name = "") => {
  const node = document.createElement(tag);
  node.textContent = text;
  if (name) node.className = name;
  return node;
};

function line(row, ...cells) {
  row.append(...cells);
  return row;
}

function draw() {
  const { columns = [], rows = [], note } = props.value ?? {};
  find(".scroll").hidden = !rows.length;
  const heads = ["measured_on", ...columns].map((name) => {
    const head = cell("th", say(name));
    head.scope = "col";
    return head;
  });
  find("thead").replaceChildren(line(document.createElement("tr"), ...heads));
  find("tbody").replaceChildren(
    ...rows.map(({ role, title, cells, best }) => {
      const head = cell("th", say(title));
      head.scope = "row";
      const row = line(document.createElement("tr"), head, ...cells.map((text, i) => cell("td", text, best[i] && "best")));
      row.className = role;
      return row;
    }),
  );
  find(".note").textContent = note ? say(note) : "";
}

draw();
onLook(draw);
watch("value", () => {
  element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
  draw();
});
