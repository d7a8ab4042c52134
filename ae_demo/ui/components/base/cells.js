// Buttons over one canvas of many small pictures, which costs the browser less at every frame than a canvas for each. They
// are one stop for Tab; arrow keys move within.

// `field`: the canvas's parent, with class "cells". `choose(i)` is called when the i-th picture is clicked. Returns a
// function that lays `labels.length` buttons in rows of `columns` over the canvas.
export function cells(field, choose) {
  const buttons = () => [...field.querySelectorAll("button")];
  let across = 1;

  function add() {
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
    button.addEventListener("click", () => choose(buttons().indexOf(button)));
    field.append(button);
  }

  field.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    if (!by || at < 0) return;
    event.preventDefault();
    const next = all[at + by];
    if (!next) return;
    all[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  return (labels, columns) => {
    across = columns;
    field.style.setProperty("--columns", columns);
    while (buttons().length < labels.length) add();
    for (const extra of buttons().slice(labels.length)) extra.remove();
    const all = buttons();
    all.forEach((button, i) => button.setAttribute("aria-label", labels[i]));
    if (all.length && !all.some((button) => button.tabIndex === 0)) all[0].tabIndex = 0;
  };
}
