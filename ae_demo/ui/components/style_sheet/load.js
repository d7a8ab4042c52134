// The model and the example pictures of a style sheet.

import { fetchBundle } from "../base/bundle.js";
import { ConditionalModel } from "./model.js";

// `file`, `examples`: the paths of both bundles. A promise of { model, examples: [{ picture, label }] }, each picture
// (C·H·W,) in [0, 1].
export async function loadSheet({ file, examples }) {
  const [weights, given] = await Promise.all([fetchBundle(file), fetchBundle(examples)]);
  const model = new ConditionalModel(weights);
  const [pixels, labels] = [given.array("pictures"), given.array("labels")];
  const size = model.channels * model.width * model.height;
  const pictureAt = (i) => Float32Array.from(pixels.subarray(i * size, (i + 1) * size), (v) => v / 255);
  return { model, examples: Array.from(labels, (label, i) => ({ label, picture: pictureAt(i) })) };
}
