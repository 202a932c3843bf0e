/** The cursor channel of clients. */
import {
  CursorHide,
  CursorInit,
  CursorInvalAll,
  CursorInvalOne,
  CursorMove,
  CursorReset,
  CursorTrail,
} from "../../../protocol/messages/cursor.ts";
import { CursorFlags, CursorType } from "../../../protocol/messages/enums.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer } from "../../suite/client_peer.ts";
import {
  cachedCursor,
  ClientPointer,
  cursorOf,
  NO_CURSOR,
  type Shape,
  type WireCursor,
} from "../../suite/client_pointer.ts";
import { noiseAt, pictureOf } from "../../suite/pictures.ts";
import { must, mustEqual } from "../../suite/verdict.ts";

const SET = "spice-gtk channel-cursor.c cursor_handle_set, set_cursor";

export const cursorState = group("cursor/state", "Cursor: what is shown, and where")
  .client("init", {
    title: "shows the cursor that INIT brings",
    requirement: "The client MUST show the cursor of CURSOR_INIT when it is visible",
    source: "spice-gtk channel-cursor.c cursor_handle_init",
    level: "must",
    covers: ["cursor/server/CURSOR_INIT/cursor.header=present"],
    run: async (peer) => {
      const shape = shapeOf(16, 12, 1), pointer = await begun(peer, cursorOf(shape, CursorType.ALPHA), 1);
      await pointer.mustShow(shape);
    },
  })
  .client("init_without", {
    title: "shows no cursor when INIT brings none",
    requirement: "The client MUST take flag NONE for no cursor, and read no header",
    source: "spice.proto Cursor (header @nonnull unless NONE); spice-gtk channel-cursor.c cursor_handle_init",
    level: "must",
    covers: ["cursor/server/CURSOR_INIT/cursor.header=absent", "cursor-shape/NONE"],
    run: async (peer) => await (await begun(peer, NO_CURSOR, 1)).mustHide(),
  })
  .client("init_hidden", {
    title: "hides the cursor that INIT brings hidden",
    requirement: "The client MUST NOT show the cursor of CURSOR_INIT when visible is 0",
    source: "spice-gtk channel-cursor.c cursor_handle_init (!init->visible)",
    level: "must",
    run: async (peer) => await (await begun(peer, cursorOf(shapeOf(16, 12, 2), CursorType.ALPHA), 0)).mustHide(),
  })
  .client("set", {
    title: "follows a change of shape",
    requirement: "The client MUST show the shape of the latest CURSOR_SET",
    source: SET,
    level: "must",
    covers: ["cursor/server/CURSOR_SET/cursor.header=present"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), last = shapeOf(24, 9, 5);
      for (const [width, height] of [[8, 8], [64, 64], [32, 1]] as const) {
        await pointer.set(cursorOf(shapeOf(width, height, width), CursorType.ALPHA));
      }
      await pointer.set(cursorOf(last, CursorType.ALPHA));
      await pointer.mustShow(last);
    },
  })
  .client("set_without", {
    title: "shows no cursor when SET brings none",
    requirement: "The client MUST hide the cursor when CURSOR_SET has flag NONE",
    source: "spice-gtk channel-cursor.c cursor_handle_set (no cursor: SPICE_CURSOR_HIDE)",
    level: "must",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      await pointer.set(cursorOf(shapeOf(16, 16, 3), CursorType.ALPHA));
      await pointer.set(NO_CURSOR);
      await pointer.mustHide();
    },
  })
  .client("set_hidden", {
    title: "hides the cursor that SET brings hidden",
    requirement: "The client SHOULD NOT show the cursor of CURSOR_SET when visible is 0",
    source: "spice-server cursor-channel.cpp red_marshall_cursor (visible); spice.proto CursorChannel.set",
    level: "should",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      await pointer.set(cursorOf(shapeOf(16, 16, 4), CursorType.ALPHA), 0);
      await pointer.mustHide();
    },
  })
  .client("hide", {
    title: "hides the cursor",
    requirement: "The client MUST hide the cursor at CURSOR_HIDE and show it at the next CURSOR_SET",
    source: "spice-gtk channel-cursor.c cursor_handle_hide",
    level: "must",
    covers: ["cursor/server/CURSOR_HIDE"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(16, 16, 5);
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.send(CursorHide, {});
      await pointer.mustHide();
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.mustShow(shape);
    },
  })
  .client("move", {
    title: "follows the cursor",
    requirement: "The client MUST take the place of the hot spot from CURSOR_MOVE, x before y, both signed",
    source: "spice-gtk channel-cursor.c cursor_handle_move; spice.proto Point16",
    level: "must",
    covers: ["cursor/server/CURSOR_MOVE"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      await pointer.set(cursorOf(shapeOf(16, 16, 6), CursorType.ALPHA));
      for (const position of [{ x: 300, y: 7 }, { x: -5, y: 1000 }]) {
        await pointer.send(CursorMove, { position });
        const { x, y } = await pointer.pointer();
        mustEqual({ x, y }, position, "the place of the cursor");
      }
    },
  })
  .client("move_shows", {
    title: "shows a hidden cursor that moves",
    requirement: "The client SHOULD show a hidden cursor again at CURSOR_MOVE, as the server takes it for visible then",
    source: "spice-server cursor-channel.cpp CursorChannel::process_cmd (QXL_CURSOR_MOVE: cursor_visible = true)",
    level: "info",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(16, 16, 7);
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.send(CursorHide, {});
      await pointer.send(CursorMove, { position: { x: 10, y: 10 } });
      await pointer.mustShow(shape);
    },
  })
  .client("hot_spot", {
    title: "takes the hot spot from the header",
    requirement: "The client MUST take hot_spot_x and hot_spot_y as they come, up to the size of the shape",
    source: "spice-gtk channel-cursor.c set_cursor",
    level: "must",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      for (const [hotX, hotY] of [[0, 0], [15, 3], [16, 12]] as const) {
        const shape = { ...shapeOf(16, 12, 8), hotX, hotY };
        await pointer.set(cursorOf(shape, CursorType.ALPHA));
        await pointer.mustShow(shape);
      }
    },
  })
  .client("reset", {
    title: "forgets the cursor at RESET",
    requirement: "The client MUST show no cursor after CURSOR_RESET, and begin anew with CURSOR_INIT",
    source: "spice-gtk channel-cursor.c cursor_handle_reset",
    level: "must",
    covers: ["cursor/server/CURSOR_RESET"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(16, 16, 9);
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.send(CursorReset, {});
      await pointer.mustHide();
      await init(pointer, cursorOf(shape, CursorType.ALPHA), 1);
      await pointer.mustShow(shape);
    },
  })
  .client("trail", {
    title: "goes on after TRAIL",
    requirement: "The client MUST take CURSOR_TRAIL, whether it draws a trail or not",
    source: "spice-gtk channel-cursor.c cursor_handle_trail",
    level: "must",
    covers: ["cursor/server/CURSOR_TRAIL"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(16, 16, 10);
      await pointer.send(CursorTrail, { length: 5, frequency: 100 });
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.mustShow(shape);
    },
  });

