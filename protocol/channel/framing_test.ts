import assert from "node:assert/strict";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { concat } from "../schema/encode.ts";
import { below, prng } from "../schema/prng.ts";
import { Deframer, type Frame, Framer, HEADER_BYTES, type HeaderKind, readSubMessages } from "./framing.ts";

const LIST = 8;

const refuses = (code: ProtocolErrorCode, offset?: number) => (error: unknown) =>
  error instanceof ProtocolError && error.code === code && error.by === "remote" &&
  (offset === undefined || error.offset === offset);

/** A stream of messages of all kinds of size, 0 included. */
function streamOf(kind: HeaderKind, sizes: readonly number[]): Uint8Array {
  const framer = new Framer(kind);
  return concat(sizes.flatMap((size, i) => framer.frame(100 + i, [Uint8Array.from({ length: size }, (_, at) => at)])));
}

function take(deframer: Deframer): Frame[] {
  const frames: Frame[] = [];
  for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) frames.push(frame);
  return frames;
}

/** A list at the end of a body: sub-messages, then u16 count and the offsets. */
function listBody(...messages: readonly { type: number; body: Uint8Array }[]): { body: Uint8Array; at: number } {
  const parts: Uint8Array[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { type, body } of messages) {
    const header = new Uint8Array(6), view = new DataView(header.buffer);
    view.setUint16(0, type, true);
    view.setUint32(2, body.length, true);
    offsets.push(at);
    parts.push(header, body);
    at += 6 + body.length;
  }
  const list = new Uint8Array(2 + 4 * offsets.length), view = new DataView(list.buffer);
  view.setUint16(0, offsets.length, true);
  offsets.forEach((offset, i) => view.setUint32(2 + 4 * i, offset, true));
  return { body: concat([...parts, list]), at };
}

for (const kind of ["mini", "full"] as const) {
  Deno.test(`Deframer undoes Framer with ${kind} headers in any split`, () => {
    const sizes = [0, 1, 5, 70_000, 0, 0, 18, 3];
    const stream = streamOf(kind, sizes);
    const whole = new Deframer(kind);
    whole.push(stream);
    const frames = take(whole);
    assert.deepEqual(frames.map(({ type }) => type), sizes.map((_, i) => 100 + i));
    assert.deepEqual(frames.map(({ body }) => body.length), sizes);
    assert.deepEqual(frames.map(({ serial }) => serial), sizes.map((_, i) => BigInt(i + 1)));
    for (const { body } of frames) assert.ok(body.every((byte, at) => byte === (at & 0xff)));
    assert.equal(whole.atBoundary, true);

    for (let seed = 0; seed < 20; seed++) {
      const random = prng(seed), split = new Deframer(kind);
      const most = [1, 2, 7, 1000, 100_000][seed % 5]!;
      const got: Frame[] = [];
      for (let at = 0; at < stream.length;) {
        const end = Math.min(stream.length, at + 1 + below(random, most));
        // One buffer for all pushes, spoilt afterwards: the deframer must have copied.
        const buffer = stream.slice(at, end);
        split.push(buffer);
        buffer.fill(0xee);
        got.push(...take(split));
        at = end;
      }
      assert.deepEqual(got, frames);
    }
  });

  Deno.test(`Deframer tells a boundary from the middle of a message, ${kind} headers`, () => {
    const stream = streamOf(kind, [3]);
    const deframer = new Deframer(kind);
    for (let at = 0; at < stream.length; at++) {
      assert.equal(deframer.atBoundary, at === 0);
      deframer.push(stream.subarray(at, at + 1));
    }
    assert.equal(deframer.atBoundary, true);
  });

  Deno.test(`Deframer refuses a body over the limit when its header is whole, after the frames before, ${kind}`, () => {
    const limits = { ...DEFAULT_LIMITS, messageBytes: 10 };
    const stream = streamOf(kind, [10, 4, 11]);
    for (const step of [stream.length, 1]) {
      const deframer = new Deframer(kind, limits);
      for (let at = 0; at < stream.length; at += step) deframer.push(stream.subarray(at, at + step));
      assert.equal(deframer.next()!.body.length, 10);
      assert.equal(deframer.next()!.body.length, 4);
      const wrong = refuses("too-large", kind === "full" ? 10 : 2);
      assert.throws(() => deframer.next(), wrong);
      // It stays broken, and takes nothing more.
      deframer.push(streamOf(kind, [1]));
      assert.throws(() => deframer.next(), wrong);
    }
  });

  Deno.test(`Deframer takes little memory on a header's word alone, ${kind} headers`, () => {
    const taken = allocatedBy(() => {
      const deframer = new Deframer(kind);
      const header = new Uint8Array(HEADER_BYTES[kind]), view = new DataView(header.buffer);
      view.setUint32(kind === "full" ? 10 : 2, DEFAULT_LIMITS.messageBytes, true);
      deframer.push(header);
      deframer.push(new Uint8Array(100));
      assert.equal(deframer.next(), undefined);
    });
    assert.ok(taken.largest <= 64 * 1024, `${taken.largest} bytes for a message of which 100 bytes came`);
  });
}

