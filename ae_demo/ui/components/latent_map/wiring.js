// Buttons, switches and the legend; and what is heard from the other parts of the tab, from Python and from the page.

function buildLegend() {
  const kinds = plane.dots && about.tests.classes.length ? [...new Set(plane.dots.labels)].sort((a, b) => a - b) : [];
  find(".legend").hidden = !plane.dots;
  for (const name of [".all", ".none"]) find(name).hidden = !kinds.length;
  if (plane.dots) find(".tests").textContent = say(`tests_${about.tests.set}`).replace("{count}", plane.dots.count.toLocaleString());
  find(".beta").textContent = about?.beta == null ? (about && !about.prior ? say("no_prior") : "") : `β = ${about.beta}: ${say("beta")}`;
  find(".classes").replaceChildren(
    ...kinds.map((kind) => {
      const entry = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(kind) });
      const dot = Object.assign(document.createElement("i"), { className: "dot" });
      dot.style.setProperty("--dot", COLOURS[kind % COLOURS.length]);
      box.addEventListener("change", () => {
        box.checked ? hidden.delete(kind) : hidden.add(kind);
        repaint();
      });
      entry.append(box, dot, classOf(kind));
      return entry;
    }),
  );
}

function repaint() {
  plane.changed();
  contrast.repaint(true);
}

function showAll(shown) {
  hidden.clear();
  if (!shown) for (const kind of plane.dots.labels) hidden.add(kind);
  buildLegend();
  repaint();
}

find(".all").addEventListener("click", () => showAll(true));
find(".none").addEventListener("click", () => showAll(false));
find(".nearer").addEventListener("click", () => plane.zoom(1.5, plane.toPixel(place)));
find(".farther").addEventListener("click", () => plane.zoom(1 / 1.5, plane.toPixel(place)));
find(".home").addEventListener("click", () => plane.setView(plane.home));
for (const name of [".pictures", ".prior"]) find(name).addEventListener("change", repaint);
find(".quantiles").addEventListener("change", () => plane.setAxes(find(".quantiles").checked));
for (const choice of element.querySelectorAll(".choice input"))
  choice.addEventListener("change", () => (canvas.dataset.tool = tool()));

hub.on("place", (at, source) => {
  if (source === element) return;
  move(at);
  plane.follow(at);
});
for (const name of ["ends", "arc", "path", "samples", "runner"]) hub.on(name, () => plane.paint());

// Pictures dropped on the plane: the first becomes A, the second B.
const board = find(".plane");
board.addEventListener("dragover", (event) => event.preventDefault());
board.addEventListener("drop", async (event) => {
  event.preventDefault();
  const files = [...event.dataTransfer.files].slice(0, 2);
  for (const [i, file] of files.entries()) {
    const uri = await readFile(file);
    const pixels = await receive(await server.prepare_picture(uri, about.name));
    if (pixels && files.length === 2) hub.set("ends", hub.get("ends").map((at, j) => (i === j ? landing.place : at)), element);
  }
});

const readFile = (file) =>
  new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });

// {pixels: base64 of C·H·W bytes}, or {error}; what Python made of a picture.
async function receive(sent) {
  if (!sent || (sent.again && drawn)) return null;
  if (sent.error) return fail("no_picture", sent.error);
  fail("");
  const picture = Float32Array.from(atob(sent.pixels), (c) => c.charCodeAt(0) / 255);
  await load(props.model);
  drawn = null;
  land(picture);
  return picture;
}

const speakAll = () => {
  translate();
  buildLegend();
  describe();
  for (const made of contrast.others) contrast.translate(made);
};
speakAll();
onLook(speakAll);
watch("landed", () => receive(props.landed));
watch("model", open);
watch("value", () => props.value?.length === 2 && String(props.value) !== String(place) && move(props.value));
Object.assign(hub, { plane, contrast }); // for a look inside, from the console and from tests
open();
