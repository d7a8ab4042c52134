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