Deno.test("Deframer grows a body with the bytes that come, and copies each but a few times", () => {
  const size = 3_000_000, stream = streamOf("mini", [size]);
  const taken = allocatedBy(() => {
    const deframer = new Deframer("mini");
    for (let at = 0; at < stream.length; at += 1000) deframer.push(stream.subarray(at, at + 1000));
    assert.equal(deframer.next()!.body.length, size);
  });
  assert.equal(taken.largest, size);
  assert.ok(taken.total < 3 * size, `${taken.total} bytes in all for ${size}`);
});

Deno.test("Deframer counts what frames cost that nobody takes, empty ones too", () => {
  const deframer = new Deframer("mini");
  assert.equal(deframer.waitingBytes, 0);
  deframer.push(streamOf("mini", Array.from({ length: 1000 }, () => 0)));
  assert.ok(deframer.waitingBytes >= 100_000, `${deframer.waitingBytes} bytes`);
  take(deframer);
  assert.equal(deframer.waitingBytes, 0);
});

Deno.test("Deframer gives 300,000 empty messages of one push in reasonable time", () => {
  const deframer = new Deframer("mini");
  deframer.push(new Uint8Array(6 * 300_000));
  const start = performance.now();
  assert.equal(take(deframer).length, 300_000);
  assert.ok(performance.now() - start < 2000);
});

Deno.test("Deframer reads the sub-messages of LIST, and of a full header's sub_list", () => {
  const ping = { type: 4, body: Uint8Array.of(1, 2, 3) }, empty = { type: 102, body: new Uint8Array(0) };
  const list = listBody(ping, empty);
  // LIST: the offsets count from the body's start, where the list itself stands.
  const moved = concat([list.body.subarray(list.at), list.body.subarray(0, list.at)]);
  const view = new DataView(moved.buffer), shift = list.body.length - list.at;
  for (let i = 0; i < 2; i++) view.setUint32(2 + 4 * i, view.getUint32(2 + 4 * i, true) + shift, true);
  for (const kind of ["mini", "full"] as const) {
    const deframer = new Deframer(kind);
    deframer.push(concat(new Framer(kind).frame(LIST, [moved])));
    const frame = deframer.next()!;
    assert.equal(frame.type, LIST);
    assert.deepEqual(frame.subMessages, [ping, empty]);
  }
  // sub_list: the message has a body of its own before the list.
  const own = Uint8Array.of(9, 9, 9, 9), behind = listBody(ping, empty);
  const body = concat([own, behind.body]), at = own.length + behind.at;
  const offsets = new DataView(body.buffer);
  for (let i = 0; i < 2; i++) {
    offsets.setUint32(at + 2 + 4 * i, offsets.getUint32(at + 2 + 4 * i, true) + own.length, true);
  }
  const deframer = new Deframer("full");
  deframer.push(concat(new Framer("full").frame(300, [body], at)));
  const frame = deframer.next()!;
  assert.equal(frame.type, 300);
  assert.deepEqual(frame.subMessages, [ping, empty]);
  assert.deepEqual(frame.body.subarray(0, 4), own);
});

