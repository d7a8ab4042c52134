// Which term a text contains.
import assert from "node:assert/strict";
import test from "node:test";
import { finder } from "../../ae_demo/ui/components/terms/find.js";

const TEXTS = {
  pca: "The best linear autoencoder.",
  "pca.words": "PCA",
  size: "How many numbers.",
  "size.words": "维数|numbers in the code",
  threshold: "Above it, a sample is flagged.",
  "threshold.words": "Anomaly threshold|threshold",
  f1: "Harmonic mean.",
  "f1.words": "F1",
};
const find = finder((key) => TEXTS[key], Object.keys(TEXTS));

test("a term is found in a longer text, in any case, and a word is a whole one", () => {
  assert.equal(find("anomaly Threshold (percentile)"), "threshold");
  assert.equal(find("numbers in the code / time steps"), "size");
  assert.equal(find("PCAs"), null);
  assert.equal(find("Raw pixels"), null);
});

test("of several terms the longest is meant, and Chinese words need no spaces", () => {
  assert.equal(find("PCA, numbers in the code"), "size");
  assert.equal(find("编码维数相同"), "size");
  assert.equal(find("编码F1值"), "f1");
});
