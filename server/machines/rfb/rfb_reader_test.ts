import assert from "node:assert/strict";
import { RfbError } from "./rfb_error.ts";
import { type Reading, RfbReader } from "./rfb_reader.ts";

/** A reader, and what its reading keeps of the stream. */
function reading(read: (seen: string[]) => Reading<void>): { readonly reader: RfbReader; readonly seen: string[] } {
  const seen: string[] = [];
  const reader = new RfbReader((function* (): Reading<never> {
    for (;;) yield* read(seen);
  })());
  return { reader, seen };
}

function feed(reader: RfbReader, bytes: Uint8Array, piece = bytes.length): void {
  for (let at = 0; at < bytes.length; at += piece) {
    reader.receive(bytes.slice(at, at + piece));
    while (reader.advance());
  }
}

const STREAM = Uint8Array.from({ length: 40 }, (_, i) => i);

Deno.test("RfbReader gives what is waited for, in any pieces", () => {
  const parts = function* (seen: string[]): Reading<void> {
    seen.push(`take ${yield { take: 3 }}`);
    seen.push(`none ${yield { take: 0 }}`);
    yield { skip: 2 };
    yield { skip: 0 };
    const memory = new Uint8Array(4);
    yield { fill: memory };
    seen.push(`fill ${memory}`);
  };
  for (let piece = 1; piece <= STREAM.length; piece++) {
    const { reader, seen } = reading(parts);
    feed(reader, STREAM, piece);
    assert.deepEqual(seen.slice(0, 5), ["take 0,1,2", "none ", "fill 5,6,7,8", "take 9,10,11", "none "]);
    assert.equal(seen.length, 14);
    assert.equal(reader.offset, STREAM.length);
  }
});

Deno.test("RfbReader copies only what comes in several pieces", () => {
  const pieces: Uint8Array[] = [];
  const { reader } = reading(function* () {
    pieces.push(yield { take: 4 });
  });
  const first = STREAM.slice(0, 6), second = STREAM.slice(6, 12);
  for (const bytes of [first, second]) {
    reader.receive(bytes);
    while (reader.advance());
  }
  assert.deepEqual(pieces.map((piece) => [...piece]), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]);
  assert.deepEqual(pieces.map((piece) => piece.buffer), [first.buffer, pieces[1]!.buffer, second.buffer]);
  assert.notEqual(pieces[1]!.buffer, second.buffer);
});

Deno.test("RfbReader counts what was read, and takes no input before the last is used up", () => {
  const { reader, seen } = reading(function* (seen) {
    seen.push(`${yield { take: 4 }}`);
  });
  reader.receive(STREAM.slice(0, 10));
  assert.equal(reader.offset, 0);
  assert.ok(reader.advance());
  assert.deepEqual([reader.offset, seen.length], [4, 1]);
  assert.throws(() => reader.receive(STREAM), /Advance until nothing is left/);
  while (reader.advance());
  assert.equal(reader.offset, 10);
  reader.receive(STREAM.slice(10, 12));
  while (reader.advance());
  assert.deepEqual([reader.offset, seen], [12, ["0,1,2,3", "4,5,6,7", "8,9,10,11"]]);
});

Deno.test("RfbReader hands an answer on when one is waited for; no byte may come before", () => {
  const asking = function* (seen: string[]): Reading<void> {
    seen.push(`take ${yield { take: 1 }}`);
    seen.push(`answer ${yield { answer: true }}`);
  };
  const { reader, seen } = reading(asking);
  reader.answer(Uint8Array.of(99));
  feed(reader, Uint8Array.of(1));
  reader.answer(Uint8Array.of(7, 8));
  feed(reader, Uint8Array.of(2));
  assert.deepEqual(seen, ["take 1", "answer 7,8", "take 2"]);

  const early = reading(asking).reader;
  early.receive(Uint8Array.of(1, 2, 3));
  assert.ok(early.advance());
  assert.throws(() => early.advance(), (error) => error instanceof RfbError && error.code === "bad-value");
  assert.equal(early.offset, 2);
});
