// The geometry of the chart: its scale, and the outlines of its bars in a view box 100 high and one wide for each bar.

// The range of all numbers in `lists`, which includes zero: {high, low, span}.
export function rangeOf(lists) {
  let high = 0;
  let low = 0;
  for (const list of lists)
    for (const value of list) {
      high = Math.max(high, value);
      low = Math.min(low, value);
    }
  return { high, low, span: high - low || 1 };
}

// The height of a number in the view box, from its top.
export const heightOf = (number, { high, span }) => ((high - number) / span) * 100;

// The outline of bar `i`; `gap`: the room on each side, as a share of its width.
export function barPath(i, value, range, gap) {
  const zero = heightOf(0, range);
  return `M${i + gap} ${zero}V${heightOf(value, range).toFixed(3)}H${i + 1 - gap}V${zero}Z`;
}

// The numbers beside the chart as [name, number]. Zero is written once, and left out where an end would cover it.
export function marksOf({ high, low, span }) {
  const crowded = high && low && Math.min(high, -low) / span < 0.1;
  return [
    ["high", high || null],
    ["zero", crowded ? null : 0],
    ["low", low || null],
  ];
}
