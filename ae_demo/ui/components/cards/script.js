// Cards are kept and refilled rather than made anew, so that a dragged slider neither flickers nor loses the focus.
const row = find(".cards");
const given = () => (Array.isArray(props.value) ? props.value : []);

const make = () => {
  const node = document.createElement("figure");
  node.innerHTML =
    '<figcaption class="title"></figcaption><a class="frame"><img alt="" /></a><dl></dl><p class="note"></p>';
  return row.appendChild(node);
};

function fill(node, { role, title, uri, small, figures, note, width, height }) {
  node.className = `card ${role}`;
  node.classList.toggle("wide", width > 2.5 * height); // a strip takes a row of its own
  node.querySelector(".title").textContent = say(title);
  const frame = node.querySelector(".frame");
  frame.hidden = !uri;
  if (uri) {
    frame.href = uri;
    frame.download = `${title}.${uri.startsWith("data:image/jpeg") ? "jpg" : "png"}`;
    frame.title = say("save");
    const picture = frame.querySelector("img");
    if (picture.src !== uri) picture.src = uri;
    picture.alt = `${say(title)}, ${width} × ${height}`;
    picture.classList.toggle("small", small);
  }
  node.querySelector("dl").replaceChildren(
    ...figures.flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const figure = document.createElement("dd");
      term.textContent = say(name);
      figure.textContent = value;
      return [term, figure];
    }),
  );
  node.querySelector(".note").textContent = note ? say(note) : "";
}

function draw() {
  const list = given();
  while (row.children.length > list.length) row.lastElementChild.remove();
  while (row.children.length < list.length) make();
  list.forEach((about, i) => fill(row.children[i], about));
}

draw();
onLook(draw);
watch("value", draw);
