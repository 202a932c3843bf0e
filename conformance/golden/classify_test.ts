/** What `classify` says of real screens, beside what the codecs make of them. */
import assert from "node:assert/strict";
import { decodePng } from "../../cli/png.ts";
import { classify, type DecodedImage, encodeLzRgb32, encodeQuic, QuicType } from "../../mod.ts";

async function screen(name: string): Promise<DecodedImage> {
  const url = new URL(`../vectors/codecs/reference/images/${name}.png`, import.meta.url);
  return decodePng(await Deno.readFile(url));
}

function part({ width, pixels }: DecodedImage, x: number, y: number, columns: number, rows: number): Uint32Array {
  const cut = new Uint32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const from = (y + row) * width + x;
    cut.set(pixels.subarray(from, from + columns), row * columns);
  }
  return cut;
}

Deno.test("classify() picks the smaller of LZ and QUIC for every part of the reference screens", async () => {
  for (const name of ["docs", "photo", "sheet"]) {
    const image = await screen(name);
    for (const [columns, rows] of [[64, 32], [256, 128], [300, 20]] as const) {
      for (let y = 0; y + rows <= image.height; y += rows * 7) {
        for (let x = 0; x + columns <= image.width; x += columns * 3) {
          const pixels = part(image, x, y, columns, rows);
          const lz = encodeLzRgb32(pixels, columns, rows).length;
          const quic = encodeQuic(pixels, columns, rows, QuicType.RGB32).length;
          // One colour, or nearly: either is a few bytes.
          if (Math.max(lz, quic) < 100) continue;
          assert.equal(classify(pixels, columns).kind, quic < lz ? "photo" : "drawing", `${name} at ${x},${y}`);
        }
      }
    }
  }
});

Deno.test("classify() sees a photograph beside a blank page", async () => {
  const photo = await screen("photo"), page = new Uint32Array(400 * 200).fill(0xffffff);
  assert.equal(classify(page, 400).kind, "drawing");
  const piece = part(photo, 300, 200, 100, 200);
  for (let row = 0; row < 200; row++) page.set(piece.subarray(row * 100, row * 100 + 100), row * 400 + 20);
  const { kind, repeated } = classify(page, 400);
  assert.equal(kind, "photo");
  assert.ok(repeated > 0.7);
  assert.ok(encodeQuic(page, 400, 200, QuicType.RGB32).length < encodeLzRgb32(page, 400, 200).length);
});
