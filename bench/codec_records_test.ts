import assert from "node:assert/strict";
import { readResults, writeRecords } from "./codec_records.ts";

Deno.test("writeRecords() puts five little-endian words before the bytes of each picture", () => {
  const data = Uint8Array.of(7, 8, 9), empty = new Uint8Array(0);
  const bytes = writeRecords([{ type: 8, width: 258, height: 1, topDown: true, data }, {
    type: 9,
    width: 1,
    height: 2,
    topDown: false,
    data: empty,
  }]);
  assert.deepEqual([...bytes.subarray(0, 23)], [8, 0, 0, 0, 2, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 7, 8, 9]);
  assert.deepEqual([...new Uint32Array(bytes.slice(23).buffer)], [9, 1, 2, 0, 0]);
});

Deno.test("readResults() gives each result, empty ones too", () => {
  const bytes = Uint8Array.of(99, 2, 0, 0, 0, 5, 6, 0, 0, 0, 0).subarray(1);
  assert.deepEqual(readResults(bytes, 2).map((result) => [...result]), [[5, 6], []]);
});

Deno.test("readResults() refuses what is cut, and another number of results", () => {
  assert.throws(() => readResults(Uint8Array.of(2, 0, 0, 0, 5), 1), RangeError);
  assert.throws(() => readResults(Uint8Array.of(2, 0), 1), RangeError);
  assert.throws(() => readResults(Uint8Array.of(0, 0, 0, 0), 2), RangeError);
});
