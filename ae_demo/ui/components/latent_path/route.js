// Paths between two points of the plane, each a function from t in [0, 1] to a point.

export const straight = (a, b) => (t) => a.map((v, i) => v + t * (b[i] - v));

// About the origin: angle and distance from it each change evenly. Between opposite places, anticlockwise.
export function spherical(a, b) {
  const [m, n] = [a, b].map((p) => Math.hypot(...p));
  if (!m || !n) return straight(a, b);
  const start = Math.atan2(a[1], a[0]);
  const angle = Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
  return (t) => [Math.cos, Math.sin].map((f) => (m + t * (n - m)) * f(start + t * angle));
}

// Along a line through `points`, at constant speed.
export function along(points) {
  const lengths = [0];
  for (let i = 1; i < points.length; i++)
    lengths.push(lengths[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]));
  const whole = lengths[lengths.length - 1] || 1;
  return (t) => {
    const at = t * whole;
    let i = lengths.findIndex((length) => length >= at);
    i = Math.max(1, i < 0 ? lengths.length - 1 : i);
    const part = (at - lengths[i - 1]) / (lengths[i] - lengths[i - 1] || 1);
    return straight(points[i - 1], points[i])(Math.min(1, Math.max(0, part)));
  };
}

export const sampled = (way, count) => Array.from({ length: count }, (_, i) => way(i / (count - 1)));
