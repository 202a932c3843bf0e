/** What a recorder took out of link messages as they passed, so that two peers leave out what both can do. */
import { ProtocolError } from "../protocol/errors.ts";
import { LINK_HEADER_BYTES, SPICE_MAGIC, SpiceLinkMess, SpiceLinkReply } from "../protocol/messages/link.ts";
import { decode } from "../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../protocol/schema/encode.ts";
import type { Sender } from "../protocol/schema/message.ts";
import { CaptureError } from "./capture_error.ts";

/** A capability that was announced and did not arrive. */
export interface Cleared {
  /** Whose link message it was taken out of. */
  readonly from: Sender;
  readonly set: "common" | "channel";
  /** Its bit number. */
  readonly cap: number;
}

/** A capability to take out. */
export interface Clearing {
  /** Whose; both sides' by default. */
  readonly from?: Sender;
  /** `common`, or the type of the channel whose own capability it is. */
  readonly set: "common" | number;
  /** Its bit number. */
  readonly cap: number;
}

/**
 * Reads the file that says what was cleared: lines of `direction set capability`, as `> common 3`.
 *
 * @param name Of the connection.
 * @param file Its bytes; without it, nothing was.
 * @throws {CaptureError} `bad-index`.
 */
export function readCleared(name: string, file: Uint8Array | undefined): Cleared[] {
  const lines = new TextDecoder().decode(file).split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    const [, direction, set, cap] = /^([<>]) (common|channel) (\d{1,5})$/.exec(line) ?? [];
    if (cap === undefined) {
      throw new CaptureError("bad-index", `line ${i + 1} of ${name}.alt is no \`direction set capability\``);
    }
    return {
      from: direction === ">" ? "client" : "server",
      set: set === "common" ? "common" : "channel",
      cap: Number(cap),
    };
  });
}

/** @returns The file for {@link readCleared}. */
export function clearedText(cleared: readonly Cleared[]): string {
  return cleared.map(({ from, set, cap }) => `${from === "client" ? ">" : "<"} ${set} ${cap}\n`).join("");
}

/** Clears bits in the two link messages of one connection; all other bytes pass as they are. */
export class LinkFilter {
  readonly #held: Record<Sender, Uint8Array | null> = { client: new Uint8Array(), server: new Uint8Array() };
  readonly #cleared: Cleared[] = [];
  #channelType: number | null = null;

  constructor(readonly without: readonly Clearing[]) {}

  /** What was there to be cleared. */
  get cleared(): readonly Cleared[] {
    return this.#cleared;
  }

  /** Takes the next bytes of a side. @returns What goes on: nothing before the link message is whole. */
  pass(from: Sender, bytes: Uint8Array): Uint8Array {
    const held = this.#held[from];
    if (held === null || this.without.length === 0) return bytes;
    const all = concat([held, bytes]), view = new DataView(all.buffer, all.byteOffset);
    if (all.length >= 4 && view.getUint32(0, true) !== SPICE_MAGIC) return this.#release(from, all);
    const end = all.length < LINK_HEADER_BYTES ? Infinity : LINK_HEADER_BYTES + view.getUint32(12, true);
    if (all.length < end) {
      this.#held[from] = all;
      return new Uint8Array();
    }
    return this.#release(from, all, end);
  }

  /** @returns What is still held back, when a side ends. */
  rest(from: Sender): Uint8Array {
    const held = this.#held[from] ?? new Uint8Array();
    this.#held[from] = null;
    return held;
  }

  #release(from: Sender, all: Uint8Array, end = 0): Uint8Array {
    this.#held[from] = null;
    if (end === 0) return all;
    const body = all.subarray(LINK_HEADER_BYTES, end);
    return concat([all.subarray(0, LINK_HEADER_BYTES), this.#without(from, body), all.subarray(end)]);
  }

  #without(from: Sender, body: Uint8Array): Uint8Array {
    try {
      if (from === "server") {
        const reply = decode(SpiceLinkReply, body);
        return encodeBytes(SpiceLinkReply, { ...reply, caps: this.#caps(from, reply.caps) });
      }
      const mess = decode(SpiceLinkMess, body);
      this.#channelType = mess.channelType;
      return encodeBytes(SpiceLinkMess, { ...mess, caps: this.#caps(from, mess.caps) });
    } catch (error) {
      if (error instanceof ProtocolError) return body;
      throw error;
    }
  }

  #caps(from: Sender, caps: SpiceLinkMess["caps"]): SpiceLinkMess["caps"] {
    if (caps === null) return null;
    const clear = (words: readonly number[], set: "common" | "channel") =>
      words.map((word, i) => {
        for (const one of this.without) {
          const wanted = (one.from ?? from) === from && (one.set === "common" ? "common" : "channel") === set;
          if (!wanted || one.cap >> 5 !== i || (one.set !== "common" && one.set !== this.#channelType)) continue;
          const bit = 1 << (one.cap & 31);
          if ((word & bit) !== 0) this.#cleared.push({ from, set, cap: one.cap });
          word = (word & ~bit) >>> 0;
        }
        return word;
      });
    return { common: clear(caps.common, "common"), channel: clear(caps.channel, "channel") };
  }
}
