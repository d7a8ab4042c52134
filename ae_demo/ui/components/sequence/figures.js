// Figures of a sequence and its reconstruction, independent of the page.

export const ALPHABET = " abcdefghijklmnopqrstuvwxyz";

// Squared errors of a series, (T,): means over its channels.
export function errorsOf(x, made, features) {
  const errors = new Float32Array(x.length / features);
  for (let i = 0; i < x.length; i++) errors[(i / features) | 0] += (x[i] - made[i]) ** 2 / features;
  return errors;
}

// Of each step of a word: the letter given, those of the highest probability, and the surprise at the given one in bits.
export function lettersOf(symbols, probabilities, size = ALPHABET.length) {
  return Array.from(symbols, (symbol, t) => {
    const row = Array.from(probabilities.subarray(t * size, (t + 1) * size), (p, s) => ({ p, letter: ALPHABET[s] }));
    const given = row[symbol];
    row.sort((a, b) => b.p - a.p);
    return { given: given.letter, best: row.slice(0, 3), bits: Math.min(99, -Math.log2(Math.max(given.p, 1e-30))) };
  });
}

// The word of the likeliest letters, and the lowest of their probabilities.
export function wordOf(probabilities, size = ALPHABET.length) {
  let word = "";
  let certainty = 1;
  for (let at = 0; at < probabilities.length; at += size) {
    let best = 0;
    for (let s = 1; s < size; s++) if (probabilities[at + s] > probabilities[at + best]) best = s;
    word += ALPHABET[best];
    certainty = Math.min(certainty, probabilities[at + best]);
  }
  return { word: word.trimEnd(), certainty };
}

export const mean = (values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

// How an error ranks among those of the test set, or of the recording, as a figure; above the threshold it is unusual.
export function standing(error, { quantiles, threshold }, say) {
  if (!quantiles) return [];
  const percentile = percentileOf(error, quantiles);
  const unusual = error > threshold;
  return [[say(unusual ? "unusual" : "usual"), `${percentile.toFixed(percentile > 99 ? 1 : 0)} %`, unusual]];
}

// A path over a box of 1000 × 100 through the values of one channel, of which `bottom` is at the foot, `top` at the head.
export function pathOf(values, bottom, top, features = 1, channel = 0) {
  const steps = values.length / features;
  let path = "";
  for (let t = 0; t < steps; t++) {
    const y = 100 * (1 - (values[t * features + channel] - bottom) / (top - bottom || 1));
    path += `${t ? "L" : "M"}${((1000 * t) / Math.max(1, steps - 1)).toFixed(1)} ${y.toFixed(2)}`;
  }
  return path;
}

// A few round numbers within [low, high].
export function ticks(low, high, most = 4) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => span / s <= most) ?? span;
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * span; n++)
    found.push(Number((n * step).toPrecision(6)));
  return found;
}

// Between which quantiles (the 0th to the 100th percentile) an error lies, in percent.
export function percentileOf(error, quantiles) {
  const above = quantiles.findIndex((q) => q > error);
  if (above < 0) return 100;
  if (above === 0) return 0;
  const [low, high] = [quantiles[above - 1], quantiles[above]];
  return (100 * (above - 1 + (error - low) / (high - low))) / (quantiles.length - 1);
}

export const mix = (a, b, share) => Float32Array.from(a, (v, i) => (1 - share) * v + share * b[i]);

export function short(number) {
  if (!number) return "0";
  const size = Math.abs(number);
  return size < 1e-4 || size >= 1e5 ? number.toExponential(1) : String(Number(number.toPrecision(3)));
}

// A series and its reconstruction as rows of a table, in their own unit: each step with its time in seconds, if the rate is
// known, and the values of each channel.
export function stepsOf(x, made, { decoder: { features }, low = 0, high = 1, rate, length }, say) {
  const count = x.length / features;
  const own = (value) => low + value * (high - low);
  const when = (step) => ((length ?? count) * step) / count / (rate || 1);
  const head = (key) => Array.from({ length: features }, (_, f) => (features > 1 ? `${say(key)} ${f + 1}` : say(key)));
  const values = (all, step) => Array.from(all.slice(step * features, (step + 1) * features), own);
  return [
    [rate ? "s" : "step", ...head("input"), ...head("output")],
    ...Array.from({ length: count }, (_, step) => [when(step), ...values(x, step), ...values(made, step)]),
  ];
}
