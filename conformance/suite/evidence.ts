/** What went over the wire while a case ran, kept so that a verdict can be checked by a person. */

/** Bytes, or a word about them. */
export interface EvidenceEntry {
  /** Milliseconds since the case began. */
  readonly atMs: number;
  /** Number of the connection in this case, from 1. */
  readonly connection: number;
  /** Who did it. */
  readonly by: "suite" | "peer";
  /** What it is: a message's name, `connects`, `closes`, a field of the link. */
  readonly what: string;
  /** Its bytes, the first of them; hex. */
  readonly hex?: string;
  /** All of its bytes. */
  readonly length?: number;
}

/** Bytes of one entry that are kept. */
const KEPT_BYTES = 512;
/** Entries of one case that are kept; the first ones. */
const KEPT_ENTRIES = 400;

/** The log of one case. */
export class Evidence {
  readonly entries: EvidenceEntry[] = [];
  readonly #startMs = performance.now();
  #connections = 0;
  #left = 0;

  /** A number for a connection that begins. */
  connection(): number {
    return ++this.#connections;
  }

  /** Entries that are not kept. */
  get left(): number {
    return this.#left;
  }

  /** Notes what happened. */
  note(connection: number, by: "suite" | "peer", what: string, bytes?: Uint8Array): void {
    if (this.entries.length >= KEPT_ENTRIES) {
      this.#left++;
      return;
    }
    const atMs = Math.round((performance.now() - this.#startMs) * 10) / 10;
    const shown = bytes === undefined ? {} : { hex: bytes.subarray(0, KEPT_BYTES).toHex(), length: bytes.length };
    this.entries.push({ atMs, connection, by, what, ...shown });
  }
}
