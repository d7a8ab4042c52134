// The scales of the chart: bounds and positions.

// The range of the lines' points with their spread, a little wider; `log` scales by factors.
export function rangeOf(lines, axis, log) {
  const values = lines.flatMap(({ points }) =>
    points.flatMap((point) => (axis ? [point[1] - (point[2] ?? 0), point[1] + (point[2] ?? 0)] : [point[0]])),
  );
  const known = log ? values.filter((value) => value > 0) : values;
  let [low, high] = [Math.min(...known), Math.max(...known)];
  if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
  const more = axis ? 0.06 : 0;
  if (log) return [low / (high / low) ** more, high * (high / low) ** more];
  return [low - (high - low) * more, high + (high - low) * more];
}

// Where a value lies in a range: 0 at its low end, 1 at its high end.
export function shareOf(value, [low, high], log) {
  const f = log ? Math.log : (number) => number;
  return (f(log ? Math.max(value, low) : value) - f(low)) / (f(high) - f(low));
}

// The x of all lines, rising, each once.
export const stopsOf = (lines) =>
  [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
