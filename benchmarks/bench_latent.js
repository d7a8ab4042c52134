// Put into the page by bench_latent.py: notes each picture drawn into the decoded canvas, and which pointer event it
// answers. A picture counts when the frame in which it was drawn has been painted.
(() => {
  let log = null;
  window.circle = (count) =>
    Array.from({ length: count }, (_, i) => [0.5 + 0.35 * Math.cos((2 * Math.PI * i) / count), 0.5 + 0.35 * Math.sin((2 * Math.PI * i) / count)]);
  const isOutput = (context) => context.canvas.closest?.("#latent-decoded");
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest);
    if (opening && isOutput(this)) {
      const clicked = opening;
      opening = 0;
      afterPaint(() => (window.openedIn = performance.now() - clicked));
    }
    if (!log?.event || !isOutput(this)) return;
    const event = log.event;
    const picture = image.data.join();
    if (log.last === picture) return;
    log.last = picture;
    afterPaint(() => {
      log.latencies.push(performance.now() - event.timeStamp);
      log.painted.add(picture);
    });
  };
  // After the frame's own callbacks comes the paint; a message then runs as soon as it is over.
  const afterPaint = (callback) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = callback;
      channel.port2.postMessage(0);
    });
  let opening = 0; // when the tab was clicked
  document.addEventListener("click", (event) => (opening = event.target.closest?.("[role=tab]") ? event.timeStamp : opening), true);
  window.watchDrag = () => {
    log = { latencies: [], painted: new Set(), moves: 0, event: null, last: "" };
    if (window.aeLatentWatched) return;
    window.aeLatentWatched = true;
    document.addEventListener(
      "pointermove",
      (event) => {
        log.event = event;
        log.moves++;
      },
      true,
    );
  };
  window.dragWatched = () => ({ latencies: log.latencies, frames: log.painted.size, moves: log.moves });
})();
