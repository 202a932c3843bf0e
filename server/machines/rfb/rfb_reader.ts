/** Reads a server's bytes as they come. */
import { RfbError } from "./rfb_error.ts";

/** What a {@link Reading} waits for. */
export type RfbWait =
  /** So many bytes in one piece, valid until the next wait. The limits bound how many. */
  | { readonly take: number }
  /** As many bytes as this holds, written over it. */
  | { readonly fill: Uint8Array }
  /** So many bytes, dropped. */
  | { readonly skip: number }
  /** {@link RfbReader.answer}; the server waits for it, too. */
  | { readonly answer: true };

/**
 * A part of the stream as it is read from top to bottom: it yields what it waits for, is given the bytes, and returns
 * what they mean. What it throws ends the stream.
 */
export type Reading<T> = Generator<RfbWait, T, Uint8Array>;

/** Drives a reading with bytes that come in any pieces. */
export class RfbReader {
  readonly #reading: Reading<never>;
  #wait: RfbWait;
  // What has come and is not read yet.
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Bytes of the stream before `#input`. */
  #passed = 0;
  // What has come of the wait.
  #need = 0;
  #have = 0;
  /** Where it goes; null while it is seen in the input, or dropped. */
  #target: Uint8Array | null = null;

  /** @param reading Begins at once, and never ends. */
  constructor(reading: Reading<never>) {
    this.#reading = reading;
    this.#wait = this.#begin(reading.next().value);
  }

  /** Bytes of the stream that were read. */
  get offset(): number {
    return this.#passed + this.#at;
  }

  /**
   * Input: what the server sent.
   * @param bytes Must stay as they are until {@link advance} needs more; advance until then before the next input.
   */
  receive(bytes: Uint8Array): void {
    if (this.#at < this.#input.length) throw new TypeError("Advance until nothing is left, then receive");
    this.#passed += this.#input.length;
    this.#input = bytes;
    this.#at = 0;
  }

  /** Input: an answer, when the reading waits for one. */
  answer(bytes: Uint8Array): void {
    if ("answer" in this.#wait) this.#wait = this.#begin(this.#reading.next(bytes).value);
  }

  /**
   * Command: read on to the reading's next wait.
   * @returns False when more input is needed for that.
   * @throws {RfbError} What the reading throws; `bad-value`, when bytes come before an answer.
   */
  advance(): boolean {
    const piece = this.#input.subarray(this.#at, this.#at + this.#need - this.#have);
    const isWhole = this.#have + piece.length === this.#need;
    if (piece.length === 0 && !isWhole) return false;
    this.#at += piece.length;
    if ("answer" in this.#wait) throw new RfbError("bad-value", "it did not wait for the answer to its challenge");
    // Bytes that came in one piece are seen where they are.
    if ("take" in this.#wait && !isWhole) this.#target ??= new Uint8Array(this.#need);
    this.#target?.set(piece, this.#have);
    this.#have += piece.length;
    if (isWhole) this.#wait = this.#begin(this.#reading.next(this.#target ?? piece).value);
    return true;
  }

  #begin(wait: RfbWait): RfbWait {
    this.#need = "take" in wait ? wait.take : "fill" in wait ? wait.fill.length : "skip" in wait ? wait.skip : 1;
    this.#have = 0;
    this.#target = "fill" in wait ? wait.fill : null;
    return wait;
  }
}
