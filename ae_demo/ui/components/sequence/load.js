// The sequences of a `sequence_value`: their arrays, and the decoder that runs in the page.

import { bytesOf, fetchBundle, readBundle } from "../base/bundle.js";
import { SequenceDecoder } from "./decoder.js";

export const CHANNEL = "sequences";

const bundles = new Map(); // of decoders, by path
function load(path) {
  if (!bundles.has(path)) {
    const fetched = fetchBundle(path);
    fetched.catch(() => bundles.delete(path));
    bundles.set(path, fetched);
  }
  return bundles.get(path);
}

const decoders = new WeakMap();
function decoderOf(bundle) {
  if (!decoders.has(bundle)) decoders.set(bundle, new SequenceDecoder(bundle));
  return decoders.get(bundle);
}

const decoded = (text) => readBundle(bytesOf(text).buffer);

// { decoder, count, x(i), code(i), low, high (of the bars), scores, signal, starts, …what Python says }
export async function loadSequences(value) {
  const decoder = decoderOf(await load(value.model));
  const items = decoded(value.items);
  const has = (name) => name in items.header.arrays;
  const x = items.array("x");
  const codes = items.array("codes");
  const spread = items.array("spread");
  const [count, width] = items.header.arrays.x.shape;
  const numbers = decoder.code;
  return {
    ...value,
    decoder,
    count,
    x: (i) => x.subarray(i * width, (i + 1) * width),
    code: (i) => codes.subarray(i * numbers, (i + 1) * numbers),
    bars: { low: spread.subarray(0, numbers), high: spread.subarray(numbers) },
    scores: items.array("scores"),
    signal: has("signal") ? items.array("signal") : null,
    starts: has("starts") ? items.array("starts") : null,
  };
}
