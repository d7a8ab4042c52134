const picture = find("img");

function draw() {
  const { uri, rows = [] } = props.value ?? {};
  find(".empty").hidden = Boolean(uri);
  picture.hidden = !uri;
  find(".rows").replaceChildren(
    ...rows.map((row) => Object.assign(document.createElement("span"), { className: row, textContent: say(row) })),
  );
  if (uri && picture.src !== uri) picture.src = uri;
  picture.alt = rows.map(say).join(", ");
}
picture.addEventListener("load", () => picture.classList.toggle("small", picture.naturalWidth < picture.clientWidth));

const look = () => {
  translate();
  find(".title").textContent = props.label ?? "";
  draw();
};
look();
onLook(look);
watch("label", look);
watch("value", draw);