/** What the types of `cursor_type` are like, and how much of a colour they hold. */
const TYPES: readonly (readonly [Exclude<keyof typeof CursorType, symbol>, "must" | "info", number, number])[] = [
  ["ALPHA", "must", 0, 0xffffff],
  ["MONO", "must", 2, 0xffffff],
  ["COLOR4", "must", 16, 0xffffff],
  ["COLOR8", "info", 256, 0xffffff],
  ["COLOR16", "must", 0, 0xf8f8f8],
  ["COLOR24", "info", 0, 0xffffff],
  ["COLOR32", "must", 0, 0xffffff],
];

export const cursorTypes = group("cursor/type", "Cursor: types");
for (const [name, level, colors, mask] of TYPES) {
  cursorTypes.client(name.toLowerCase(), {
    title: `shows a cursor of type ${name}`,
    requirement: `The client ${level === "must" ? "MUST" : "MAY"} show a cursor of type ${name}${
      name === "ALPHA" ? "" : ", with what its mask lets through"
    }, and again from the cache`,
    source: "spice-gtk channel-cursor.c set_cursor; spice.proto cursor_type",
    level,
    covers: [`cursor-shape/${name}`],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(name === "MONO" ? 20 : 16, 11, 20, colors);
      const type = CursorType[name];
      await pointer.set(cursorOf(shape, type));
      await pointer.mustShow(shape, mask);
      await pointer.set(cursorOf(shape, type, CursorFlags.CACHE_ME, 3n));
      await pointer.set(NO_CURSOR);
      await pointer.set(cachedCursor(shape, type, 3n));
      await pointer.mustShow(shape, mask);
    },
  });
}
cursorTypes
  .client("alpha_half", {
    title: "keeps the alpha of a cursor",
    requirement: "The client MUST take each pixel of ALPHA as B, G, R, A, colours multiplied by alpha",
    source: "spice-gtk channel-cursor.c set_cursor (SPICE_CURSOR_TYPE_ALPHA)",
    level: "must",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), pixels = [0x80402010, 0x01010000, 0xfe00fe00, 0x00000000];
      const header = { unique: 0n, type: CursorType.ALPHA, width: 2, height: 2, hotSpotX: 0, hotSpotY: 0 };
      const data = Uint8Array.from(pixels.flatMap((pixel) => [0, 8, 16, 24].map((bit) => pixel >>> bit & 255)));
      await pointer.set({ flags: 0, header, data });
      const told = await pointer.pointer();
      mustEqual(told.pixels.map((pixel) => pixel >>> 0), pixels, "the pixels of the cursor");
    },
  })
  .client("color4_odd", {
    title: "shows a cursor of type COLOR4 of odd width",
    requirement: "The client MAY begin each row of COLOR4 with a whole byte, as the size of its data says",
    source: "spice-gtk channel-cursor.c set_cursor (SPICE_ALIGN of the width in `size`, none where pixels are read)",
    level: "info",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = { ...shapeOf(15, 8, 21, 16), through: () => false };
      await pointer.set(cursorOf(shape, CursorType.COLOR4));
      await pointer.mustShow(shape);
    },
  })
  .client("unknown", {
    title: "is not harmed by a cursor of a type that does not exist",
    requirement: "The client SHOULD show any pointer, or hang up, and not crash",
    source: "spice-gtk channel-cursor.c set_cursor (default_cursor)",
    level: "should",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      await pointer.set(cursorOf(shapeOf(16, 16, 22), 77));
      await pointer.copes();
    },
  });

