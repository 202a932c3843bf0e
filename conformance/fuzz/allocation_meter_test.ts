import assert from "node:assert/strict";
import { AllocationMeter } from "./allocation_meter.ts";

/** What the meter counts while `run` runs. */
function metered(run: () => void): { largest: number; total: number } {
  const meter = new AllocationMeter();
  meter.install();
  try {
    meter.reset(Infinity);
    run();
    return { largest: meter.largest, total: meter.total };
  } finally {
    meter.uninstall();
  }
}

Deno.test("AllocationMeter counts buffers, typed arrays and arrays, however they are made", () => {
  const source = Uint16Array.of(1, 2, 3), floats = new Float64Array(2);
  assert.deepEqual(metered(() => void new ArrayBuffer(7)), { largest: 7, total: 7 });
  assert.deepEqual(metered(() => void new Uint32Array(7)), { largest: 28, total: 28 });
  assert.deepEqual(metered(() => void new Uint32Array(source)), { largest: 12, total: 12 });
  assert.deepEqual(metered(() => void new Array(5)), { largest: 40, total: 40 });
  assert.deepEqual(metered(() => void source.slice(1)), { largest: 4, total: 4 });
  assert.deepEqual(metered(() => void floats.map((x) => x)), { largest: 16, total: 16 });
  assert.equal(metered(() => void Uint8Array.from([1, 2, 3])).largest, 3);
  assert.equal(metered(() => void Array.from({ length: 9 })).largest, 72);
});

Deno.test("AllocationMeter does not count views", () => {
  const buffer = new ArrayBuffer(100), bytes = new Uint8Array(buffer);
  const views = () => [new Uint32Array(buffer, 4, 2), bytes.subarray(10, 90), new DataView(buffer)];
  assert.deepEqual(metered(() => void views()), { largest: 0, total: 0 });
});

Deno.test("AllocationMeter leaves everything as it was", () => {
  const before = [Uint8Array, Array, ArrayBuffer, Uint8Array.prototype.constructor];
  metered(() => {
    assert.notEqual(globalThis.Uint8Array, before[0]);
    assert.ok(new Uint8Array(3) instanceof Uint8Array);
    assert.ok(Array.isArray(new Array(3)));
    assert.equal(new Uint8Array(3).constructor.name, "Uint8Array");
  });
  assert.deepEqual([Uint8Array, Array, ArrayBuffer, Uint8Array.prototype.constructor], before);
});
