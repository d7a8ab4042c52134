// What the parts of the Latent walk tab share in the page: the model that runs here, and the places on its plane.
// A part changes a value by `hub.set("ends", value, itself)` and is notified by
// `hub.on("ends", (value, source) => …)`; nothing of this goes to the server.
//   about: what Python says of the plane · model: an Mlp, or null · place: [x, y] · ends: [A, B] · arc: another way
//   between them · path: points drawn by hand, or null · runner: where the animation is · samples: places
export const hub = (() => {
  const events = new EventTarget();
  const values = {
    about: null,
    model: null,
    place: [0, 0],
    ends: [
      [-1.92, 0.96],
      [1.92, 0.64],
    ],
    arc: [],
    path: null,
    runner: null,
    samples: [],
  };
  return {
    get: (name) => values[name],
    set(name, value, source) {
      values[name] = value;
      events.dispatchEvent(new CustomEvent(name, { detail: source }));
    },
    on: (name, listener) => events.addEventListener(name, (event) => listener(values[name], event.detail)),
  };
})();

// Where A and B begin on a plane whose whole view is `home`.
export const initialEnds = ({ x, y, half }) => [
  [x - 0.6 * half, y + 0.3 * half],
  [x + 0.6 * half, y + 0.2 * half],
];

// As many decimals as a pixel deserves, so that what is written is exactly the place that is decoded.
export const decimalsOf = (pixel) => Math.max(2, Math.round(0.2 - Math.log10(pixel)));
export const snap = (number, decimals) => Number(number.toFixed(decimals)) || 0; // `|| 0` drops the sign of -0
export const writePlace = ([x, y], decimals = 2) =>
  `z = (${(x || 0).toFixed(decimals)}, ${(y || 0).toFixed(decimals)})`;