export const cursorCache = group("cursor/cache", "Cursor: the cache")
  .client("again", {
    title: "shows a cursor again that it was told to keep",
    requirement: "The client MUST keep a cursor with CACHE_ME and show it for FROM_CACHE of its number",
    source: "spice-gtk channel-cursor.c set_cursor; spice-server cursor-channel.cpp cursor_fill",
    level: "must",
    covers: ["cache/cursor/kept", "cache/cursor/used"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), kept = shapeOf(16, 16, 30);
      await keep(pointer, kept, 5n);
      await pointer.set(cursorOf(shapeOf(8, 8, 31), CursorType.ALPHA));
      await again(pointer, kept, 5n);
    },
  })
  .client("init", {
    title: "keeps the cursor of INIT",
    requirement: "The client MUST keep the cursor of CURSOR_INIT when it has CACHE_ME",
    source: "spice-server cursor-channel.cpp red_marshall_cursor_init, cursor_fill",
    level: "must",
    run: async (peer) => {
      const kept = shapeOf(16, 16, 32);
      const pointer = await begun(peer, cursorOf(kept, CursorType.ALPHA, CursorFlags.CACHE_ME, 5n), 1);
      await pointer.set(cursorOf(shapeOf(8, 8, 33), CursorType.ALPHA));
      await again(pointer, kept, 5n);
    },
  })
  .client("ids_of_64_bits", {
    title: "tells cursors apart by all 64 bits of their numbers",
    requirement: "The client MUST compare `unique` as a number of 64 bits",
    source: "spice.proto CursorHeader.unique; spice-gtk spice-channel-cache.h cache_find",
    level: "must",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), ids = [1n, 1n << 32n | 1n, 1n << 63n | 1n];
      for (const [i, id] of ids.entries()) await keep(pointer, shapeOf(16, 8, 40 + i), id);
      for (const [i, id] of ids.entries()) await again(pointer, shapeOf(16, 8, 40 + i), id);
    },
  })
  .client("dropped", {
    title: "takes another cursor under a number that was dropped",
    requirement: "The client MUST forget the cursor of CURSOR_INVAL_ONE and no other",
    source: "spice-gtk channel-cursor.c cursor_handle_inval_one",
    level: "must",
    covers: ["cursor/server/CURSOR_INVAL_ONE", "cache/cursor/dropped-by-INVAL_ONE"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), [first, second] = [shapeOf(16, 8, 50), shapeOf(16, 8, 51)];
      await keep(pointer, first, 1n);
      await keep(pointer, first, 2n);
      await pointer.send(CursorInvalOne, { id: 1n });
      await pointer.send(CursorInvalOne, { id: 99n });
      await keep(pointer, second, 1n);
      await again(pointer, first, 2n);
      await again(pointer, second, 1n);
    },
  })
  .client("dropped_all", {
    title: "takes all cursors anew after INVAL_ALL",
    requirement: "The client MUST forget all cursors at CURSOR_INVAL_ALL and keep new ones",
    source: "spice-gtk channel-cursor.c cursor_handle_inval_all",
    level: "must",
    covers: ["cursor/server/CURSOR_INVAL_ALL", "cache/cursor/dropped-by-INVAL_ALL"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), [first, second] = [shapeOf(16, 8, 52), shapeOf(16, 8, 53)];
      for (const id of [1n, 2n]) await keep(pointer, first, id);
      await pointer.send(CursorInvalAll, {});
      for (const id of [1n, 2n]) await keep(pointer, second, id);
      for (const id of [1n, 2n]) await again(pointer, second, id);
    },
  })
  .client("reset", {
    title: "takes all cursors anew after RESET",
    requirement: "The client MUST forget all cursors at CURSOR_RESET and keep new ones under their numbers",
    source: "spice-gtk channel-cursor.c cursor_handle_reset; spice-server cursor-channel.cpp CursorChannel::reset",
    level: "must",
    covers: ["cache/cursor/dropped-by-RESET"],
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), second = shapeOf(16, 8, 56);
      await keep(pointer, shapeOf(16, 8, 55), 1n);
      await pointer.send(CursorReset, {});
      await init(pointer, NO_CURSOR, 1);
      await keep(pointer, second, 1n);
      await pointer.set(NO_CURSOR);
      await again(pointer, second, 1n);
    },
  })
  .client("unknown", {
    title: "is not harmed by a cursor that it was never given",
    requirement: "The client SHOULD show no cursor for an unknown number, or hang up",
    source: "spice-gtk channel-cursor.c set_cursor (cache_find returns NULL: no cursor)",
    level: "should",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer), shape = shapeOf(16, 16, 54);
      await pointer.set(cursorOf(shape, CursorType.ALPHA));
      await pointer.set(cachedCursor(shape, CursorType.ALPHA, 404n));
      if (await pointer.copes()) await pointer.mustHide();
    },
  });

