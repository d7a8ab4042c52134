// Multilayer perceptrons in the page. An `Mlp` decodes and encodes as the model in PyTorch does: same layers,
// single-precision sums, pictures rounded to 0…255.

import { affine, affineOfMany } from "../base/affine.js";

const ACTIVATIONS = {
  none: null,
  silu: (v) => v / (1 + Math.exp(-v)),
  relu: (v) => Math.max(0, v),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  tanh: Math.tanh,
};

export class Mlp {
  constructor({ header, array }) {
    Object.assign(this, header);
    [this.channels, this.height, this.width] = header.shape;
    const build = (layers) =>
      layers.map(({ name, activation }) => {
        const [size, given] = header.arrays[`${name}.weight`].shape;
        const stored = array(`${name}.weight`);
        const weight = stored instanceof Float32Array ? stored : Float32Array.from(stored);
        if (header.arrays[`${name}.scale`]) {
          const scale = array(`${name}.scale`);
          for (let i = 0; i < weight.length; i++) weight[i] *= scale[(i / given) | 0];
        }
        return {
          size,
          given,
          weight,
          bias: array(`${name}.bias`),
          apply: ACTIVATIONS[activation],
          out: new Float32Array(size),
        };
      });
    this.decoder = build(header.decoder);
    this.encoder = build(header.encoder);
  }

  // Multiplications that a decoding takes.
  get work() {
    return this.decoder.reduce((sum, { size, given }) => sum + size * given, 0);
  }

  static run(layers, x) {
    for (const { size, weight, bias, apply, out } of layers) {
      affine(weight, bias, x, out);
      if (apply) for (let row = 0; row < size; row++) out[row] = apply(out[row]);
      x = out;
    }
    return x;
  }

  // The same of several inputs at once, in new arrays.
  static runMany(layers, inputs) {
    return layers.reduce((given, { size, weight, bias, apply }) => {
      const outputs = given.map(() => new Float32Array(size));
      affineOfMany(weight, bias, given, outputs);
      if (apply) for (const out of outputs) for (let row = 0; row < size; row++) out[row] = apply(out[row]);
      return outputs;
    }, inputs);
  }

  // The picture at (x, y) in [0, 1], (C·H·W,), as it is before rounding. A new array each time.
  decode(x, y) {
    return this.decodeCode([x, y]);
  }

  // The same of a code of any size.
  decodeCode(code) {
    const picture = Mlp.run(this.decoder, code).slice();
    const last = this.output === "sigmoid" ? ACTIVATIONS.sigmoid : (v) => Math.min(1, Math.max(0, v));
    for (let i = 0; i < picture.length; i++) picture[i] = last(picture[i]);
    return picture;
  }

  // Its pixels as ImageData, W × H; given one, fills that.
  pixels(x, y, image = new ImageData(this.width, this.height)) {
    const picture = this.decode(x, y);
    const plane = this.width * this.height;
    const [green, blue] = this.channels === 3 ? [plane, 2 * plane] : [0, 0];
    for (let i = 0; i < plane; i++) {
      image.data[4 * i] = Math.round(255 * picture[i]);
      image.data[4 * i + 1] = Math.round(255 * picture[i + green]);
      image.data[4 * i + 2] = Math.round(255 * picture[i + blue]);
      image.data[4 * i + 3] = 255;
    }
    return image;
  }

  // Where a picture (C·H·W,) in [0, 1] lies: {place: [x, y], sigma: [σ₁, σ₂] or null}.
  encode(picture) {
    const raw = Mlp.run(this.encoder, picture);
    const sigma = this.variational ? [raw[2], raw[3]].map((v) => Math.exp(0.5 * Math.min(10, Math.max(-20, v)))) : null;
    return { place: [raw[0], raw[1]], sigma };
  }

  // Writes the picture at (x, y) into a canvas, whatever its size was.
  show(canvas, x, y) {
    if (canvas.width !== this.width || canvas.height !== this.height)
      Object.assign(canvas, { width: this.width, height: this.height });
    canvas.image =
      canvas.image?.width === this.width && canvas.image.height === this.height
        ? canvas.image
        : new ImageData(this.width, this.height);
    canvas.getContext("2d").putImageData(this.pixels(x, y, canvas.image), 0, 0);
  }
}
