import { helpers } from "../base/component.js";

export default function mount({ element, props, watch, strings }) {
  const { find, say, known, translate, onAppearance } = helpers(element, strings);
  function draw() {
    find("tbody").replaceChildren(
      ...(props.value ?? []).map(([name, shape, numbers]) => {
        const row = document.createElement("tr");
        row.className = ["input", "code", "output"].includes(name) ? name : "";
        for (const text of [known(name) ? say(name) : name, shape, numbers.toLocaleString()])
          row.append(Object.assign(document.createElement("td"), { textContent: text }));
        return row;
      }),
    );
  }

  const look = () => {
    translate();
    draw();
  };
  look();
  onAppearance(look);
  watch("value", draw);
}
