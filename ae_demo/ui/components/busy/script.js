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

draw();
onLook(draw);
watch("value", draw);
