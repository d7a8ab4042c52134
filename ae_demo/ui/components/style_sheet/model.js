// A class-conditional model in the page: encoder and decoder read a one-hot label after the picture, or after z.

import { Mlp } from "../latent_map/mlp.js";

const softplus = (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

export class ConditionalModel extends Mlp {
  get latent() {
    return this.code - this.classes;
  }

  // The decoder's output before its activation; valid until the next call.
  raw(z, label) {
    const given = new Float32Array(this.code);
    given.set(z);
    given[this.latent + label] = 1;
    return Mlp.run(this.decoder, given);
  }

  // The picture of a style as a class, written into ImageData of its size.
  paint(z, label, image) {
    const raw = this.raw(z, label);
    const area = this.width * this.height;
    const grey = (v) => 255 * (this.output === "sigmoid" ? 1 / (1 + Math.exp(-v)) : Math.min(1, Math.max(0, v)));
    for (let i = 0; i < 4 * area; i++)
      image.data[i] = i % 4 === 3 ? 255 : Math.round(grey(raw[(i >> 2) + (this.channels === 3 ? (i % 4) * area : 0)]));
    return image;
  }

  // The mean and log variance of q(z|x, y), and −ELBO in nats from that mean, of a picture (C·H·W,) in [0, 1].
  assume(picture, label) {
    const given = new Float32Array(picture.length + this.classes);
    given.set(picture);
    given[picture.length + label] = 1;
    const made = Mlp.run(this.encoder, given);
    const z = made.slice(0, this.latent);
    let score = 0;
    for (let i = 0; i < this.latent; i++) {
      const logvar = Math.min(10, Math.max(-20, made[this.latent + i]));
      score += 0.5 * (z[i] * z[i] + Math.expm1(logvar) - logvar);
    }
    const raw = this.raw(z, label);
    for (let i = 0; i < raw.length; i++) score += softplus(raw[i]) - raw[i] * picture[i];
    return { z, score };
  }

  // For each class, `assume`, and the probability that the picture is of it: p(y|x) ∝ exp(ELBO).
  infer(picture) {
    const found = Array.from({ length: this.classes }, (_, label) => this.assume(picture, label));
    const best = Math.min(...found.map(({ score }) => score));
    const sum = found.reduce((total, { score }) => total + Math.exp(best - score), 0);
    return found.map((each) => ({ ...each, probability: Math.exp(best - each.score) / sum }));
  }
}
