/** One connection of a case: bytes out, bytes in with a time limit, and the evidence of both. */
import type { Evidence } from "./evidence.ts";
import { fail } from "./verdict.ts";

/** Where a peer is. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Most bytes that wait to be looked at; a peer that sends more is not read until they are. */
const MOST_WAITING = 64 * 1024 * 1024;

/** A connection to a peer, or from one. */
export class Wire implements Disposable {
  /** Its number in the evidence. */
  readonly number: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #closed = false;
  #wake: () => void = () => {};

  /** @param patienceMs How long a wait for bytes may take, unless told. */
  constructor(readonly conn: Deno.Conn, readonly evidence: Evidence, readonly patienceMs = 3000) {
    this.number = evidence.connection();
    if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") conn.setNoDelay(true);
    void this.#read();
  }

  /** Opens a connection. @throws {Finding} `failed`: nobody listens there. */
  static async connect(address: Address, evidence: Evidence, patienceMs?: number): Promise<Wire> {
    try {
      const conn = address.kind === "tcp"
        ? await Deno.connect({ hostname: address.host, port: address.port })
        : await Deno.connect({ transport: "unix", path: address.path });
      const wire = new Wire(conn, evidence, patienceMs);
      evidence.note(wire.number, "suite", "connects");
      return wire;
    } catch (error) {
      return fail(`no connection can be made: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** True once the peer has ended its side, or the connection is broken. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that have come and were not taken. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Sends bytes. @returns False when the peer takes no more. */
  async send(bytes: Uint8Array, what: string): Promise<boolean> {
    this.evidence.note(this.number, "suite", what, bytes);
    try {
      for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
      return true;
    } catch {
      this.#ended = true;
      return false;
    }
  }

  /**
   * Takes so many bytes.
   * @returns `null` when the peer ends, or says nothing for too long, before they have come.
   */
  async take(count: number, what: string, patienceMs: number = this.patienceMs): Promise<Uint8Array | null> {
    const end = performance.now() + patienceMs;
    while (this.#waitingBytes < count) {
      const left = end - performance.now();
      if (this.#ended || left <= 0) return null;
      await this.#change(left);
    }
    const bytes = this.#shift(count);
    this.evidence.note(this.number, "peer", what, bytes);
    return bytes;
  }

  /** Takes what has come by now, or comes within a time: at least one byte. `null` as in {@link take}. */
  async some(patienceMs: number): Promise<Uint8Array | null> {
    const end = performance.now() + patienceMs;
    while (this.#waitingBytes === 0) {
      const left = end - performance.now();
      if (this.#ended || left <= 0) return null;
      await this.#change(left);
    }
    return this.#shift(this.#waitingBytes);
  }

  /** Waits until the peer ends the connection; what it says until then is dropped. @returns False when it does not. */
  async closes(patienceMs: number = this.patienceMs): Promise<boolean> {
    const end = performance.now() + patienceMs;
    while (!this.#ended) {
      const left = end - performance.now();
      if (left <= 0) return false;
      this.#shift(this.#waitingBytes);
      await this.#change(left);
    }
    this.evidence.note(this.number, "peer", "closes");
    return true;
  }

  /** Hangs up. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    this.evidence.note(this.number, "suite", "closes");
    this.conn.close();
    this.#wake();
  }

  /** The same as {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      while (!this.#closed) {
        while (this.#waitingBytes > MOST_WAITING && !this.#closed) await this.#change(1000);
        const size = await this.conn.read(buffer);
        if (size === null) break;
        this.#waiting.push(buffer.slice(0, size));
        this.#waitingBytes += size;
        this.#wake();
      }
    } catch {
      // Closed by us, or broken: an end either way.
    }
    this.#ended = true;
    this.#wake();
  }

  /** Resolves when something has happened, or the time is over. */
  #change(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms), before = this.#wake;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        before();
        done();
      };
    });
  }

  #shift(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const first = this.#waiting[0]!, part = first.subarray(0, count - at);
      bytes.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#waitingBytes -= count;
    return bytes;
  }
}
