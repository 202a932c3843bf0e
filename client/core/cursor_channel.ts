/** The cursor channel: the pointer's shape, place and visibility. */
import { type CursorShape, decodeCursor } from "../../canvas/cursor.ts";
import { CanvasError } from "../../canvas/errors.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { cursor, CursorSet } from "../../protocol/messages/cursor.ts";
import { CursorFlags } from "../../protocol/messages/enums.ts";
import type { MessageOf, ValueOf } from "../../protocol/schema/message.ts";
import type { Cursor } from "./cursor.ts";
import type { Handler, Port, Received } from "./port.ts";

/** A cursor as it comes with INIT and SET. */
type WireCursor = ValueOf<typeof CursorSet>["cursor"];

/** Most pixels of a cursor; the reference server sends at most 512 × 512. */
const CURSOR_PIXELS = 1024 * 1024;

/** Handles cursor channel messages. Source: spice-gtk src/channel-cursor.c. */
export class CursorChannel implements Handler {
  #cursor: Cursor = { image: null, visible: false, x: 0, y: 0 };
  /** Shapes by `unique`, oldest first. */
  readonly #cache = new Map<bigint, CursorShape>();

  readonly #port: Port;
  readonly #limits: Limits;

  /** Made by the session core when the channel is linked. */
  constructor(port: Port, limits: Limits) {
    this.#port = port;
    this.#limits = limits;
  }

  /** The pointer now. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Input from the channel: a message. For the session core alone. */
  handle(received: Received): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof cursor.server>;
    switch (message.name) {
      case "CURSOR_INIT": {
        this.#cache.clear();
        const { position, visible, cursor } = message.value;
        return this.#show(message.name, { ...position, visible: visible !== 0 }, cursor);
      }
      case "CURSOR_SET": {
        const { position, visible, cursor } = message.value;
        return this.#show(message.name, { ...position, visible: visible !== 0 }, cursor);
      }
      case "CURSOR_MOVE":
        return this.#change({ ...message.value.position, visible: true });
      case "CURSOR_HIDE":
        return this.#change({ visible: false });
      case "CURSOR_RESET":
        this.#cache.clear();
        return this.#change({ image: null, visible: false });
      case "CURSOR_INVAL_ONE":
        this.#cache.delete(message.value.id);
        return;
      case "CURSOR_INVAL_ALL":
        return this.#cache.clear();
      case "CURSOR_TRAIL":
        // A trail is a taste of the screen, not a state of the guest: no client of the reference draws it.
        return;
    }
  }

  #change(change: Partial<Cursor>): void {
    this.#cursor = { ...this.#cursor, ...change };
    this.#port.emit({ type: "cursor", display: this.#port.id, cursor: this.#cursor });
  }

  #show(message: string, place: Pick<Cursor, "x" | "y" | "visible">, wire: WireCursor): void {
    const image = this.#image(message, wire);
    this.#change(image === null ? { image, ...place, visible: false } : { image, ...place });
  }

  #image(message: string, { flags, header, data }: WireCursor): CursorShape | null {
    if (header === null) return null;
    const fail = (code: "bad-value" | "unsupported", path: string, detail: string): never => {
      throw new ProtocolError({ code, action: "handle", message, path, detail });
    };
    if ((flags & CursorFlags.FROM_CACHE) !== 0) {
      return this.#cache.get(header.unique) ??
        fail("bad-value", "cursor.header.unique", `${header.unique} is not cached`);
    }
    const image = this.#decode(header, data, fail);
    if ((flags & CursorFlags.CACHE_ME) !== 0) this.#keep(header.unique, image);
    return image;
  }

  #decode(
    header: NonNullable<WireCursor["header"]>,
    data: Uint8Array,
    fail: (code: "bad-value" | "unsupported", path: string, detail: string) => never,
  ): CursorShape {
    try {
      return decodeCursor(header, data, CURSOR_PIXELS);
    } catch (error) {
      if (!(error instanceof CanvasError)) throw error;
      return fail(error.code === "unsupported" ? "unsupported" : "bad-value", "cursor.header", error.message);
    }
  }

  #keep(unique: bigint, image: CursorShape): void {
    this.#cache.delete(unique);
    this.#cache.set(unique, image);
    if (this.#cache.size <= this.#limits.cursors) return;
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest);
      return;
    }
  }
}
