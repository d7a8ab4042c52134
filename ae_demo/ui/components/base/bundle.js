// Bundles of arrays, as ae_demo/export.py writes them.

// The address of a file that the server may show.
export function addressOf(path) {
  const root = (window.gradio_config?.root ?? location.origin).replace(/\/$/, "");
  return `${root}${window.gradio_config?.api_prefix ?? "/gradio_api"}/file=${path}`;
}

// A file named by its hash, so that the browser's cached copy can be used.
export async function fetchFile(path) {
  const response = await fetch(addressOf(path), { cache: "force-cache" });
  if (!response.ok) throw new Error(`${response.status} for ${path.split("/").pop()}`);
  return response;
}

export async function fetchBundle(path) {
  const response = await fetchFile(path);
  return readBundle(await response.arrayBuffer());
}

// Bytes that Python sent as base64; and pixels that it sent so, in [0, 1].
export const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const pixelsOf = (text) => Float32Array.from(bytesOf(text), (v) => v / 255);

export function readBundle(buffer) {
  const bytes = new Uint8Array(buffer);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "AEB1") throw new Error("not a bundle");
  const length = new DataView(buffer).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const array = (name) => {
    const { dtype, shape, offset } = header.arrays[name];
    const size = shape.reduce((a, b) => a * b, 1);
    const kinds = {
      int8: Int8Array,
      uint8: Uint8Array,
      int32: Int32Array,
      uint16: Uint16Array,
      float16: Uint16Array,
      float32: Float32Array,
    };
    const raw = new kinds[dtype](buffer, 8 + length + offset, size);
    return dtype === "float16" ? widen(raw) : raw;
  };
  return { header, array };
}

// Half precision to single: sign, five bits of exponent, ten of mantissa. Looked up, as there are but 65,536.
let singles = null;
function widen(halves) {
  singles ??= Float32Array.from({ length: 65536 }, (_, half) => {
    const exponent = (half >> 10) & 31;
    const mantissa = half & 1023;
    const size =
      exponent === 0
        ? mantissa * 2 ** -24
        : exponent === 31
          ? mantissa
            ? NaN
            : Infinity
          : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    return half & 0x8000 ? -size : size;
  });
  const single = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) single[i] = singles[halves[i]];
  return single;
}
