/** Any VNC server as a machine with one head. */
import type { Machine, MachineEnd, MachineInput, Vdi } from "../../core/vdi.ts";
import { openRfb } from "./open_rfb.ts";
import { RfbError, type RfbErrorCode } from "./rfb_error.ts";
import type { RfbHandler, RfbHead, RfbOptions } from "./rfb_head.ts";

/** How a VNC server becomes a machine. */
export interface RfbMachineOptions extends Omit<RfbOptions, "head"> {
  /** Milliseconds between two tries to come back after the connection broke; `null` ends the machine instead. */
  readonly reconnectMs?: number | null;
  /** Told in one line what befalls the connection. */
  readonly log?: (line: string) => void;
}

/** What another try cannot mend. */
const FINAL: ReadonlySet<RfbErrorCode> = new Set(["unsupported", "password-needed", "password-wrong"]);

/** A VNC server, shown as head 0. */
export class RfbMachine implements Machine {
  readonly #options: RfbMachineOptions;
  readonly #abort = new AbortController();
  #vdi: Vdi | null = null;
  #ended: (last: MachineEnd) => void = () => {};
  #head: RfbHead | null = null;
  #shown: { readonly width: number; readonly height: number } | null = null;
  #watched = false;
  #coming: Promise<void> = Promise.resolve();

  constructor(options: RfbMachineOptions) {
    this.#options = options;
  }

  /** @throws {RfbError} When the first connection fails. */
  async start(vdi: Vdi, ended: (last: MachineEnd) => void): Promise<void> {
    this.#vdi = vdi;
    this.#ended = ended;
    await this.#open();
  }

  input(input: MachineInput): void {
    if ((input.kind === "position" || input.kind === "resize") && input.head !== 0) return;
    this.#head?.input(input);
  }

  watched(viewers: number): void {
    this.#watched = viewers > 0;
    this.#head?.watch(this.#watched);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#coming;
    await this.#head?.close();
    this.#head = null;
  }

  async #open(): Promise<void> {
    const head = await openRfb({ ...this.#options, head: 0 }, this.#handler());
    if (this.#abort.signal.aborted) return await head.close();
    this.#head = head;
    head.watch(this.#watched);
  }

  #handler(): RfbHandler {
    const vdi = this.#vdi;
    if (vdi === null) throw new TypeError("A machine shows itself once it is started");
    return {
      named: (name) => vdi.identity(name === "" ? null : name, null),
      head: (head, size) => {
        // After a reconnection the old picture stays until the new one has come over it.
        if (size?.width === this.#shown?.width && size?.height === this.#shown?.height) return;
        this.#shown = size;
        vdi.head(head, size);
      },
      resizable: (head, can) => vdi.resizable(head, can),
      draw: (head, drawable) => vdi.draw(head, drawable),
      drawing: (head, going) => vdi.drawing(head, going),
      cursor: (head, cursor) => vdi.cursor(head, cursor),
      leds: (modifiers) => vdi.leds(modifiers),
      mouseModes: (modes) => vdi.mouseModes(modes),
      sizeAnswered: (_, accepted, detail) => {
        if (!accepted) this.#options.log?.(`The VNC server refuses the new size: ${detail}`);
      },
      ended: (error) => {
        this.#head = null;
        this.#coming = this.#comeBack(error);
      },
    };
  }

  /** Tries until the server is back, the machine is stopped, or there is no sense in it. */
  async #comeBack(error: RfbError): Promise<void> {
    const { reconnectMs = 1000, log } = this.#options, { signal } = this.#abort;
    for (let last = error, told = "";;) {
      if (signal.aborted) return;
      if (reconnectMs === null || FINAL.has(last.code)) return this.#ended({ code: null, message: last.message });
      // A server may be off for days: what stays the same is told once.
      if (last.message !== told) log?.(`${told = last.message}; trying again`);
      await pause(reconnectMs, signal);
      if (signal.aborted) return;
      try {
        await this.#open();
        return log?.("The VNC server is back");
      } catch (again) {
        if (!(again instanceof RfbError)) throw again;
        last = again;
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
