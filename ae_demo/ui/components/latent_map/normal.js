// The normal distribution, for axes of quantiles.

// Φ(z), by the complementary error function (Numerical Recipes' Chebyshev fit, 1.2e-7), and its inverse, by Acklam's
// rational approximation (1.2e-9), held away from 0 and 1.
export function normalShare(z) {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * x);
  const fit = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ];
  const tail = 0.5 * t * Math.exp(-x * x + fit.reduce((sum, c) => sum * t + c, 0));
  return z > 0 ? 1 - tail : tail;
}

export function normalQuantile(share) {
  const p = Math.min(1 - 1e-5, Math.max(1e-5, share));
  const poly = (all, v) => all.reduce((sum, c) => sum * v + c, 0);
  const c = [
    -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  if (p < 0.02425 || p > 0.97575) {
    const q = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
    return (p < 0.5 ? 1 : -1) * (poly(c, q) / poly(d, q));
  }
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const q = p - 0.5;
  return (poly(a, q * q) * q) / poly(b, q * q);
}
