import assert from "node:assert/strict";
import { CodecError } from "../../codecs/errors.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { AllocationMeter } from "./allocation_meter.ts";
import { endsInValueOrTypedError, partsPaidFor, sameOutcome, withinMemory, withinTime } from "./oracles.ts";
import { Violation } from "./target.ts";

const thrower = (error: unknown) => (): string => {
  throw error;
};

Deno.test("endsInValueOrTypedError() passes values and errors of ours, and nothing else", () => {
  const remote = new ProtocolError({ code: "truncated", message: "X", detail: "need 4" });
  assert.equal(endsInValueOrTypedError(() => "value"), "value");
  assert.equal(endsInValueOrTypedError(thrower(remote)), "truncated");
  assert.equal(endsInValueOrTypedError(thrower(new CodecError("LZ", "overrun", 3))), "CodecError overrun");
  for (const error of [new TypeError("x"), new RangeError("Invalid array length"), new Error("x"), "x", undefined]) {
    assert.throws(() => endsInValueOrTypedError(thrower(error)), (thrown) => thrown === error);
  }
  const local = new ProtocolError({ by: "local", code: "bad-value", message: "X", detail: "ours" });
  const mute = new ProtocolError({ code: "bad-value", message: "", detail: "x" });
  for (const error of [local, mute]) assert.throws(() => endsInValueOrTypedError(thrower(error)), Violation);
});

Deno.test("withinTime() refuses what takes longer than it may", () => {
  const clock = (times: number[]) => () => times.shift()!;
  assert.deepEqual(withinTime(() => 7, 1000, clock([0, 1000])), { result: 7, ms: 1000 });
  const slow = [0, 1003, 2000, 3001, 4000, 5002];
  assert.throws(() => withinTime(() => 7, 1000, clock(slow)), new Violation("it took 1001 ms, 1000 allowed"));
});

Deno.test("withinTime() does again what seems slow, and takes the best time", () => {
  const clock = (times: number[]) => () => times.shift()!;
  let runs = 0;
  const run = () => ++runs;
  assert.deepEqual(withinTime(run, 1000, clock([0, 5000, 6000, 6010])), { result: 2, ms: 10 });
  assert.deepEqual(withinTime(run, 1000, clock([0, 40, 50, 80, 100, 135]), 20), { result: 5, ms: 30 });
  assert.deepEqual(withinTime(run, 1000, clock([0, 20]), 20), { result: 6, ms: 20 });
});

Deno.test("withinMemory() refuses one allocation that is too large before it is made, and too many", () => {
  const meter = new AllocationMeter();
  meter.install();
  try {
    assert.equal(withinMemory(() => new Uint32Array(25).length, meter, 100, 100), 25);
    assert.throws(() => withinMemory(() => new Uint32Array(26), meter, 100, 1000), Violation);
    assert.throws(() => withinMemory(() => new Uint8Array(2 ** 52), meter, 100, 1000), Violation);
    const three = () => [new Uint8Array(50), new Uint8Array(50), new Uint8Array(50)];
    assert.equal(withinMemory(three, meter, 100, 150).length, 3);
    assert.throws(() => withinMemory(three, meter, 100, 149), Violation);
    assert.equal(new Uint8Array(1000).length, 1000, "afterwards all is allowed");
  } finally {
    meter.uninstall();
  }
});

Deno.test("partsPaidFor() refuses a value of too many parts", () => {
  partsPaidFor({ bytes: new Uint8Array(1_000_000), rest: Array.from({ length: 9_900 }, () => [null]) }, 0);
  assert.throws(() => partsPaidFor(Array.from({ length: 10_001 }, () => [null]), 0), Violation);
});

Deno.test("sameOutcome() refuses a difference", () => {
  sameOutcome("x", "a", "a");
  assert.throws(() => sameOutcome("x", "a", "b"), new Violation("x: a against b"));
});
