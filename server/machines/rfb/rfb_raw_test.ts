import assert from "node:assert/strict";
import type { RfbOutput } from "./rfb_output.ts";
import { RfbRaw } from "./rfb_raw.ts";
import type { Reading } from "./rfb_reader.ts";

/** Reads rectangles at 5, 7 and keeps heights of bands; each pixel of a band is told to be its number. */
function bands(raw: RfbRaw, width: number, height: number): { heights: number[]; memory: Set<ArrayBufferLike> } {
  const outputs: RfbOutput[] = [], memory = new Set<ArrayBufferLike>();
  const reading: Reading<void> = raw.read({ left: 5, top: 7, right: 5 + width, bottom: 7 + height }, (output) => {
    outputs.push(output);
  });
  let top = 7;
  const heights: number[] = [];
  for (let step = reading.next(); !step.done; step = reading.next(new Uint8Array(0))) {
    assert.ok("fill" in step.value);
    const { fill } = step.value, words = new Uint32Array(fill.buffer, fill.byteOffset, fill.length / 4);
    for (let i = 0; i < words.length; i++) words[i] = i;
    memory.add(fill.buffer);
    heights.push(fill.length / 4 / width);
  }
  for (const [i, output] of outputs.entries()) {
    assert.ok(output.do === "pixels");
    assert.deepEqual(output.area, { left: 5, top, right: 5 + width, bottom: top += heights[i]! });
    assert.equal(output.pixels.length, width * heights[i]!);
    assert.equal(output.pixels.at(-1), output.pixels.length - 1);
  }
  return { heights, memory };
}

Deno.test("RfbRaw cuts a rectangle into bands of whole rows", () => {
  assert.deepEqual(bands(new RfbRaw(), 1000, 200).heights, [65, 65, 65, 5]);
  assert.deepEqual(bands(new RfbRaw(), 3, 2).heights, [2]);
  assert.deepEqual(bands(new RfbRaw(), 70_000, 2).heights, [1, 1]);
});

Deno.test("RfbRaw reads nothing of an empty rectangle", () => {
  assert.deepEqual(bands(new RfbRaw(), 0, 9).heights, []);
  assert.deepEqual(bands(new RfbRaw(), 9, 0).heights, []);
});

Deno.test("RfbRaw uses the same memory again, and more where a row is longer", () => {
  const raw = new RfbRaw(), first = bands(raw, 100, 1000).memory;
  assert.equal(first.size, 1);
  assert.deepEqual(bands(raw, 16, 16).memory, first);
  assert.deepEqual([...bands(raw, 70_000, 1).memory].map((one) => one.byteLength), [280_000]);
});
