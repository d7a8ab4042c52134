// Put into the page by bench_style_page.py: notes when each grid of ten digits was computed and painted.
// A frame's callbacks run in the order in which they were requested, so one that is requested before the listeners of the
// page and one that is requested after them enclose the sheet's own.
(() => {
  let log = null; // of the movement under way
  let answered = ""; // the event that the sheet answers: "input" of a slider, "pointermove" of the pen
  let moved = 0; // when the pointer moved last
  let handled = 0; // when the listeners of the event under way began
  let frame = null; // the frame that answers it

  const grid = () => document.querySelector("#style-sheet .ten");
  const afterPaint = (callback) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = callback;
    channel.port2.postMessage(0);
  };

  function beforeListeners(event) {
    if (event.type === "pointermove") moved = event.timeStamp;
    handled = performance.now();
    if (!log || frame || event.type !== answered) return;
    frame = { moved, before: grid().dataset.z };
    requestAnimationFrame(() => (frame.began = performance.now()));
  }

  function afterListeners(event) {
    if (!log || !frame || event.type !== answered) return;
    frame.listening = (frame.listening ?? 0) + performance.now() - handled;
    if (frame.asked) return;
    frame.asked = true;
    requestAnimationFrame(() => {
      const { moved, before, began, listening } = frame;
      const work = listening + performance.now() - began;
      frame = null;
      if (grid().dataset.z !== before) afterPaint(() => log.push({ latency: performance.now() - moved, work }));
    });
  }

  for (const type of ["input", "pointermove"]) {
    window.addEventListener(type, beforeListeners, true);
    window.addEventListener(type, afterListeners);
  }
  window.watchMoves = (type) => {
    log = [];
    answered = type;
  };
  window.movesWatched = () => log;
  window.decodingTimes = (repeats) => {
    const { model, state } = grid().sheet;
    const image = new ImageData(model.width, model.height);
    return Array.from({ length: repeats }, () => {
      const began = performance.now();
      for (const raw of model.rawOfAll(state().z)) model.paintRaw(raw, image);
      return performance.now() - began;
    });
  };
})();
