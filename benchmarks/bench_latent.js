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
    if (!log?.event || !isOutput(this)) return;
    const event = log.event;
    const picture = image.data.join();
    if (log.last === picture) return;
    log.last = picture;
    // After the frame's own callbacks comes the paint; a message then runs as soon as it is over.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        log.latencies.push(performance.now() - event.timeStamp);
        log.painted.add(picture);
      };
      channel.port2.postMessage(0);
    });
  };
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
