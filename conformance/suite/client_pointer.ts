/** A cursor channel of a client that is judged, and the pointer that its control program tells. */
import { type CursorInit, CursorSet } from "../../protocol/messages/cursor.ts";
import { CursorFlags, CursorType } from "../../protocol/messages/enums.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import { ClientChannel } from "./client_channel.ts";
import type { ClientPeer, Script } from "./client_peer.ts";
import { type Picture, pixelAt } from "./pictures.ts";
import { fail, must, mustEqual } from "./verdict.ts";

/** A cursor as it stands in INIT and SET. */
export type WireCursor = ValueOf<typeof CursorInit>["cursor"];

/** Without a shape. */
export const NO_CURSOR: WireCursor = { flags: CursorFlags.NONE, header: null, data: new Uint8Array(0) };

/** A pointer as control programs tell it. */
export interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** 0xAARRGGBB, row by row; empty when there is no shape. */
  readonly pixels: readonly number[];
}

/** A client's cursor channel. */
export class ClientPointer extends ClientChannel {
  /** Starts the client and waits for its cursor channel. */
  static async open(peer: ClientPeer, script: Script = {}): Promise<ClientPointer> {
    await peer.main({ channels: [{ name: "display" }, { name: "cursor" }], ...script });
    return new ClientPointer(peer, await peer.channel("cursor"));
  }

  /** Sends CURSOR_SET, visible unless told. */
  async set(cursor: WireCursor, visible = 1): Promise<void> {
    await this.send(CursorSet, { position: { x: 0, y: 0 }, visible, cursor });
  }

  /** The pointer when the client has handled all that was sent. */
  async pointer(): Promise<Pointer> {
    await this.handled();
    const told = await this.peer.control.ask("cursor", { display: 0 }) as Partial<Pointer> | null;
    must(Array.isArray(told?.pixels), "its control program tells no pixels of the cursor");
    return told as Pointer;
  }

  /**
   * Fails unless the client shows this shape.
   * @param picture Colours; `null` where the shape lets through what is below.
   * @param mask Bits of a colour that are compared.
   */
  async mustShow(shape: Shape, mask = 0xffffff): Promise<void> {
    const told = await this.pointer(), { width, height } = shape;
    must(told.visible, "the cursor is hidden");
    mustEqual([told.width, told.height], [width, height], "the size of the cursor");
    mustEqual([told.hotX, told.hotY], [shape.hotX, shape.hotY], "the hot spot");
    mustEqual(told.pixels.length, width * height, "the number of pixels that it tells");
    for (let i = 0; i < width * height; i++) {
      const actual = told.pixels[i]!,
        expected = argbAt(shape, i % width, Math.floor(i / width)),
        alpha = expected >>> 24;
      if (actual >>> 24 === alpha && (alpha === 0 || ((actual ^ expected) & mask) === 0)) continue;
      const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
      fail(`the cursor has ${hex(actual)} at ${i % width},${Math.floor(i / width)}, not ${hex(expected)}`);
    }
  }

  /** Fails when the client shows a cursor. */
  async mustHide(): Promise<void> {
    const { visible, pixels } = await this.pointer();
    must(!visible || pixels.length === 0, "the cursor is shown");
  }
}

/** A shape that is sent, and expected. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** 0x00RRGGBB; indexes of {@link palette} if there is one. */
  readonly colors: Picture;
  readonly palette?: readonly number[];
  /** Whether a pixel lets through what is below. */
  through(x: number, y: number): boolean;
}

/** The pixel that a shape shows, 0xAARRGGBB. */
export function argbAt(shape: Shape, x: number, y: number): number {
  if (shape.through(x, y)) return 0;
  const color = pixelAt(shape.colors, x, y);
  return ((shape.palette?.[color] ?? color) | 0xff000000) >>> 0;
}

/**
 * A shape as the bytes of a cursor type.
 *
 * Source: spice-gtk channel-cursor.c set_cursor, mono_cursor; spice-server red-stream-device.cpp get_cursor_type_bits.
 */
export function cursorOf(shape: Shape, type: number, flags = 0, unique = 0n): WireCursor {
  const { width, height, hotX, hotY } = shape;
  const header = { unique, type, width, height, hotSpotX: hotX, hotSpotY: hotY };
  return { flags, header, data: Uint8Array.from(cursorBytes(shape, type)) };
}

/** A cursor that the peer has already. */
export function cachedCursor(shape: Shape, type: number, unique: bigint): WireCursor {
  return { ...cursorOf(shape, type, CursorFlags.FROM_CACHE, unique), data: new Uint8Array(0) };
}

function cursorBytes(shape: Shape, type: number): number[] {
  const { width, height, colors, palette = [] } = shape, rows = Array.from({ length: height }, (_, y) => y);
  const columns = Array.from({ length: width }, (_, x) => x);
  const each = (spell: (x: number, y: number) => number[]) => rows.flatMap((y) => columns.flatMap((x) => spell(x, y)));
  const bits = (isSet: (x: number, y: number) => boolean) =>
    rows.flatMap((y) => {
      const bytes = new Array<number>(Math.ceil(width / 8)).fill(0);
      for (const x of columns) if (isSet(x, y)) bytes[x >> 3]! |= 128 >> (x & 7);
      return bytes;
    });
  const little = (value: number, count: number) => Array.from({ length: count }, (_, i) => value >>> 8 * i & 255);
  const mask = () => bits((x, y) => shape.through(x, y)), at = (x: number, y: number) => pixelAt(colors, x, y);
  switch (type) {
    case CursorType.ALPHA:
      return each((x, y) => little(argbAt(shape, x, y), 4));
    case CursorType.MONO:
      return [...mask(), ...bits((x, y) => !shape.through(x, y) && at(x, y) !== 0)];
    case CursorType.COLOR4:
      return [
        ...rows.flatMap((y) => {
          return columns.filter((x) => x % 2 === 0).map((x) => at(x, y) << 4 | (x + 1 < width ? at(x + 1, y) : 0));
        }),
        ...palette.flatMap((color) => little(color, 4)),
        ...mask(),
      ];
    case CursorType.COLOR8:
      return [...each((x, y) => [at(x, y)]), ...palette.flatMap((color) => little(color, 4)), ...mask()];
    case CursorType.COLOR16:
      return [
        ...each((x, y) => {
          const color = at(x, y);
          return little(color >>> 9 & 0x7c00 | color >>> 6 & 0x3e0 | color >>> 3 & 0x1f, 2);
        }),
        ...mask(),
      ];
    case CursorType.COLOR24:
      return [...each((x, y) => little(at(x, y), 3)), ...mask()];
    default:
      return [...each((x, y) => little(at(x, y), 4)), ...mask()];
  }
}
