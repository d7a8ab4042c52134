// A walk through styles.

// A draw of N(0, 1) (Box and Muller, 1958).
export const sampleNormal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

// From one style to another, slowly at both ends; t in [0, 1].
export function between(from, to, t) {
  const share = 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, Math.max(0, t)));
  return from.map((v, i) => v + share * (to[i] - v));
}

// `show(style)` at each frame, `seconds` from one style to the next.
export function walkThrough(seconds, show) {
  let frame = 0;
  return {
    get going() {
      return frame !== 0;
    },

    // From a style through those that `styles()` lists, again and again.
    start(style, styles) {
      let [from, next, began] = [style, 0, performance.now()];
      const step = (now) => {
        const t = (now - began) / 1000 / seconds;
        const all = styles();
        const to = all[next % all.length];
        show(between(from, to, t));
        if (t >= 1) [from, next, began] = [to, next + 1, now];
        frame = requestAnimationFrame(step);
      };
      frame = requestAnimationFrame(step);
    },

    // Whether there was a walk.
    stop() {
      const going = frame !== 0;
      cancelAnimationFrame(frame);
      frame = 0;
      return going;
    },
  };
}
