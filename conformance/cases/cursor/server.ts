/** The cursor channel of servers. */
import {
  CursorHide,
  CursorInit,
  CursorInvalAll,
  CursorInvalOne,
  CursorMove,
  CursorReset,
  CursorSet,
} from "../../../protocol/messages/cursor.ts";
import { CursorFlags, CursorType, MouseMode } from "../../../protocol/messages/enums.ts";
import { MainMouseMode, MainMouseModeRequest } from "../../../protocol/messages/main.ts";
import { nameOf } from "../../../protocol/schema/enumeration.ts";
import { group } from "../../suite/case.ts";
import type { WireCursor } from "../../suite/client_pointer.ts";
import type { ServerPeer, SessionTalk } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { fail, Finding, lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

export const cursorServer = group("cursor/server", "Cursor: what a server sends")
  .server("init_first", {
    title: "begins with CURSOR_INIT",
    requirement: "The server MUST send CURSOR_INIT before any other message of the channel",
    source: "spice-server cursor-channel.cpp CursorChannel::on_connect; spice-gtk channel-cursor.c (init_done)",
    level: "must",
    covers: ["cursor/server/CURSOR_INIT"],
    run: async (peer) => {
      const talk = await (await peer.session()).open("cursor");
      await talk.expect(CursorInit);
      const first = talk.heard.find(({ type }) => type > 100);
      mustEqual(first!.name, CursorInit.name, "the first message");
    },
  })
  .server("init_once", {
    title: "sends CURSOR_INIT once",
    requirement: "The server MUST NOT send CURSOR_INIT again without CURSOR_RESET before it",
    source: "spice-gtk channel-cursor.c cursor_handle_init (g_return_if_fail init_done == FALSE)",
    level: "must",
    run: async (peer) => {
      const talk = await opened(await peer.session());
      await stir(peer, talk);
      let begun = false;
      for (const { type } of talk.heard) {
        if (type === CursorInit.id) {
          must(!begun, "a second CURSOR_INIT comes");
          begun = true;
        } else if (type === CursorReset.id) begun = false;
      }
    },
  })
  .server("data", {
    title: "sends as many bytes as the header of a cursor takes",
    requirement: "The server MUST send all bytes of a cursor's type and size, and none for one from the cache",
    source:
      "spice-gtk channel-cursor.c set_cursor (reads by the header alone); spice-server cursor-channel.cpp cursor_fill",
    level: "must",
    run: async (peer) => {
      const talk = await opened(await peer.session());
      await stir(peer, talk);
      let seen = 0;
      for (const { flags, header, data } of cursorsOf(talk)) {
        if (header === null || (flags & CursorFlags.FROM_CACHE) !== 0) {
          must(data.length === 0, `a cursor without data of its own has ${data.length} bytes`);
          continue;
        }
        seen++;
        const { type, width, height } = header, needed = bytesOf(type, width, height);
        if (needed === null) return fail(`a cursor has type ${type}`);
        must(width > 0 && height > 0, `a cursor has ${width} × ${height} pixels`);
        const size = `${width} × ${height} pixels of ${nameOf(CursorType, type)}`;
        must(data.length >= needed, `a cursor of ${size} has ${data.length} bytes, not ${needed}`);
      }
      if (seen === 0) lacks("no cursor comes");
    },
  })
  .server("hot_spot", {
    title: "keeps the hot spot inside the cursor",
    requirement: "The server SHOULD send a hot spot inside the shape",
    source: "spice-gtk channel-cursor.c set_cursor (caps it)",
    level: "should",
    run: async (peer) => {
      const talk = await opened(await peer.session());
      await stir(peer, talk);
      const headers = cursorsOf(talk).flatMap(({ header }) => header === null ? [] : [header]);
      if (headers.length === 0) lacks("no cursor comes");
      for (const { hotSpotX, hotSpotY, width, height } of headers) {
        const inside = hotSpotX < width && hotSpotY < height;
        must(inside, `the hot spot ${hotSpotX},${hotSpotY} is outside ${width} × ${height} pixels`);
      }
    },
  })
  .server("cache", {
    title: "refers to cursors that the client was told to keep",
    requirement: "The server MUST send FROM_CACHE for numbers that came with CACHE_ME and were not dropped since",
    source: "spice-server cursor-channel.cpp cursor_fill; cache-item.tmpl.cpp",
    level: "must",
    run: async (peer) => {
      const talk = await opened(await peer.session());
      for (const color of [0xff112233, 0xff445566, 0xff112233, 0xff445566]) {
        await shape(peer, { width: 12, height: 8, color });
        await talk.drain(150);
      }
      const kept = new Map<bigint, string>();
      for (const heard of talk.heard) {
        if (heard.type === CursorInvalOne.id) kept.delete(talk.decode(CursorInvalOne, heard).id);
        else if (heard.type === CursorInvalAll.id || heard.type === CursorReset.id) kept.clear();
        const cursor = cursorIn(talk, heard);
        if (cursor === null || cursor.header === null) continue;
        const { unique, width, height } = cursor.header, size = `${width} × ${height}`;
        if ((cursor.flags & CursorFlags.FROM_CACHE) !== 0) {
          const known = kept.get(unique) ?? fail(`it shows cursor ${unique} from the cache, which was never kept`);
          mustEqual(size, known, `the size of cursor ${unique} from the cache`);
        } else if ((cursor.flags & CursorFlags.CACHE_ME) !== 0) kept.set(unique, size);
      }
    },
  })
  .server("set", {
    title: "sends a new shape",
    requirement: "The server MUST send CURSOR_SET with size, hot spot and pixels when the machine's pointer changes",
    source: "spice-server cursor-channel.cpp CursorChannel::process_cmd, red_marshall_cursor",
    level: "must",
    covers: ["cursor/server/CURSOR_SET/cursor.header.type=ALPHA"],
    run: async (peer) => {
      const talk = await opened(await peer.session());
      for (const [width, height, color] of [[24, 16, 0xff102030], [7, 31, 0x80402010]] as const) {
        await shape(peer, { width, height, color, hotX: 3, hotY: 5 });
        const { cursor, visible } = await talk.expect(CursorSet, ({ cursor }) => cursor.header?.width === width);
        const { header, data } = cursor;
        mustEqual([header!.width, header!.height], [width, height], "the size of the cursor");
        mustEqual([header!.hotSpotX, header!.hotSpotY], [3, 5], "the hot spot");
        mustEqual(visible !== 0, true, "visible");
        if (header!.type !== CursorType.ALPHA) continue;
        const words = new DataView(data.buffer, data.byteOffset);
        for (let i = 0; i < width * height; i++) mustEqual(words.getUint32(4 * i, true), color, `pixel ${i}`);
      }
    },
  })
  .server("hide", {
    title: "hides the pointer, and shows it again",
    requirement: "The server MUST send CURSOR_HIDE, or CURSOR_SET that shows none, when the machine hides its pointer",
    source: "spice-server cursor-channel.cpp CursorChannel::process_cmd (QXL_CURSOR_HIDE)",
    level: "must",
    covers: ["cursor/server/CURSOR_HIDE"],
    run: async (peer) => {
      const talk = await opened(await peer.session()), look = { width: 9, height: 9, color: 0xff00ff00 };
      await shape(peer, look);
      await talk.expect(CursorSet, ({ visible }) => visible !== 0);
      await shape(peer, { ...look, visible: false });
      const heard = await talk.drain(400),
        hides = heard.some((one) => {
          if (one.type === CursorHide.id) return true;
          if (one.type !== CursorSet.id) return false;
          const { visible, cursor } = talk.decode(CursorSet, one);
          return visible === 0 || cursor.header === null;
        });
      must(hides, `it does not: ${heard.map(({ name }) => name).join(", ") || "nothing comes"}`);
      await shape(peer, look);
      const shown = await talk.drain(400);
      must(shown.some(({ type }) => type === CursorSet.id || type === CursorMove.id), "it does not show it again");
    },
  })
  .server("move", {
    title: "tells where the pointer is in server mouse mode",
    requirement: "The server MUST send CURSOR_MOVE when the machine moves its pointer in server mouse mode",
    source: "spice-server cursor-channel.cpp CursorChannel::process_cmd (SPICE_MOUSE_MODE_SERVER)",
    level: "must",
    covers: ["cursor/server/CURSOR_MOVE"],
    run: async (peer) => {
      const session = await peer.session(), talk = await opened(session);
      await mode(session, MouseMode.SERVER);
      const look = { width: 8, height: 8, color: 0xffffff00 };
      await shape(peer, { ...look, x: 1, y: 1 });
      await talk.drain(300);
      await peer.control.ask("cursor", { x: 123, y: 45 });
      const place = (await talk.drain(400)).flatMap((heard) => {
        if (heard.type === CursorMove.id) return [talk.decode(CursorMove, heard).position];
        return heard.type === CursorSet.id ? [talk.decode(CursorSet, heard).position] : [];
      }).at(-1);
      mustEqual(place, { x: 123, y: 45 }, "the place of the pointer");
    },
  })
  .server("move_client_mode", {
    title: "leaves the pointer to the client in client mouse mode",
    requirement: "The server MAY leave CURSOR_MOVE out in client mouse mode, as the client places its pointer itself",
    source: "spice-server cursor-channel.cpp CursorChannel::process_cmd (mouse_mode == SPICE_MOUSE_MODE_SERVER)",
    level: "info",
    run: async (peer) => {
      const session = await peer.session(), talk = await opened(session);
      await mode(session, MouseMode.CLIENT);
      const look = { width: 8, height: 8, color: 0xffff00ff };
      await shape(peer, { ...look, x: 1, y: 1 });
      await talk.drain(300);
      for (let x = 50; x < 60; x++) await peer.control.ask("cursor", { x, y: 9 });
      const moves = (await talk.drain(400)).filter(({ type }) => type === CursorMove.id);
      if (moves.length > 0) lax(`it sends ${moves.length} moves`);
    },
  })
  .server("late", {
    title: "shows a late viewer the pointer that there is",
    requirement: "The server MUST send the present cursor with CURSOR_INIT, or with CURSOR_SET behind it",
    source: "spice-server cursor-channel.cpp red_marshall_cursor_init",
    level: "must",
    run: async (peer) => {
      await shape(peer, { width: 21, height: 13, color: 0xff0000ff });
      const talk = await opened(await peer.session());
      await talk.drain(300);
      const last = cursorsOf(talk).at(-1)?.header ?? null;
      mustEqual([last?.width, last?.height], [21, 13], "the size of the cursor");
    },
  });

/** A cursor channel that has begun. */
async function opened(session: SessionTalk): Promise<Talk> {
  const talk = await session.open("cursor");
  await talk.expect(CursorInit);
  return talk;
}

/** The machine's pointer becomes so. */
async function shape(peer: ServerPeer, look: Readonly<Record<string, number | boolean>>): Promise<void> {
  await peer.control.ask("cursor", { hotX: 0, hotY: 0, ...look });
}

/** Has the machine change its pointer, or waits for what it does by itself. */
async function stir(peer: ServerPeer, talk: Talk): Promise<void> {
  try {
    for (const [width, height] of [[5, 3], [16, 16], [33, 7]] as const) {
      await shape(peer, { width, height, color: 0xff336699, hotX: 2, hotY: 1 });
      await talk.drain(150);
    }
  } catch (error) {
    if (!(error instanceof Finding && error.verdict === "unimplemented")) throw error;
    await talk.drain(700);
  }
}

/** Brings the session into a mouse mode. @throws {Finding} `unimplemented`: the server has no such mode. */
async function mode({ main, init }: SessionTalk, wanted: number): Promise<void> {
  if (init.currentMouseMode === wanted) return;
  if ((init.supportedMouseModes & wanted) === 0) lacks(`it has no mouse mode ${nameOf(MouseMode, wanted)}`);
  await main.send(MainMouseModeRequest, { mode: wanted });
  await main.expect(MainMouseMode, ({ currentMode }) => currentMode === wanted);
}

function cursorIn(talk: Talk, heard: Talk["heard"][number]): WireCursor | null {
  if (heard.type === CursorInit.id) return talk.decode(CursorInit, heard).cursor;
  return heard.type === CursorSet.id ? talk.decode(CursorSet, heard).cursor : null;
}

/** The cursors that came, in order. */
function cursorsOf(talk: Talk): WireCursor[] {
  return talk.heard.flatMap((heard) => cursorIn(talk, heard) ?? []);
}

/** Bytes of a cursor; `null` for a type that there is not. Source: spice-gtk channel-cursor.c set_cursor. */
function bytesOf(type: number, width: number, height: number): number | null {
  const count = width * height, mask = Math.ceil(count / 8);
  switch (type) {
    case CursorType.ALPHA:
      return 4 * count;
    case CursorType.MONO:
      return 2 * Math.ceil(width / 8) * height;
    case CursorType.COLOR4:
      return Math.ceil(width / 2) * height + 16 * 4 + mask;
    case CursorType.COLOR8:
      return count + 256 * 4 + mask;
    case CursorType.COLOR16:
      return 2 * count + mask;
    case CursorType.COLOR24:
      return 3 * count + mask;
    case CursorType.COLOR32:
      return 4 * count + mask;
    default:
      return null;
  }
}
