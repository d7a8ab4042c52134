// Ways between two places of the plane, each a function from t in [0, 1] to a place.

const straight = (a, b) => (t) => a.map((v, i) => v + t * (b[i] - v));

function spherical(a, b) {
  const [m, n] = [a, b].map((p) => Math.hypot(...p));
  const angle = m * n ? Math.acos(Math.min(1, Math.max(-1, (a[0] * b[0] + a[1] * b[1]) / (m * n)))) : 0;
  const sine = Math.sin(angle);
  if (sine < 1e-4) return straight(a, b); // no arc is shorter than another
  const [u, v] = [(t) => Math.sin((1 - t) * angle) / sine, (t) => Math.sin(t * angle) / sine];
  return (t) => a.map((_, i) => u(t) * a[i] + v(t) * b[i]);
}

// Along a line through `points`, at constant speed.
function along(points) {
  const lengths = [0];
  for (let i = 1; i < points.length; i++) lengths.push(lengths[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]));
  const whole = lengths[lengths.length - 1] || 1;
  return (t) => {
    const at = t * whole;
    let i = lengths.findIndex((length) => length >= at);
    i = Math.max(1, i < 0 ? lengths.length - 1 : i);
    const part = (at - lengths[i - 1]) / (lengths[i] - lengths[i - 1] || 1);
    return straight(points[i - 1], points[i])(Math.min(1, Math.max(0, part)));
  };
}

const sampled = (way, count) => Array.from({ length: count }, (_, i) => way(i / (count - 1)));
