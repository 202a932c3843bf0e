/** The cursor channel. */
import { channel, message } from "../schema/message.ts";
import { bytes, enumOf, flagsOf, type Infer, REST, struct, u16, u64, u8, unlessFlag } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { ChannelType, CursorFlags, CursorType } from "./enums.ts";
import { Point16 } from "./geometry.ts";

/** Size, format and cache key of a cursor. Source: spice.proto CursorHeader. */
export const CursorHeader = struct("CursorHeader", {
  unique: u64,
  type: enumOf(CursorType),
  width: u16,
  height: u16,
  hotSpotX: u16,
  hotSpotY: u16,
}, { source: "spice.proto CursorHeader", notes: { unique: "cursor cache key" } });
/** Value of {@link CursorHeader}. */
export type CursorHeader = Infer<typeof CursorHeader>;

/** A cursor, or none when `header` is null. Source: spice.proto Cursor. */
export const Cursor = struct("Cursor", {
  flags: flagsOf(CursorFlags),
  header: unlessFlag("flags", "NONE", CursorHeader),
  data: bytes(REST),
}, {
  source: "spice.proto Cursor",
  notes: { data: "pixels, then mask or palette as the type has; empty from the cache" },
});
/** Value of {@link Cursor}. */
export type Cursor = Infer<typeof Cursor>;

/** The cursor at the start. Source: spice.proto CursorChannel.init. */
export const CursorInit = message("CURSOR_INIT", 101, {
  position: Point16,
  trailLength: u16,
  trailFrequency: u16,
  visible: u8,
  cursor: Cursor,
}, { source: "spice.proto CursorChannel.init" });

/** No cursor, and the cache is void. Source: spice.proto CursorChannel.reset. */
export const CursorReset = message("CURSOR_RESET", 102, {}, { source: "spice.proto CursorChannel.reset" });

/** A new shape. Source: spice.proto CursorChannel.set. */
export const CursorSet = message("CURSOR_SET", 103, { position: Point16, visible: u8, cursor: Cursor }, {
  source: "spice.proto CursorChannel.set",
});

/** The cursor moved. Source: spice.proto CursorChannel.move. */
export const CursorMove = message("CURSOR_MOVE", 104, { position: Point16 }, {
  source: "spice.proto CursorChannel.move",
});

/** The cursor hides. Source: spice.proto CursorChannel.hide. */
export const CursorHide = message("CURSOR_HIDE", 105, {}, { source: "spice.proto CursorChannel.hide" });

/** The mouse trail. Source: spice.proto CursorChannel.trail. */
export const CursorTrail = message("CURSOR_TRAIL", 106, { length: u16, frequency: u16 }, {
  source: "spice.proto CursorChannel.trail",
});

/** Drop a cached cursor. Source: spice.proto CursorChannel.inval_one. */
export const CursorInvalOne = message("CURSOR_INVAL_ONE", 107, { id: u64 }, {
  source: "spice.proto CursorChannel.inval_one",
});

/** Drop all cached cursors. Source: spice.proto CursorChannel.inval_all. */
export const CursorInvalAll = message("CURSOR_INVAL_ALL", 108, {}, { source: "spice.proto CursorChannel.inval_all" });

/** The cursor channel. Source: spice.proto CursorChannel. */
export const cursor = channel(
  "cursor",
  ChannelType.CURSOR,
  [
    ...baseServer,
    CursorInit,
    CursorReset,
    CursorSet,
    CursorMove,
    CursorHide,
    CursorTrail,
    CursorInvalOne,
    CursorInvalAll,
  ],
  [...baseClient],
);
