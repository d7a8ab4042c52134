import { csvButton, nameOf } from "../base/download.js";
import { helpers } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, translate, onAppearance } = helpers(element, strings);
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
      ...rows.flatMap(({ role, title, group, cells, best }, i) => {
        const head = cell("th", say(title));
        head.scope = "row";
        const row = line(
          document.createElement("tr"),
          head,
          ...cells.map((text, j) => cell("td", text, best[j] && "best")),
        );
        row.className = role;
        if (!group || group === rows[i - 1]?.group) return row;
        const over = cell("th", say(group));
        over.scope = "rowgroup";
        over.colSpan = columns.length + 1;
        const heading = line(document.createElement("tr"), over);
        heading.className = "group";
        return [heading, row];
      }),
    );
    find(".note").textContent = note ? say(note) : "";
  }

  const cells = ({ cells }) => [...cells].map((node) => node.textContent);
  find(".foot").append(csvButton(nameOf(element), () => [...find("table").rows].map(cells)));

  draw();
  translate();
  onAppearance(() => {
    draw();
    translate();
  });
  watch("value", () => {
    element.closest(".ae-stale")?.classList.remove("ae-stale"); // see busy
    draw();
  });
}