/** Cursors whose header does not fit their data. */
const LIES: readonly (readonly [string, string, (cursor: WireCursor) => WireCursor])[] = [
  ["empty", "without bytes", (cursor) => ({ ...cursor, data: new Uint8Array(0) })],
  ["huge", "of 65535 × 65535 pixels", (cursor) => {
    return { ...cursor, header: { ...cursor.header!, width: 65535, height: 65535 } };
  }],
  ["no_pixels", "of 0 × 0 pixels", (cursor) => ({ ...cursor, header: { ...cursor.header!, width: 0, height: 0 } })],
  ["hot_spot", "whose hot spot is far outside", (cursor) => {
    return { ...cursor, header: { ...cursor.header!, hotSpotX: 65535, hotSpotY: 40000 } };
  }],
  ["mask_missing", "of type COLOR32 without its mask", (cursor) => {
    return { ...cursor, header: { ...cursor.header!, type: CursorType.COLOR32 } };
  }],
];

export const cursorFaults = group("cursor/faults", "Cursor: messages that lie");
for (const [name, what, lie] of LIES) {
  cursorFaults.client(name, {
    title: `is not harmed by a cursor ${what}`,
    requirement: "The client SHOULD show any pointer or none, or hang up, and read nothing beyond the message",
    source: "spice-gtk channel-cursor.c set_cursor (data_size is only compared with 0)",
    level: "should",
    run: async (peer) => {
      const pointer = await ClientPointer.open(peer);
      await pointer.set(lie(cursorOf(shapeOf(32, 32, 60), CursorType.ALPHA)));
      await pointer.copes();
    },
  });
}
cursorFaults.client("short", {
  title: "does not make up the pixels that a cursor lacks",
  requirement: "The client SHOULD show no pixels beyond those of the message: they would be its own memory",
  source: "spice-gtk channel-cursor.c set_cursor (memcpy of 4 * width * height, whatever data_size is)",
  level: "should",
  run: async (peer) => {
    const pointer = await ClientPointer.open(peer), cursor = cursorOf(shapeOf(64, 64, 60), CursorType.ALPHA);
    // What it has had is what it would read behind the message; a cursor that it keeps instead is hidden first.
    for (let i = 0; i < 4; i++) await pointer.set(cursor);
    await pointer.set(NO_CURSOR);
    await pointer.handled();
    await pointer.set({ ...cursor, data: cursor.data.subarray(0, 64) });
    if (!await pointer.copes()) return;
    const { pixels } = await pointer.pointer(), made = pixels.slice(16).filter((pixel) => pixel !== 0).length;
    must(made === 0, `it shows ${made} pixels that the message does not hold`);
  },
});
cursorFaults.client("before_init", {
  title: "is not harmed by SET, MOVE and HIDE before INIT",
  requirement: "The client SHOULD pass over them, take them, or hang up",
  source: "spice-gtk channel-cursor.c cursor_handle_set (g_return_if_fail init_done)",
  level: "should",
  run: async (peer) => {
    const pointer = await ClientPointer.open(peer, { greet: (name) => name !== "cursor" });
    await pointer.set(cursorOf(shapeOf(8, 8, 61), CursorType.ALPHA));
    await pointer.send(CursorMove, { position: { x: 1, y: 1 } });
    await pointer.send(CursorHide, {});
    if (!await pointer.copes()) return;
    const shape = shapeOf(16, 16, 62);
    await init(pointer, cursorOf(shape, CursorType.ALPHA), 1);
    await pointer.mustShow(shape);
  },
});

