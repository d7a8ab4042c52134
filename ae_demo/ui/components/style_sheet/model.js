// A class-conditional model in the page: encoder and decoder read a one-hot label after the picture, or after z.

import { affine } from "../base/affine.js";
import { Mlp } from "../latent_map/mlp.js";

const softplus = (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

export class ConditionalModel extends Mlp {
  get latent() {
    return this.code - this.classes;
  }

  get labels() {
    return Array.from({ length: this.classes }, (_, label) => label);
  }

  // The decoder's output before its activation, of a style as a class.
  raw(z, label) {
    return Mlp.run(this.decoder, this.withLabel(z, label)).slice();
  }

  // The same of each of some styles as the class at its place, computed together, which takes half the time.
  rawOfEach(styles, labels) {
    return Mlp.runMany(
      this.decoder,
      styles.map((z, i) => this.withLabel(z, labels[i])),
    );
  }

  // The same of a style as every class.
  rawOfAll(z) {
    return this.rawOfEach(Array(this.classes).fill(z), this.labels);
  }

  // Numbers, followed by a label as a one-hot vector.
  withLabel(numbers, label) {
    const given = new Float32Array(numbers.length + this.classes);
    given.set(numbers);
    given[numbers.length + label] = 1;
    return given;
  }

  // The picture of a style as a class, written into ImageData of its size.
  paint(z, label, image) {
    return this.paintRaw(this.raw(z, label), image);
  }

  // The picture of an output of the decoder, likewise.
  paintRaw(raw, image) {
    const area = this.width * this.height;
    const grey = (v) => 255 * (this.output === "sigmoid" ? 1 / (1 + Math.exp(-v)) : Math.min(1, Math.max(0, v)));
    for (let i = 0; i < 4 * area; i++)
      image.data[i] = i % 4 === 3 ? 255 : Math.round(grey(raw[(i >> 2) + (this.channels === 3 ? (i % 4) * area : 0)]));
    return image;
  }

  // The mean z of q(z|x, y), and the score −ELBO in nats from that mean, of a picture (C·H·W,) in [0, 1].
  assume(picture, label) {
    return this.assumeEach(picture, [label])[0];
  }

  // For each class, `assume`, and the probability that the picture is of it: p(y|x) ∝ exp(ELBO).
  infer(picture) {
    const found = this.assumeEach(picture, this.labels);
    const best = Math.min(...found.map(({ score }) => score));
    const sum = found.reduce((total, { score }) => total + Math.exp(best - score), 0);
    return found.map((each) => ({ ...each, probability: Math.exp(best - each.score) / sum }));
  }

  // `assume` with each of some labels, computed together.
  assumeEach(picture, labels) {
    const made = this.encodeWith(picture, labels);
    const styles = made.map((numbers) => numbers.slice(0, this.latent));
    const raws = this.rawOfEach(styles, labels);
    return styles.map((z, i) => ({ z, score: this.divergence(z, made[i]) + crossEntropy(raws[i], picture) }));
  }

  // The encoder's outputs for a picture with each of some labels. What its first layer sums of the picture is the same
  // with all of them.
  encodeWith(picture, labels) {
    const [{ size, given, weight, bias, apply }, ...rest] = this.encoder;
    const unlabelled = new Float32Array(given);
    unlabelled.set(picture);
    const sums = affine(weight, bias, unlabelled, new Float32Array(size));
    const hidden = labels.map((label) =>
      sums.map((sum, row) => {
        const value = sum + weight[row * given + picture.length + label];
        return apply ? apply(value) : value;
      }),
    );
    return Mlp.runMany(rest, hidden);
  }

  // KL(q(z|x, y) ‖ N(0, I)) in nats.
  divergence(z, made) {
    return z.reduce((sum, mean, i) => {
      const logvar = Math.min(10, Math.max(-20, made[this.latent + i]));
      return sum + 0.5 * (mean * mean + Math.expm1(logvar) - logvar);
    }, 0);
  }
}

// −log p(x|z, y) in nats, of an output of the decoder before its activation.
function crossEntropy(raw, picture) {
  let sum = 0;
  for (let i = 0; i < raw.length; i++) sum += softplus(raw[i]) - raw[i] * picture[i];
  return sum;
}
