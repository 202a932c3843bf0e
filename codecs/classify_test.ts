import assert from "node:assert/strict";
import { referenceImage } from "../conformance/vectors/codecs/reference.ts";
import { classify } from "./classify.ts";
import { encodeLzRgb32 } from "./lz.ts";
import { encodeQuic, QuicType } from "./quic.ts";

Deno.test("classify() counts shares and colours, and heeds no top byte", () => {
  const noise = Uint32Array.from({ length: 100 * 100 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 8);
  const wild = classify(noise, 100);
  assert.ok(wild.contrasting > 0.9);
  assert.deepEqual([wild.kind, wild.colors], ["drawing", 257]);
  assert.equal(wild.repeated + wild.gradual + wild.contrasting, 1);
  const four = Uint32Array.from({ length: 100 * 100 }, (_, i) => (i << 24 | (i & 3) * 0x404040) >>> 0);
  assert.equal(classify(four, 100).colors, 4);
  const slope = Uint32Array.from({ length: 100 * 100 }, (_, i) => i % 100 + (i / 100 | 0) << 8);
  assert.deepEqual(classify(slope, 100), { kind: "photo", repeated: 0, gradual: 1, contrasting: 0, colors: 197 });
});

Deno.test("classify() takes pictures of any size", () => {
  for (const [width, height] of [[1, 1], [1, 9], [9, 1], [2, 2], [4096, 1]] as const) {
    const { kind } = classify(Uint32Array.from({ length: width * height }, (_, i) => i * 0x303030), width);
    assert.equal(kind, "drawing");
  }
});

Deno.test("classify() of parts of real screens names the kind whose codec takes fewer bytes", () => {
  const kinds = new Map<string, number>();
  for (const source of ["docs", "sheet", "photo"]) {
    for (let x = 0; x + 160 <= 1280; x += 320) {
      for (let y = 0; y + 120 <= 720; y += 240) {
        const { pixels } = referenceImage({ source, crop: [x, y, 160, 120] })!, { kind } = classify(pixels, 160);
        const lz = encodeLzRgb32(pixels, 160, 120).length, quic = encodeQuic(pixels, 160, 120, QuicType.RGB32).length;
        assert.equal(kind, quic < lz ? "photo" : "drawing", `${source} at ${x}, ${y}: LZ ${lz}, QUIC ${quic} bytes`);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
  }
  assert.ok(kinds.get("photo")! >= 10 && kinds.get("drawing")! >= 10, JSON.stringify([...kinds]));
});
