// The decoder of a sequence-to-sequence autoencoder in the page, as ae_demo/models/seq2seq.py has it: the state is made
// from the code, which is also the input of the LSTM at every step, with the cosines of the time step.

import { affine } from "../base/affine.js";

const sigmoid = (v) => 1 / (1 + Math.exp(-v));
const tanh = (v) => 2 / (1 + Math.exp(-2 * v)) - 1; // three times as fast as Math.tanh
const clamp = (v) => Math.min(1, Math.max(0, v));

export class SequenceDecoder {
  // `bundle`: what readBundle returns for a file written by export_sequence_decoder
  constructor({ header, array }) {
    Object.assign(this, header);
    this.fromCode = [array("from_code.weight"), array("from_code.bias")];
    this.toOutput = [array("to_output.weight"), array("to_output.bias")];
    this.linear = this.linear_path ? [array("linear_decoder.weight"), array("linear_decoder.bias")] : null;
    this.cells = Array.from({ length: this.layers }, (_, layer) => ({
      input: array(`decoder.weight_ih_l${layer}`),
      recurrent: array(`decoder.weight_hh_l${layer}`),
      bias: array(`decoder.bias_ih_l${layer}`).map((v, i) => v + array(`decoder.bias_hh_l${layer}`)[i]),
    }));
    this.fixed = this.timeParts();
  }

  // What the cosines of the time step add to the gates of the first layer, the same for every code: (T, 4·hidden).
  timeParts() {
    const { steps, code, time_features: count, cells, hidden } = this;
    const given = code + count;
    return Array.from({ length: steps }, (_, t) => {
      const part = Float32Array.from(cells[0].bias);
      for (let k = 1; k <= count; k++) {
        const cosine = Math.cos((Math.PI * k * (t + 0.5)) / steps);
        for (let row = 0; row < 4 * hidden; row++) part[row] += cells[0].input[row * given + code + k - 1] * cosine;
      }
      return part;
    });
  }

  // The output before its activation, (T·features,); for symbols, logits.
  raw(z) {
    const { hidden, layers, features, steps, code, time_features: count } = this;
    const state = affine(...this.fromCode, z, new Float32Array(2 * layers * hidden)).map(Math.tanh);
    const h = Array.from({ length: layers }, (_, l) => state.slice(l * hidden, (l + 1) * hidden));
    const c = Array.from({ length: layers }, (_, l) => state.slice((layers + l) * hidden, (layers + l + 1) * hidden));
    const fromZ = new Float32Array(4 * hidden);
    for (let row = 0; row < 4 * hidden; row++)
      for (let i = 0; i < code; i++) fromZ[row] += this.cells[0].input[row * (code + count) + i] * z[i];
    const gates = new Float32Array(4 * hidden);
    const below = new Float32Array(4 * hidden);
    const out = this.linear ? affine(...this.linear, z, new Float32Array(steps * features)) : null;
    const raw = out ?? new Float32Array(steps * features);
    const step = new Float32Array(features);
    for (let t = 0; t < steps; t++) {
      for (let layer = 0; layer < layers; layer++) {
        const cell = this.cells[layer];
        const [state, memory] = [h[layer], c[layer]];
        affine(cell.recurrent, null, state, gates);
        const given = layer ? affine(cell.input, cell.bias, h[layer - 1], below) : fromZ;
        for (let row = 0; row < gates.length; row++) gates[row] += given[row];
        if (!layer) for (let row = 0, fixed = this.fixed[t]; row < gates.length; row++) gates[row] += fixed[row];
        for (let j = 0; j < hidden; j++) {
          const candidate = sigmoid(gates[j]) * tanh(gates[2 * hidden + j]);
          memory[j] = sigmoid(gates[hidden + j]) * memory[j] + candidate;
          state[j] = sigmoid(gates[3 * hidden + j]) * tanh(memory[j]);
        }
      }
      affine(...this.toOutput, h[layers - 1], step);
      for (let f = 0; f < features; f++) raw[t * features + f] += step[f];
    }
    return raw;
  }

  // A series in [0, 1], (T·features,); of symbols, the probability of each at each step, (T·symbols,).
  decode(z) {
    const raw = this.raw(z);
    if (!this.symbols) return raw.map(this.output === "sigmoid" ? sigmoid : clamp);
    for (let t = 0; t < this.steps; t++) {
      const row = raw.subarray(t * this.symbols, (t + 1) * this.symbols);
      const top = Math.max(...row);
      let sum = 0;
      for (let s = 0; s < row.length; s++) sum += row[s] = Math.exp(row[s] - top);
      for (let s = 0; s < row.length; s++) row[s] /= sum;
    }
    return raw;
  }
}
