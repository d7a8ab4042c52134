// The bar's value: null; {share, left} while the server works; {asked, held} when something has just changed, held while
// the server answers that with other changes. Gradio may show but the last of several values, so each says all.
let timer = null;
let held = false;
const mark = (on) => {
  for (const id of props.stale) document.getElementById(id)?.classList.toggle("ae-stale", on);
};

function draw() {
  const node = find(".busy");
  const { share, left } = props.value ?? {};
  node.hidden = share === undefined;
  if (node.hidden) return;
  node.style.setProperty("--part", share);
  node.setAttribute("aria-valuenow", Math.round(100 * share));
  node.setAttribute("aria-label", say("working"));
  const parts = [say("working"), `${Math.round(100 * share)} %`];
  if (left != null) parts.push(say("left").replace("{0}", Math.max(1, Math.round(left))));
  find(".line").textContent = parts.join(" · ");
}

function heed() {
  draw();
  const value = props.value; // from Python, None comes as ""
  if (!value && timer === null && !held) mark(false);
  if (value?.asked === undefined) return;
  mark(true);
  held = value.held ?? held;
  clearTimeout(timer);
  timer = held ? null : setTimeout(begin, props.still);
}

function begin() {
  timer = null;
  trigger("submit");
}

draw();
onLook(draw);
watch("value", heed);
