// The labels of the axes.
export const short = (number) => {
  const size = Math.abs(number);
  return size && (size < 0.001 || size >= 1e5) ? number.toExponential(1) : String(Number(number.toPrecision(3)));
};

// Round numbers about `wanted` of which lie between low and high.
export function steps(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

export function decades(low, high) {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => Number(`1e${from + i}`));
  const digits = powers.length > 3 ? [1] : [1, 2, 5];
  return powers.flatMap((power) => digits.map((digit) => digit * power)).filter((n) => n >= low && n <= high);
}