/** A shape whose pixels follow from a seed; with `colors`, they are indexes of a palette of so many. */
function shapeOf(width: number, height: number, seed: number, colors = 0): Shape {
  // No white: where a mask lets it through, it inverts.
  const color = (x: number, y: number) => noiseAt(x, y, seed) & 0xfefefe;
  const palette = colors === 2 ? [0x000000, 0xffffff] : Array.from({ length: colors }, (_, i) => color(i, 200));
  return {
    width,
    height,
    hotX: seed % width,
    hotY: seed % height,
    colors: pictureOf(width, height, (x, y) => colors === 0 ? color(x, y) : color(x, y) % 251 % colors),
    ...(colors > 0 && { palette }),
    through: (x, y) => (x + y) % 5 === 0,
  };
}

async function keep(pointer: ClientPointer, shape: Shape, unique: bigint): Promise<void> {
  await pointer.set(cursorOf(shape, CursorType.ALPHA, CursorFlags.CACHE_ME, unique));
}

async function again(pointer: ClientPointer, shape: Shape, unique: bigint): Promise<void> {
  await pointer.set(cachedCursor(shape, CursorType.ALPHA, unique));
  await pointer.mustShow(shape);
}

/** A client whose cursor channel begins with this INIT. */
async function begun(peer: ClientPeer, cursor: WireCursor, visible: number): Promise<ClientPointer> {
  const pointer = await ClientPointer.open(peer, { greet: (name) => name !== "cursor" });
  await init(pointer, cursor, visible);
  return pointer;
}

async function init(pointer: ClientPointer, cursor: WireCursor, visible: number): Promise<void> {
  await pointer.send(CursorInit, { position: { x: 3, y: 4 }, trailLength: 0, trailFrequency: 0, visible, cursor });
}
