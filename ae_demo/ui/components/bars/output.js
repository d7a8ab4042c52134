// The output of an edited code: decoded in the page or by the server, compared with the picture, and given to the cards.

import { fetchBundle } from "../base/bundle.js";
import { Mlp } from "../latent_map/mlp.js";

const models = new Map(); // by file
export function loadModel(file) {
  if (!models.has(file)) {
    const fetched = fetchBundle(file).then((bundle) => new Mlp(bundle));
    fetched.catch(() => models.delete(file));
    models.set(file, fetched);
  }
  return models.get(file);
}

// The mean squared error and PSNR of two pictures in [0, 1], as the cards write them.
export function figuresOf(made, x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (made[i] - x[i]) ** 2;
  const mse = sum / x.length;
  const psnr = -10 * Math.log10(mse);
  return [
    ["mse", mse.toFixed(5)],
    ["psnr", psnr >= 100 ? "∞ dB" : `${psnr.toFixed(1)} dB`],
  ];
}

// The absolute error, four times brighter: means over the channels of `area` pixels each.
export function errorOf(made, x, area) {
  const channels = x.length / area;
  return Float32Array.from({ length: area }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Math.abs(made[c * area + i] - x[c * area + i]);
    return Math.min(1, (4 * sum) / channels);
  });
}

// A picture (C·H·W,) in [0, 1] in a canvas of its size.
export function paint(canvas, picture, [channels, height, width]) {
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const area = width * height;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = Math.round(255 * picture[i + (channels === 3 ? c * area : 0)]);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// What the cards of the reconstruction and of its error show, by their titles.
export function cardsOf(made, x, shape) {
  const area = shape[1] * shape[2];
  const uri = (picture, channels) =>
    paint(document.createElement("canvas"), picture, [channels, shape[1], shape[2]]).toDataURL();
  return {
    reconstruction: { uri: uri(made, shape[0]), figures: figuresOf(made, x), note: "edited_code" },
    error: { uri: uri(errorOf(made, x, area), 1), note: "edited_code" },
  };
}
