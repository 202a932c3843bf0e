/** The connections to one QEMU: QMP for input and what it is, VNC for the picture of each head. */
import type { MachineInput, MouseModes, Vdi } from "../../core/vdi.ts";
import { openRfb } from "../rfb/open_rfb.ts";
import type { RfbError } from "../rfb/rfb_error.ts";
import type { RfbAddress, RfbHandler, RfbHead } from "../rfb/rfb_head.ts";
import type { QemuHead } from "./qemu_arguments.ts";
import { QemuError } from "./qemu_error.ts";
import { QemuInput } from "./qemu_input.ts";
import { type QmpAddress, QmpClient, type QmpEvent } from "./qmp_client.ts";

/** A head and where its VNC server listens. */
export interface QemuHeadAddress extends QemuHead {
  readonly address: RfbAddress;
}

/** Where a QEMU can be reached. */
export interface QemuAddresses {
  readonly qmp: QmpAddress;
  readonly heads: readonly QemuHeadAddress[];
  /** For VNC authentication, the same for all heads. */
  readonly password?: string;
}

/** What the connections tell, in order. None may throw. */
export interface QemuHandler extends Vdi {
  /** QEMU told something over QMP. */
  event(event: QmpEvent): void;
  /** For the user, a sentence. */
  log(line: string): void;
  /** A connection is over by itself, or makes no sense. Called once, and only for an open link. */
  lost(error: QemuError | RfbError): void;
}

/** Longest wait for an answer to input: QEMU may be busy for long. */
const INPUT_MS = 60_000;

/** An open link. */
export class QemuLink {
  readonly #handler: QemuHandler;
  readonly #heads: RfbHead[] = [];
  #qmp: QmpClient | null = null;
  #input: QemuInput | null = null;
  #leds: number | null = null;
  #modes: MouseModes | null = null;
  #asking: Promise<void> | null = null;
  #askAgain = false;
  /** Every head has a tablet of its own. */
  #boundTablets = false;
  #opened = false;
  #over = false;
  #error: QemuError | RfbError | null = null;

  private constructor(handler: QemuHandler) {
    this.#handler = handler;
  }

  /**
   * Connects to all sockets; the handler is told name, mouse modes and heads.
   * @throws {QemuError | RfbError} When one of them does not answer as it should. Nothing is left open then.
   */
  static async open(addresses: QemuAddresses, handler: QemuHandler): Promise<QemuLink> {
    const link = new QemuLink(handler);
    try {
      await link.#open(addresses);
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Takes input. It does not throw; what QEMU cannot take is dropped. */
  input(input: MachineInput): void {
    if (input.kind === "resize") this.#heads[input.head]?.input(input);
    else this.#input?.take(input);
  }

  /** Whether anyone looks. */
  watch(watched: boolean): void {
    for (const head of this.#heads) head.watch(watched);
  }

  /** Asks QEMU to end. */
  async quit(): Promise<void> {
    await this.#qmp?.execute("quit");
  }

  /** Ends all connections without `lost`; resolves when no socket and no timer is left. */
  async close(): Promise<void> {
    this.#over = true;
    await Promise.all([this.#qmp?.close(), ...this.#heads.map((head) => head.close())]);
    await this.#asking;
  }

  async #open(addresses: QemuAddresses): Promise<void> {
    const qmp = this.#qmp = await QmpClient.connect(addresses.qmp, {
      event: (event) => this.#handler.event(event),
      ended: (error) => this.#lost(error),
    });
    this.#boundTablets = addresses.heads.every(({ boundTablet }) => boundTablet);
    this.#input = new QemuInput(addresses.heads, (input) => qmp.execute("input-send-event", input, INPUT_MS));
    const name = record(await qmp.execute("query-name"))["name"];
    const uuid = record(await qmp.execute("query-uuid"))["UUID"];
    this.#handler.identity(typeof name === "string" ? name : null, uuidBytes(uuid));
    await this.#askMice();
    for (const [head, { address }] of addresses.heads.entries()) {
      const password = addresses.password === undefined ? {} : { password: addresses.password };
      this.#heads.push(await openRfb({ address, head, ...password }, this.#rfbHandler()));
    }
    // One of the first may have gone while the last was opened.
    if (this.#error !== null) throw this.#error;
    this.#opened = true;
  }

  #rfbHandler(): RfbHandler {
    const handler = this.#handler;
    return {
      named: () => {},
      head: (head, size) => {
        this.#input?.setSize(head, size);
        handler.head(head, size);
      },
      resizable: (head, can) => handler.resizable(head, can),
      draw: (head, drawable) => handler.draw(head, drawable),
      drawing: (head, going) => handler.drawing(head, going),
      cursor: (head, cursor) => handler.cursor(head, cursor),
      leds: (modifiers) => {
        this.#input?.setLeds(modifiers);
        // Every head tells the same.
        if (modifiers !== this.#leds) handler.leds(this.#leds = modifiers);
      },
      mouseModes: () => void this.#askMice(),
      sizeAnswered: (head, accepted, detail) => {
        if (!accepted) handler.log(`The size of head ${head} stays: ${detail}`);
      },
      ended: (error) => this.#lost(error),
    };
  }

  /** Asks which pointers there are; asked again when the answer was on its way already. */
  #askMice(): Promise<void> {
    if (this.#asking !== null) this.#askAgain = true;
    return this.#asking ??= (async () => {
      do {
        this.#askAgain = false;
        try {
          const modes = modesOf(await this.#qmp?.execute("query-mice"), this.#boundTablets),
            { absolute, relative } = modes;
          if (this.#over || absolute === this.#modes?.absolute && relative === this.#modes.relative) continue;
          this.#handler.mouseModes(this.#modes = modes);
        } catch (error) {
          // A lost connection is told elsewhere.
          if (!(error instanceof QemuError)) throw error;
        }
      } while (this.#askAgain && !this.#over);
      this.#asking = null;
    })();
  }

  #lost(error: QemuError | RfbError): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#opened) this.#handler.lost(error);
    else this.#error = error;
  }
}

/**
 * Reads an answer to `query-mice`. The first device is the one in use; a mouse takes steps also behind a tablet.
 * @param boundTablets Every head has a tablet of its own: QEMU counts none of these as the one in use.
 * Source: QEMU ui/input.c qmp_query_mice, qemu_input_find_handler.
 */
export function modesOf(answer: unknown, boundTablets: boolean): MouseModes {
  const mice = Array.isArray(answer) ? answer.map(record) : [];
  return {
    absolute: boundTablets || mice.some(({ current, absolute }) => current === true && absolute === true),
    relative: mice.some(({ absolute }) => absolute === false),
  };
}

/** @returns 16 bytes, or `null` when there is none: QEMU then says all zeros. */
export function uuidBytes(uuid: unknown): Uint8Array | null {
  const digits = typeof uuid === "string" ? uuid.replaceAll("-", "") : "";
  return /^[0-9a-f]{32}$/i.test(digits) && /[^0]/.test(digits) ? Uint8Array.fromHex(digits) : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