Deno.test("Deframer passes the errors of a list on as its own", () => {
  const deframer = new Deframer("mini");
  deframer.push(concat(new Framer("mini").frame(LIST, [Uint8Array.of(1)])));
  assert.throws(() => deframer.next(), refuses("truncated", 0));
});

Deno.test("readSubMessages() refuses counts and offsets that lead outside, and says where", () => {
  const u16 = (value: number) => [value & 255, value >> 8], u32 = (value: number) => [...u16(value & 0xffff), 0, 0];
  const read = (body: readonly number[], at = 0) => readSubMessages(Uint8Array.from(body), at);
  assert.deepEqual(read(u16(0)), []);
  assert.throws(() => read([]), refuses("truncated", 0));
  assert.throws(() => read([0]), refuses("truncated", 0));
  assert.throws(() => read([0, 0], 1), refuses("truncated", 1));
  assert.throws(() => read([0, 0], 0xffffffff), refuses("truncated", 0xffffffff));
  assert.throws(() => read([...u16(1), 0, 0, 0]), refuses("bad-count", 2));
  assert.throws(() => read([...u16(0xffff), ...u32(0), ...u32(0)]), refuses("bad-count", 2));
  assert.throws(() => read([...u16(1), ...u32(1)]), refuses("bad-pointer", 2));
  assert.throws(() => read([...u16(1), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), refuses("bad-pointer", 2));
  assert.throws(() => read([...u16(2), ...u32(0), ...u32(7)]), refuses("bad-pointer", 6));
});

Deno.test("readSubMessages() cuts a size that reaches beyond the body, as spice-server sends them", () => {
  const body = Uint8Array.of(1, 0, 6, 0, 0, 0, /* offset 6: */ 4, 0, 20, 0, 0, 0, 7, 7);
  assert.deepEqual(readSubMessages(body, 0), [{ type: 4, body: Uint8Array.of(7, 7) }]);
});

Deno.test("readSubMessages() refuses a list that shows the same bytes over and over", () => {
  const count = 2000, large = 4096;
  const body = new Uint8Array(2 + 4 * count + 6 + large), view = new DataView(body.buffer);
  view.setUint16(0, count, true);
  for (let i = 0; i < count; i++) view.setUint32(2 + 4 * i, 2 + 4 * count, true);
  view.setUint32(2 + 4 * count + 2, large, true);
  assert.throws(() => readSubMessages(body, 0), refuses("bad-count"));
});

Deno.test("readSubMessages() keeps to the limit of pointers", () => {
  const limits = { ...DEFAULT_LIMITS, pointers: 1 };
  const { body, at } = listBody({ type: 1, body: new Uint8Array(0) }, { type: 2, body: new Uint8Array(0) });
  assert.equal(readSubMessages(body, at).length, 2);
  assert.throws(() => readSubMessages(body, at, limits), refuses("bad-count"));
});

Deno.test("Framer counts serials from 1 and writes the offset of a list", () => {
  const framer = new Framer("full");
  assert.equal(framer.serial, 0n);
  const bytes = concat(framer.frame(0x1234, [Uint8Array.of(1), Uint8Array.of(2, 3)], 7));
  assert.deepEqual([...bytes], [1, 0, 0, 0, 0, 0, 0, 0, 0x34, 0x12, 3, 0, 0, 0, 7, 0, 0, 0, 1, 2, 3]);
  assert.equal(framer.serial, 1n);
  assert.deepEqual([...concat(new Framer("mini").frame(5, []))], [5, 0, 0, 0, 0, 0]);
});

/** What `run` allocates in byte arrays: the largest one, and all together. */
function allocatedBy(run: () => void): { largest: number; total: number } {
  const taken = { largest: 0, total: 0 };
  const Real = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(Real, {
    construct(target, args, newTarget) {
      const [size] = args;
      if (typeof size === "number") {
        taken.largest = Math.max(taken.largest, size);
        taken.total += size;
      }
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Real;
  }
  return taken;
}
