const put = (key, ...parts) => parts.reduce((text, part, i) => text.replace(`{${i}}`, part), say(key));

function duration(seconds) {
  if (seconds < 90) return put("duration.s", seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds));
  if (seconds < 5400) return put("duration.min", Math.round(seconds / 60));
  return put("duration.h", (seconds / 3600).toFixed(1));
}

function draw() {
  const { state = "idle", epoch, epochs, phase, speed, left, seconds, device, notice, message } = props.value ?? {};
  const figures = [];
  if (epochs) figures.push(put("epoch", Math.min(epoch, epochs).toFixed(Number.isInteger(epoch) ? 0 : 1), epochs));
  if (phase && phase !== "train") figures.push(phase);
  if (speed) figures.push(put("speed", Math.round(speed).toLocaleString()));
  if (left != null) figures.push(put("left", duration(left)));
  if (seconds != null) figures.push(put("seconds", duration(seconds)));
  if (device) figures.push(put("device", device));
  find(".progress").className = `progress ${state}`;
  find(".bar").style.setProperty("--part", epochs ? Math.min(1, epoch / epochs) : 0);
  find(".state").textContent = say(state);
  find(".figures").textContent = figures.join(" · ");
  find(".notice").textContent = [message, notice].filter(Boolean).join(" ");
}

draw();
onLook(draw);
watch("value", draw);
server.seen();
