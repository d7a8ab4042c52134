// The arithmetic of thresholds: quantiles, the confusion table, the ROC curve, bins, and the samples of the galleries.

export function quantile(sorted, share) {
  const at = Math.max(0, Math.min(1, share)) * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

// The share, in [0, 1], of the sorted numbers that are at most `value`.
export function shareBelow(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}

export function confusion(scores, labels, threshold) {
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  scores.forEach((score, i) => {
    counts[score > threshold ? (labels[i] ? "tp" : "fp") : labels[i] ? "fn" : "tn"] += 1;
  });
  const { tp, fp, fn } = counts;
  const precision = tp / Math.max(1, tp + fp);
  const recall = tp / Math.max(1, tp + fn);
  return { ...counts, precision, recall, f1: (2 * tp) / Math.max(1, 2 * tp + fp + fn) };
}

// Points [share of normal samples flagged, share of anomalies flagged] over all thresholds, and the area under them;
// equal scores are flagged together. `area` is null if one kind is missing.
export function rocCurve(scores, labels) {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const anomalies = labels.reduce((sum, label) => sum + (label ? 1 : 0), 0);
  const normal = labels.length - anomalies;
  if (!anomalies || !normal) return { points: [], area: null };
  const points = [[0, 0]];
  let [tp, fp, area] = [0, 0, 0];
  order.forEach((i, rank) => {
    if (labels[i]) tp += 1;
    else fp += 1;
    if (rank + 1 < order.length && scores[order[rank + 1]] === scores[i]) return;
    const [x, y] = points.at(-1);
    points.push([fp / normal, tp / anomalies]);
    area += ((fp / normal - x) * (tp / anomalies + y)) / 2;
  });
  return { points, area };
}

// Counts in equal bins of a logarithmic axis where all scores are above zero and span more than a decade.
export function histogram(scores, labels, threshold, count = 48) {
  const all = [...scores, threshold].filter(Number.isFinite);
  let [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const log = low > 0 && high / low > 10;
  const f = log ? Math.log : (number) => number;
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const [from, span] = [f(low), f(high) - f(low)];
  const place = (score) => Math.max(0, Math.min(1, (f(Math.max(score, log ? 1e-300 : score)) - from) / span));
  const value = (share) => (log ? Math.exp(from + share * span) : from + share * span);
  const bins = [new Array(count).fill(0), new Array(count).fill(0)]; // normal, or unknown; anomalies
  scores.forEach((score, i) => {
    bins[labels?.[i] ? 1 : 0][Math.min(count - 1, Math.floor(place(score) * count))] += 1;
  });
  return { bins, place, value, low, high, log };
}

// Indices of the samples of each gallery, `count` each.
export function galleries(scores, threshold, count) {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let near = order.findIndex((i) => scores[i] > threshold);
  if (near < 0) near = order.length;
  const start = Math.max(0, Math.min(order.length - count, near - Math.floor(count / 2)));
  return {
    normal: order.slice(0, count),
    nearest: order.slice(start, start + count),
    anomalous: order.slice(-count).reverse(),
  };
}

// A table of all samples as CSV, the most unusual first.
export function toCsv({ scores, names, labels }, threshold) {
  const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const lines = order.map((i) =>
    [
      quote(names[i] ?? String(i + 1)),
      scores[i],
      threshold,
      scores[i] > threshold ? 1 : 0,
      ...(labels ? [labels[i]] : []),
    ].join(),
  );
  return `${[`sample,score,threshold,anomaly${labels ? ",label" : ""}`, ...lines].join("\n")}\n`;
}
