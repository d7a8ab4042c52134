// out = W x + b, of a layer: W is (rows, given) in one array, b may be null. Four sums at a time are faster than one.
export function affine(weight, bias, x, out) {
  const given = x.length;
  for (let row = 0, at = 0; row < out.length; row++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i + 3 < given; i += 4, at += 4) {
      a += weight[at] * x[i];
      b += weight[at + 1] * x[i + 1];
      c += weight[at + 2] * x[i + 2];
      d += weight[at + 3] * x[i + 3];
    }
    for (; i < given; i++, at++) a += weight[at] * x[i];
    out[row] = a + b + c + d + (bias ? bias[row] : 0);
  }
  return out;
}

// The same of several inputs, five at a time, which takes half the time.
export function affineOfMany(weight, bias, inputs, outputs) {
  const whole = inputs.length - (inputs.length % 5);
  for (let first = 0; first < whole; first += 5)
    affineOfFive(weight, bias, inputs.slice(first, first + 5), outputs.slice(first, first + 5));
  for (let i = whole; i < inputs.length; i++) affine(weight, bias, inputs[i], outputs[i]);
  return outputs;
}

// Two rows at once: each weight that is read is used five times, and each number of an input twice.
function affineOfFive(weight, bias, [v, w, x, y, z], outputs) {
  const given = v.length;
  const rows = outputs[0].length;
  const paired = rows - (rows % 2);
  for (let row = 0; row < paired; row += 2) {
    let a = bias ? bias[row] : 0;
    let f = bias ? bias[row + 1] : 0;
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let g = f;
    let h = f;
    let k = f;
    let l = f;
    for (let i = 0, at = row * given; i < given; i++, at++) {
      const upper = weight[at];
      const lower = weight[at + given];
      const vi = v[i];
      const wi = w[i];
      const xi = x[i];
      const yi = y[i];
      const zi = z[i];
      a += upper * vi;
      b += upper * wi;
      c += upper * xi;
      d += upper * yi;
      e += upper * zi;
      f += lower * vi;
      g += lower * wi;
      h += lower * xi;
      k += lower * yi;
      l += lower * zi;
    }
    [a, b, c, d, e].forEach((sum, i) => (outputs[i][row] = sum));
    [f, g, h, k, l].forEach((sum, i) => (outputs[i][row + 1] = sum));
  }
  if (paired === rows) return;
  const [last, shift] = [weight.subarray(paired * given), bias?.subarray(paired)];
  [v, w, x, y, z].forEach((input, i) => affine(last, shift, input, outputs[i].subarray(paired)));
}
