/** The demo machine: a small desktop with nothing to install. This is its edge: the clock, and one timer. */
import type { Machine, MachineEnd, MachineInput, Vdi } from "../../core/vdi.ts";
import { Desktop, HEAD_LIMITS } from "./desktop.ts";

/** What a demo machine may be told. */
export interface DemoOptions {
  /** Number of heads, 1 to 4; 1 unless told. */
  readonly heads?: number;
  /** Pixels of each head, 320 to 4096; 1024 unless told. */
  readonly width?: number;
  /** Pixels of each head, 200 to 4096; 768 unless told. */
  readonly height?: number;
  /** What viewers are told; "Saffron demo" unless told. */
  readonly name?: string;
  /** What viewers are told, 16 bytes; random unless told. */
  readonly uuid?: Uint8Array;
  /** Where time comes from; that of the host unless told. */
  readonly clock?: DemoClock;
}

/** A clock and a timer. */
export interface DemoClock {
  /** Local time: milliseconds since 1970 as a clock on the wall shows them. */
  readonly nowMs: () => number;
  /**
   * Calls once, after some milliseconds.
   * @returns Takes the call back.
   */
  readonly after: (ms: number, call: () => void) => () => void;
}

/** Most heads of a demo machine. */
export const MOST_DEMO_HEADS = 4;

/**
 * The demo machine.
 *
 * Windows with a text field, a log, a moving picture, a clock, and a page that shows what input came. While nobody
 * watches, nothing is drawn and no timer runs.
 */
export class DemoMachine implements Machine {
  readonly #sizes: readonly { readonly width: number; readonly height: number }[];
  readonly #name: string;
  readonly #uuid: Uint8Array;
  readonly #clock: DemoClock;
  #shown: { readonly desktop: Desktop; readonly vdi: Vdi } | null = null;
  #viewers = 0;
  #cancel: (() => void) | null = null;

  /**
   * Makes a machine; it paints once a server starts it.
   *
   * @param options Heads, size, name, clock.
   * @throws {RangeError} A number outside its range.
   */
  constructor(options: DemoOptions = {}) {
    const { heads = 1, width = 1024, height = 768 } = options;
    const { minWidth, minHeight, maxWidth, maxHeight } = HEAD_LIMITS;
    check("heads", heads, 1, MOST_DEMO_HEADS);
    check("width", width, minWidth, maxWidth);
    check("height", height, minHeight, maxHeight);
    this.#uuid = options.uuid ?? crypto.getRandomValues(new Uint8Array(16));
    check("bytes of the UUID", this.#uuid.length, 16, 16);
    this.#sizes = Array.from({ length: heads }, () => ({ width, height }));
    this.#name = options.name ?? "Saffron demo";
    this.#clock = options.clock ?? HOST_CLOCK;
  }

  start(vdi: Vdi, _ended: (last: MachineEnd) => void): Promise<void> {
    if (this.#shown !== null) return Promise.resolve();
    vdi.identity(this.#name, this.#uuid);
    vdi.mouseModes({ absolute: true, relative: true });
    this.#shown = { desktop: new Desktop(this.#sizes, this.#clock.nowMs()), vdi };
    this.#tell();
    for (const head of this.#sizes.keys()) vdi.resizable(head, true);
    return Promise.resolve();
  }

  input(input: MachineInput): void {
    this.#shown?.desktop.input(input, this.#clock.nowMs());
    this.#tell();
  }

  watched(viewers: number): void {
    const rested = this.#viewers === 0;
    this.#viewers = viewers;
    // Who comes back to a resting machine sees the time of now.
    if (rested && viewers > 0) this.#shown?.desktop.tick(this.#clock.nowMs());
    this.#tell();
  }

  stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#shown = null;
    return Promise.resolve();
  }

  /** Passes on what the desktop has to tell, and sees to it that it is woken while someone watches. */
  #tell(): void {
    if (this.#shown === null) return;
    const { desktop, vdi } = this.#shown;
    for (let output = desktop.poll(); output !== undefined; output = desktop.poll()) {
      switch (output.kind) {
        case "head":
          vdi.head(output.head, output.size);
          break;
        case "draw":
          vdi.draw(output.head, output.drawable);
          break;
        case "cursor":
          vdi.cursor(output.head, output.cursor);
          break;
        case "leds":
          vdi.leds(output.modifiers);
          break;
      }
    }
    if (this.#viewers === 0) {
      this.#cancel?.();
      this.#cancel = null;
    } else if (this.#cancel === null) {
      const wait = Math.max(1, Math.min(MOST_WAIT_MS, desktop.wakeAt - this.#clock.nowMs()));
      this.#cancel = this.#clock.after(wait, () => {
        this.#cancel = null;
        this.#shown?.desktop.tick(this.#clock.nowMs());
        this.#tell();
      });
    }
  }
}

/** A window that opens meanwhile waits no longer than this for its first tick. */
const MOST_WAIT_MS = 1000;

const HOST_CLOCK: DemoClock = {
  nowMs: () => Date.now() - new Date().getTimezoneOffset() * 60_000,
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

function check(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`Cannot make a demo machine: ${what} must be ${least} to ${most}, not ${value}`);
}
