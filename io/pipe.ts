/** A connection with order in it: one read loop, one writer. Client and server stand on it alike. */
import { ProtocolError } from "../protocol/errors.ts";
import { concat } from "../protocol/schema/encode.ts";

/** A byte stream both ways; a `Deno.Conn` is one. */
export interface Connection {
  /**
   * Waits for bytes.
   *
   * @returns How many were read into `buffer`, or `null` at the end of the stream.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes bytes, or the first of them.
   *
   * @returns How many were written, at least 1.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends both ways; a waiting `read` ends or fails. */
  close(): void;
}

/** Bytes read at once, unless told. */
const READ_BYTES = 256 * 1024;
/** Chunks smaller than this are joined before they are written. */
const JOIN_BYTES = 16 * 1024;

/** One connection: a read loop, and a single writer that sends in order. */
export class Pipe {
  readonly #queue: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #closed = false;
  #broken: ProtocolError | null = null;
  #queuedBytes = 0;

  /**
   * @param connection It belongs to the pipe from now on.
   * @param onWritten Called whenever the system has taken some bytes.
   * @param readBytes Bytes read at once.
   */
  constructor(
    readonly connection: Connection,
    readonly onWritten: () => void = () => {},
    readonly readBytes: number = READ_BYTES,
  ) {}

  /** Bytes that the system has not taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sends chunks, after all that was sent before. They must not change until they are written. */
  send(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#writing = this.#write();
  }

  /** Resolves when all that was sent has gone to the system. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Ends both ways at once; what was not written is lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.connection.close();
  }

  /**
   * Reads until the end.
   *
   * @param receive Takes bytes. Nothing more is read before what it returns is there.
   * @returns What went wrong with the connection, or `null`.
   */
  async pump(receive: (bytes: Uint8Array) => Promise<void> | undefined | void): Promise<ProtocolError | null> {
    const buffer = new Uint8Array(this.readBytes);
    try {
      for (let n = await this.#read(buffer); typeof n === "number"; n = await this.#read(buffer)) {
        const taken = receive(buffer.subarray(0, n));
        if (taken !== undefined) await taken;
      }
      return this.#broken;
    } finally {
      this.close();
      await this.#writing;
    }
  }

  /** @returns `null` at the end of the stream, whatever the end. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    if (this.#closed) return null;
    try {
      const n = await this.connection.read(buffer);
      return this.#closed ? null : n;
    } catch (error) {
      if (!this.#closed && !isHangUp(error)) this.#broken = asProtocolError(error, "read from");
      return null;
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        let bytes = this.#next();
        while (bytes.length > 0) {
          const n = await this.connection.write(bytes);
          bytes = bytes.subarray(n);
          this.#queuedBytes = Math.max(0, this.#queuedBytes - n);
          this.onWritten();
        }
      }
    } catch {
      // The reader learns of a broken connection too, and tells it with what came before.
      this.#forget();
    } finally {
      this.#busy = false;
    }
  }

  #forget(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  /** The next chunk, small ones joined. */
  #next(): Uint8Array {
    let count = 0, size = 0;
    while (count < this.#queue.length && (count === 0 || size + this.#queue[count]!.length <= JOIN_BYTES)) {
      size += this.#queue[count++]!.length;
    }
    return concat(this.#queue.splice(0, count));
  }
}

/** A peer that closes without ceremony ends the stream as well as one that closes politely. */
function isHangUp(error: unknown): boolean {
  return error instanceof Error && ["ConnectionReset", "BrokenPipe", "UnexpectedEof"].includes(error.name);
}

/** @returns The error itself, or what the system said, as one of ours. */
export function asProtocolError(error: unknown, action: string): ProtocolError {
  if (error instanceof ProtocolError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ProtocolError({ code: "closed", action, message: "the peer", detail, cause: error });
}
