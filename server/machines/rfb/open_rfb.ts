/** Opens a connection to a VNC server: moves bytes and time between {@link RfbCore} and the world. */
import type { MachineInput } from "../../core/vdi.ts";
import { RfbCore } from "./rfb_core.ts";
import { RfbError } from "./rfb_error.ts";
import type { RfbAddress, RfbHandler, RfbHead, RfbOptions } from "./rfb_head.ts";
import { RFB_LIMITS } from "./rfb_limits.ts";
import type { RfbOutput } from "./rfb_output.ts";
import { vncResponse } from "./vnc_response.ts";

/** Bytes read at once. */
const READ_BYTES = 256 * 1024;
/** Bytes that may wait to be sent; a server that lets more pile up does not read. */
const MAX_WAITING_BYTES = 64 * 1024;
/** Between two messages that keep QEMU awake: its own shortest pause between two looks for changes. */
const KEEP_AWAKE_MS = 30;
const HANDSHAKE_MS = 10_000;

/**
 * Connects to a VNC server and shows it to a handler.
 *
 * @returns The connection, once the handler has been told name and size.
 * @throws {RfbError} `unreachable`, `timeout`, `closed`, or what the handshake broke on; `ended` is not called then.
 */
export async function openRfb(options: RfbOptions, handler: RfbHandler): Promise<RfbHead> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), options.handshakeMs ?? HANDSHAKE_MS);
  try {
    const link = new RfbConnection(await connect(options.address, abort.signal), options, handler);
    abort.signal.onabort = () => link.fail(new RfbError("timeout", "it does not finish the handshake"));
    try {
      await link.opened;
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  } finally {
    clearTimeout(limit);
  }
}

async function connect(address: RfbAddress, signal: AbortSignal): Promise<Deno.Conn> {
  try {
    if (address.kind === "unix") return await Deno.connect({ transport: "unix", path: address.path });
    const conn = await Deno.connect({ hostname: address.host, port: address.port, signal });
    conn.setNoDelay(true);
    return conn;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const where = address.kind === "tcp" ? `${address.host}:${address.port}` : address.path;
    const why = signal.aborted ? "no answer" : error instanceof Error ? error.message : String(error);
    throw new RfbError("unreachable", `no connection to ${where}: ${why}`, null, { cause: error });
  }
}

/** A connection from its first byte on. */
class RfbConnection implements RfbHead {
  readonly opened: Promise<void>;
  readonly #core: RfbCore;
  readonly #conn: Deno.Conn;
  readonly #options: RfbOptions;
  readonly #handler: RfbHandler;
  readonly #head: number;
  readonly #opening = Promise.withResolvers<void>();
  readonly #reading: Promise<void>;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;
  #watched = true;
  #awake: ReturnType<typeof setInterval> | undefined;
  #over = false;

