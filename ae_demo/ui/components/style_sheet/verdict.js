// What the model infers of a picture's label, as a sentence.

// `found`: of each class { score }, its −ELBO in nats, or null without a picture; `accuracy` of the inferred label in
// [0, 1], or null.
export function verdict(found, { nameOf, corrected, accuracy, say }) {
  if (!found) return say("no_source");
  const [best, next] = [...found.keys()].sort((a, b) => found[a].score - found[b].score);
  const sentence = say(corrected ? "corrected" : "inferred")
    .replace("{label}", nameOf(best))
    .replace("{score}", found[best].score.toFixed(1))
    .replace("{next}", nameOf(next))
    .replace("{other}", found[next].score.toFixed(1));
  return accuracy ? `${sentence} ${say("accuracy").replace("{share}", (100 * accuracy).toFixed(1))}` : sentence;
}
