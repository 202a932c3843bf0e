import assert from "node:assert/strict";
import { GlzReader } from "./glz_reader.ts";
import { type GlzOptions, GlzWriter } from "./glz_stream.ts";
import { LzImageType } from "./lz_stream.ts";
import { noise, noiseAt, pictureOf } from "./pictures.ts";
import { referenceStreams } from "./reference_streams.ts";

Deno.test("GlzReader reads what GlzWriter writes, and what the reference does", () => {
  const picture = pictureOf(120, 90, (x, y) => noiseAt(x < 60 ? x : x >> 4, x < 60 ? y : y >> 3, 1));
  for (const type of [LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA]) {
    const writer = new GlzWriter(), reader = new GlzReader();
    for (const reach of ["none", "inside", 1, 2, 3] as const) reader.read(writer.write(picture, { type, reach }));
  }
  const reader = new GlzReader();
  for (const { bytes, width, height } of referenceStreams("glz")) {
    const head = reader.read(bytes);
    assert.deepEqual([head.width, head.height], [width, height]);
  }
});

Deno.test("GlzReader fails at references that a client could not follow", () => {
  const fails = (reason: RegExp, ...ways: readonly GlzOptions[]) => {
    const writer = new GlzWriter(), reader = new GlzReader();
    for (const way of ways.slice(0, -1)) reader.read(writer.write(noise(20, 20, 1), way));
    assert.throws(() => reader.read(writer.write(noise(20, 20, 1), ways.at(-1)!)), reason);
  };
  fails(/refers 1 images back, its window begins 0 back/, {}, { reach: 1, winHeadDist: 0 });
  fails(/refers to image 0, which the client does not have/, {}, { winHeadDist: 0 }, { reach: 2, winHeadDist: 2 });
  fails(/begins 5 images before it/, { winHeadDist: 5 });
  fails(/begins with 0x0/, { header: { magic: 0 } });
  const writer = new GlzWriter(), stream = writer.write(noise(20, 20, 1));
  assert.throws(() => new GlzReader().read(stream.subarray(0, 200)), /ends/);
  const again = new GlzReader();
  again.read(stream);
  assert.throws(() => again.read(stream), /comes after image 0/);
});