  constructor(conn: Deno.Conn, options: RfbOptions, handler: RfbHandler) {
    this.#conn = conn;
    this.#options = options;
    this.#handler = handler;
    this.#head = options.head ?? 0;
    this.#core = new RfbCore({
      hasPassword: options.password !== undefined,
      limits: { ...RFB_LIMITS, ...options.limits },
    });
    this.opened = this.#opening.promise;
    this.#reading = this.#read();
  }

  get name(): string {
    return this.#core.name;
  }

  get resizable(): boolean {
    return this.#core.resizable;
  }

  input(input: MachineInput): void {
    if (this.#over) return;
    switch (input.kind) {
      case "key":
        this.#core.key(input.scancode, input.down);
        break;
      case "position":
        this.#core.position(input.x, input.y);
        break;
      case "motion":
        this.#core.motion(input.dx, input.dy);
        break;
      case "button":
        this.#core.button(input.button, input.down);
        break;
      case "leds":
        this.#core.wantLeds(input.modifiers);
        break;
      case "resize":
        this.#core.resize(input.width, input.height);
    }
    this.#drain();
  }

  watch(watched: boolean): void {
    if (this.#over || watched === this.#watched) return;
    this.#watched = watched;
    this.#keepAwake();
    this.#core.watch(watched);
    this.#drain();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#reading;
    await this.#writing;
  }

  /** Ends the connection and tells it. */
  fail(error: RfbError): void {
    if (this.#over) return;
    const wasOpen = this.#core.ready;
    this.#end();
    if (wasOpen) {
      // In the middle of a picture, maybe: what there is of it may be shown.
      this.#handler.drawing(this.#head, false);
      this.#handler.ended(error);
    } else this.#opening.reject(error);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#awake);
    this.#waiting.length = 0;
    this.#conn.close();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    while (!this.#over) {
      let size: number | null = null;
      try {
        size = await this.#conn.read(buffer);
      } catch {
        // Our own close, or a broken connection: to us, the end of the stream.
      }
      if (this.#over) return;
      if (size === null) this.#core.ended();
      else this.#core.receive(buffer.subarray(0, size));
      this.#drain();
    }
  }

  #drain(): void {
    for (let output = this.#core.poll(); output !== undefined && !this.#over; output = this.#core.poll()) {
      this.#do(output);
    }
  }

  #do(output: RfbOutput): void {
    const handler = this.#handler, head = this.#head;
    switch (output.do) {
      case "send":
        return this.#send(output.bytes);
      case "challenge":
        return this.#core.answer(vncResponse(output.challenge, this.#options.password ?? ""));
      case "ready":
        handler.named(output.name);
        handler.head(head, sizeOf(output));
        this.#opening.resolve();
        return this.#keepAwake();
      case "size":
        return handler.head(head, sizeOf(output));
      case "pixels":
        clearUpperBytes(output.pixels);
        return handler.draw(head, { kind: "pixels", area: output.area, pixels: output.pixels });
      case "copy":
        return handler.draw(head, { kind: "copy", area: output.area, from: output.from });
      case "cursor":
        return handler.cursor(head, { shape: output.shape, visible: output.shape !== null, at: null });
      case "pointer":
        // A server takes either places or steps, never both.
        return handler.mouseModes({ absolute: output.absolute, relative: !output.absolute });
      case "leds":
        return handler.leds(output.modifiers);
      case "resizable":
        return handler.resizable(head, output.can);
      case "size-answer":
        return handler.sizeAnswered(head, output.accepted, output.detail);
      case "close":
        return this.fail(output.error);
      case "updating":
      case "updated":
        return handler.drawing(head, output.do === "updating");
      case "bell":
        // SPICE has no word for it.
        return;
    }
  }

  #keepAwake(): void {
    clearInterval(this.#awake);
    const ms = this.#options.keepAwakeMs ?? (this.#core.isQemu ? KEEP_AWAKE_MS : 0);
    if (!this.#watched || !this.#core.ready || ms === 0) return;
    const say = () => {
      // A server that is behind is awake.
      if (this.#writing !== null) return;
      this.#core.sayNothing();
      this.#drain();
    };
    this.#awake = setInterval(say, ms);
    say();
  }

  #send(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      return this.fail(new RfbError("stalled", `it does not read: ${this.#waitingBytes} bytes wait`));
    }
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    // What is sent in one go waits for it, and goes out as one write.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        let bytes = join(this.#waiting);
        this.#waiting.length = 0;
        this.#waitingBytes = 0;
        while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
      }
    } catch {
      // The reader learns of a broken connection, too.
      this.#waiting.length = 0;
    } finally {
      this.#writing = null;
    }
  }
}

function sizeOf({ width, height }: { width: number; height: number }): { width: number; height: number } | null {
  return width > 0 && height > 0 ? { width, height } : null;
}

/** RFB leaves the fourth byte of a pixel open, a machine does not: 34 million pixels a second take 2 % of a processor. */
function clearUpperBytes(pixels: Uint32Array): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! & 0xffffff;
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
