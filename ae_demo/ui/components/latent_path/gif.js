// An endless GIF89a of RGBA frames of one size: 256 greys, or for pictures in colour 8 × 8 × 4 colours. LZW as in the
// standard: codes grow from 9 to 12 bits, and the table begins anew when it is full.

export function makeGif(frames, width, height, centiseconds, colour) {
  const bytes = [];
  const word = (n) => bytes.push(n & 255, n >> 8);
  bytes.push(..."GIF89a".split("").map((c) => c.charCodeAt(0)));
  word(width);
  word(height);
  bytes.push(0xf7, 0, 0); // a table of 256 colours for all frames
  for (let i = 0; i < 256; i++)
    bytes.push(
      ...(colour ? [((i >> 5) * 255) / 7, (((i >> 2) & 7) * 255) / 7, ((i & 3) * 255) / 3].map(Math.round) : [i, i, i]),
    );
  bytes.push(0x21, 0xff, 11, ..."NETSCAPE2.0".split("").map((c) => c.charCodeAt(0)), 3, 1, 0, 0, 0);
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0);
    word(centiseconds);
    bytes.push(0, 0, 0x2c, 0, 0, 0, 0);
    word(width);
    word(height);
    bytes.push(0, 8);
    const packed = compress(indexOf(frame, colour));
    for (let at = 0; at < packed.length; at += 255) {
      const block = packed.slice(at, at + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return new Blob([Uint8Array.from(bytes)], { type: "image/gif" });
}

function indexOf(frame, colour) {
  const indices = new Uint8Array(frame.length / 4);
  for (let i = 0; i < indices.length; i++) {
    const [r, g, b] = [frame[4 * i], frame[4 * i + 1], frame[4 * i + 2]];
    indices[i] = colour
      ? (Math.round((r * 7) / 255) << 5) | (Math.round((g * 7) / 255) << 2) | Math.round((b * 3) / 255)
      : r;
  }
  return indices;
}

export function compress(indices) {
  const [CLEAR, END] = [256, 257];
  const out = [];
  let table = new Map();
  let [size, next, hold, held] = [9, 258, 0, 0];
  const put = (code) => {
    hold |= code << held;
    for (held += size; held >= 8; held -= 8, hold >>>= 8) out.push(hold & 255);
  };
  put(CLEAR);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const key = (prefix << 8) | indices[i];
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    put(prefix);
    if (next === 4096) {
      put(CLEAR);
      table = new Map();
      [size, next] = [9, 258];
    } else {
      if (next === 1 << size) size++;
      table.set(key, next++);
    }
    prefix = indices[i];
  }
  put(prefix);
  put(END);
  if (held) out.push(hold & 255);
  return out;
}
