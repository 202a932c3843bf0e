/**
 * The client side of RFB (VNC) 3.3 to 3.8 as a state machine: bytes in, outputs out.
 *
 * ```text
 * bytes ── RfbReader ── rfbHandshake, then RfbSession ──┬── outputs
 *                            │ how input is taken       │
 * keys, pointer, LEDs ── RfbInput ──────────────────────┤
 * watched or not ── RfbUpdateRequests ──────────────────┘
 * ```
 *
 * Source: rfbproto (the community's RFB specification); QEMU ui/vnc.c where it differs.
 */
import type { MachineButton } from "../../core/vdi.ts";
import { RfbError, type RfbErrorCode } from "./rfb_error.ts";
import { rfbHandshake, type RfbHandshakeOptions } from "./rfb_handshake.ts";
import { RfbInput } from "./rfb_input.ts";
import type { RfbOutput } from "./rfb_output.ts";
import { type Reading, RfbReader } from "./rfb_reader.ts";
import { RfbSession } from "./rfb_session.ts";
import { RfbUpdateRequests } from "./rfb_update_requests.ts";

/** How a core is made. */
export type RfbCoreOptions = RfbHandshakeOptions;

/** One connection to a VNC server. */
export class RfbCore {
  readonly #options: RfbCoreOptions;
  readonly #outputs: RfbOutput[] = [];
  readonly #input = new RfbInput((bytes) => this.#sendOnceReady(bytes));
  readonly #requests = new RfbUpdateRequests((bytes) => this.#sendOnceReady(bytes));
  readonly #reader: RfbReader;
  #session: RfbSession | null = null;
  #closed = false;

  constructor(options: RfbCoreOptions) {
    this.#options = options;
    this.#reader = new RfbReader(this.#read());
  }

  /** The server's name; empty before it is ready. */
  get name(): string {
    return this.#session?.name ?? "";
  }

  /** Whether the handshake is over. */
  get ready(): boolean {
    return this.#session !== null;
  }

  /** Whether the server is QEMU, by the name it gives itself. */
  get isQemu(): boolean {
    return this.#session?.isQemu ?? false;
  }

  /** Whether the server has said that its size can be asked for. */
  get resizable(): boolean {
    return this.#session?.resizable ?? false;
  }

  /**
   * Input: what the server sent, in any pieces.
   * @param bytes Must stay as they are until {@link poll} gives nothing more; poll until then before the next input.
   */
  receive(bytes: Uint8Array): void {
    if (!this.#closed) this.#reader.receive(bytes);
  }

  /** Input: the server's end of the stream. */
  ended(): void {
    this.#fail("closed", this.ready ? "it closed the connection" : "it closed the connection in the handshake");
  }

  /** Input: the answer to a challenge, 16 bytes. */
  answer(response: Uint8Array): void {
    if (!this.#closed) this.#reader.answer(response);
  }

  /** Poll: the next output, until undefined. */
  poll(): RfbOutput | undefined {
    for (;;) {
      const output = this.#outputs.shift();
      if (output !== undefined) return output;
      if (this.#closed || !this.#advance()) return undefined;
    }
  }

  /** Command: a key, by its set 1 scancode, 0xe0xx for extended keys. */
  key(scancode: number, down: boolean): void {
    this.#input.key(scancode, down);
  }

  /** Command: the pointer is at a place, in pixels. */
  position(x: number, y: number): void {
    this.#input.position(x, y);
  }

  /** Command: the pointer takes a step. Only a server that said so (-257) takes steps. */
  motion(dx: number, dy: number): void {
    this.#input.motion(dx, dy);
  }

  /** Command: a button or a step of the wheel. */
  button(button: MachineButton, down: boolean): void {
    this.#input.button(button, down);
  }

  /** Command: the lock keys should be so: flags of `KeyboardModifierFlags`. */
  wantLeds(modifiers: number): void {
    this.#input.wantLeds(modifiers);
  }

  /** Command: ask for a size. Dropped unless {@link resizable}. 0 × 0 turns one of QEMU's heads off. */
  resize(width: number, height: number): void {
    this.#session?.resize(width, height);
  }

  /** Command: whether anyone watches. While nobody does, no changes are asked for. It begins watched. */
  watch(watched: boolean): void {
    this.#requests.watch(watched);
  }

  /** Command: say something without effect, which keeps QEMU looking for changes. */
  sayNothing(): void {
    this.#input.sayNothing();
  }

  *#read(): Reading<never> {
    const tell = (output: RfbOutput) => this.#tell(output);
    const init = yield* rfbHandshake(this.#options, tell);
    const { limits } = this.#options;
    this.#session = new RfbSession(init, { limits, input: this.#input, requests: this.#requests, tell });
    return yield* this.#session.read();
  }

  #advance(): boolean {
    try {
      return this.#reader.advance();
    } catch (error) {
      if (!(error instanceof RfbError)) throw error;
      this.#fail(error.code, error.detail);
      return true;
    }
  }

  #sendOnceReady(bytes: Uint8Array): void {
    if (this.ready) this.#tell({ do: "send", bytes });
  }

  /** After the close nothing is told. */
  #tell(output: RfbOutput): void {
    if (!this.#closed) this.#outputs.push(output);
  }

  #fail(code: RfbErrorCode, detail: string): void {
    this.#tell({ do: "close", error: new RfbError(code, detail, this.#reader.offset) });
    this.#closed = true;
  }
}
