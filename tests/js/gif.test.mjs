// The GIF encoder: what Pillow reads back is checked by tests/js/test_js.py; here the codes themselves.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test from "node:test";
import { compress, makeGif } from "../../ae_demo/ui/components/latent_path/gif.js";

// LZW decoding as in the standard, kept apart from the encoder.
function decompress(bytes) {
  const out = [];
  let [table, size, hold, held, at, before] = [[], 9, 0, 0, 0, null];
  const clear = () => {
    table = Array.from({ length: 258 }, (_, i) => [i]);
    [size, before] = [9, null];
  };
  clear();
  for (;;) {
    while (held < size) {
      hold |= bytes[at++] << held;
      held += 8;
    }
    const code = hold & ((1 << size) - 1);
    hold >>>= size;
    held -= size;
    if (code === 257) return out;
    if (code === 256) {
      clear();
      continue;
    }
    const entry = table[code] ?? [...before, before[0]];
    out.push(...entry);
    if (before && table.length < 4096) table.push([...before, entry[0]]);
    if (table.length === 1 << size && size < 12) size++;
    before = entry;
  }
}

test("what is compressed comes back, also beyond a full table", () => {
  let state = 1;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) % 256;
  const cases = [
    [7],
    Array(5000).fill(3),
    Array.from({ length: 20_000 }, random),
    Array.from({ length: 3000 }, (_, i) => i % 5),
  ];
  for (const indices of cases) assert.deepEqual(decompress(compress(Uint8Array.from(indices))), [...indices]);
});

test("a file has its frames, for Pillow to read", async () => {
  const frame = (grey) =>
    Uint8ClampedArray.from({ length: 4 * 12 * 8 }, (_, i) => (i % 4 === 3 ? 255 : (grey + i) % 256));
  for (const colour of [false, true]) {
    const blob = makeGif([frame(10), frame(90), frame(200)], 12, 8, 7, colour);
    assert.equal(blob.type, "image/gif");
    writeFileSync(
      `${process.env.AE_FIXTURES}/${colour ? "colour" : "grey"}.gif`,
      Buffer.from(await blob.arrayBuffer()),
    );
  }
});
