import assert from "node:assert/strict";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import { channels } from "../../protocol/messages/channels.ts";
import {
  type Cursor,
  CursorHide,
  CursorInit,
  CursorInvalAll,
  CursorInvalOne,
  CursorMove,
  CursorReset,
  CursorSet,
  CursorTrail,
} from "../../protocol/messages/cursor.ts";
import { CursorFlags, CursorType } from "../../protocol/messages/enums.ts";
import type { Message } from "../../protocol/schema/message.ts";
import { Script } from "./testing/scripted_server.ts";

const { CACHE_ME, FROM_CACHE } = CursorFlags;

/** A session with one cursor channel. */
class Pointer {
  readonly script: Script;

  constructor(limits: Partial<Limits> = {}) {
    const session = { limits: { ...DEFAULT_LIMITS, ...limits } };
    this.script = new Script({ session }).begin([{ type: channels.cursor.type, id: 0 }]);
    this.script.events.length = 0;
  }

  say<T>(message: Message<string, T>, value: T): this {
    this.script.channel(channels.cursor.type).say(message, value);
    return this;
  }

  set(cursor: Cursor, x = 3, y = 4, visible = 1): this {
    return this.say(CursorSet, { position: { x, y }, visible, cursor });
  }

  /** Place, visibility and first pixel. */
  get now() {
    const { x, y, visible, image } = this.script.core.cursors.get(0)!.cursor;
    return [x, y, visible, image === null ? null : image.pixels[0]];
  }
}

/** A pointer of one ALPHA pixel. */
function dot(colour: number, unique = 1n, flags = 0): Cursor {
  const header = { unique, type: CursorType.ALPHA, width: 1, height: 1, hotSpotX: 0, hotSpotY: 0 };
  return { flags, header, data: new Uint8Array(Uint32Array.of(colour).buffer) };
}

const cached = (unique: bigint): Cursor => ({ ...dot(0, unique, FROM_CACHE), data: new Uint8Array(0) });
const none: Cursor = { flags: 0, header: null, data: new Uint8Array(0) };

Deno.test("The pointer is set, moved, hidden and shown again by a move", () => {
  const pointer = new Pointer();
  assert.deepEqual(pointer.now, [0, 0, false, null]);
  assert.deepEqual(pointer.set(dot(0xff112233)).now, [3, 4, true, 0xff112233]);
  assert.deepEqual(pointer.say(CursorHide, {}).now, [3, 4, false, 0xff112233]);
  assert.deepEqual(pointer.say(CursorMove, { position: { x: -1, y: 900 } }).now, [-1, 900, true, 0xff112233]);
  assert.deepEqual(pointer.set(dot(0xff445566), 1, 2, 0).now, [1, 2, false, 0xff445566]);
  assert.deepEqual(pointer.set(none, 5, 6).now, [5, 6, false, null]);
  const shown = pointer.script.eventsOf("cursor").map(({ cursor }) => [cursor.x, cursor.visible]);
  assert.deepEqual(shown, [[3, true], [3, false], [-1, true], [1, false], [5, false]]);
});

Deno.test("INIT sets the pointer and voids the cache", () => {
  const pointer = new Pointer().set(dot(7, 5n, CACHE_ME));
  const init = { position: { x: 8, y: 9 }, trailLength: 0, trailFrequency: 0, visible: 1, cursor: dot(9) };
  assert.deepEqual(pointer.say(CursorInit, init).now, [8, 9, true, 9]);
  pointer.set(cached(5n));
  assert.deepEqual([pointer.script.failure.code, pointer.script.failure.path], [
    "bad-value",
    "cursor.header.unique",
  ]);
});

Deno.test("Shapes that say so are kept, and dropped one by one, all, and by RESET", () => {
  const keep = () => new Pointer().set(dot(1, 1n, CACHE_ME)).set(dot(2, 2n, CACHE_ME)).set(dot(3, 3n));
  assert.deepEqual(keep().set(cached(1n)).now, [3, 4, true, 1]);
  assert.deepEqual(keep().say(CursorInvalOne, { id: 1n }).set(cached(2n)).now, [3, 4, true, 2]);
  assert.deepEqual(keep().say(CursorReset, {}).now, [3, 4, false, null]);
  const gone: Pointer[] = [
    keep().set(cached(3n)),
    keep().say(CursorInvalOne, { id: 1n }).set(cached(1n)),
    keep().say(CursorInvalAll, {}).set(cached(2n)),
    keep().say(CursorReset, {}).set(cached(2n)),
  ];
  for (const { script } of gone) assert.equal(script.failure.code, "bad-value");
});

Deno.test("The cache keeps the newest shapes, up to the limit", () => {
  const fill = () =>
    new Pointer({ cursors: 2 }).set(dot(1, 1n, CACHE_ME)).set(dot(2, 2n, CACHE_ME)).set(dot(1, 1n, CACHE_ME))
      .set(dot(3, 3n, CACHE_ME));
  assert.deepEqual(fill().set(cached(1n)).now, [3, 4, true, 1]);
  assert.equal(fill().set(cached(2n)).script.failure.code, "bad-value");
});

Deno.test("TRAIL changes nothing", () => {
  const pointer = new Pointer().say(CursorTrail, { length: 4, frequency: 5 });
  assert.deepEqual([pointer.script.events, pointer.now], [[], [0, 0, false, null]]);
});

Deno.test("A shape that lacks bytes or is too large ends the session, an unknown type is told", () => {
  const header = { unique: 1n, type: CursorType.ALPHA, width: 2, height: 1, hotSpotX: 0, hotSpotY: 0 };
  const short = new Pointer().set({ flags: 0, header, data: new Uint8Array(7) });
  assert.deepEqual([short.script.failure.code, short.script.failure.wireName], ["bad-value", "CURSOR_SET"]);
  const large = new Pointer().set({
    flags: 0,
    header: { ...header, width: 65535, height: 65535 },
    data: new Uint8Array(7),
  });
  assert.equal(large.script.failure.code, "bad-value");
  const unknown = new Pointer().set({ flags: 0, header: { ...header, type: 99 }, data: new Uint8Array(8) });
  assert.deepEqual([unknown.script.unsupported.length, unknown.script.core.closed], [1, false]);
});
