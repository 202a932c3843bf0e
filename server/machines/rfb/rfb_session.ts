/**
 * A VNC session past its handshake: what the server says, message by message.
 *
 * Source: rfbproto (the community's RFB specification), "Server to Client Messages"; QEMU ui/vnc.c where it differs.
 */
import type { Rect } from "../../../canvas/rect.ts";
import { clamp } from "./clamp.ts";
import { RfbCursorReader } from "./rfb_cursor_reader.ts";
import { RfbError } from "./rfb_error.ts";
import type { RfbServerInit } from "./rfb_handshake.ts";
import type { RfbInput } from "./rfb_input.ts";
import { checkPictureSize, type RfbLimits } from "./rfb_limits.ts";
import { Encoding, type RfbScreen, setDesktopSize, setEncodings, setPixelFormat } from "./rfb_messages.ts";
import type { TellRfb } from "./rfb_output.ts";
import { RfbRaw } from "./rfb_raw.ts";
import type { Reading } from "./rfb_reader.ts";
import type { RfbUpdateRequests } from "./rfb_update_requests.ts";
import { viewOf } from "./view_of.ts";

/** What a session stands on. */
export interface RfbSessionOptions {
  readonly limits: RfbLimits;
  /** Learns how the server takes input. */
  readonly input: RfbInput;
  /** Asks for the picture. */
  readonly requests: RfbUpdateRequests;
  readonly tell: TellRfb;
}

/** What the server says of a size asked for. Source: rfbproto, ExtendedDesktopSize; 4 is QEMU's. */
const SIZE_ANSWERS = ["done", "prohibited", "out of resources", "invalid layout", "passed on to the guest"] as const;

/** One session. */
export class RfbSession {
  /** The server's name. */
  readonly name: string;
  readonly #options: RfbSessionOptions;
  readonly #raw = new RfbRaw();
  readonly #cursors: RfbCursorReader;
  #width: number;
  #height: number;
  #screen: RfbScreen | null = null;

  constructor({ name, width, height }: RfbServerInit, options: RfbSessionOptions) {
    this.name = name;
    this.#options = options;
    this.#width = width;
    this.#height = height;
    this.#cursors = new RfbCursorReader({ isQemu: this.isQemu, maxPixels: options.limits.maxCursorPixels });
  }

  /** Whether the server is QEMU, by the name it gives itself. Source: QEMU ui/vnc.c protocol_client_init. */
  get isQemu(): boolean {
    return /^QEMU($| \()/.test(this.name);
  }

  /** Whether the server has said that its size can be asked for. */
  get resizable(): boolean {
    return this.#screen !== null;
  }

  /** Command: ask for a size. Dropped unless {@link resizable}. 0 × 0 turns one of QEMU's heads off. */
  resize(width: number, height: number): void {
    if (this.#screen === null) return;
    this.#send(setDesktopSize(clamp(width, 0, 0xffff), clamp(height, 0, 0xffff), this.#screen));
  }

  /**
   * Sets the session up, and reads messages.
   * @throws {RfbError} `unknown-message`, `unknown-encoding`, `bad-value`, `too-large`.
   */
  *read(): Reading<never> {
    const { tell, requests } = this.#options;
    this.#passSizeOn();
    tell({ do: "ready", name: this.name, width: this.#width, height: this.#height });
    // QEMU tells which pointer its guest has at once; others have none to tell of.
    if (!this.isQemu) tell({ do: "pointer", absolute: true });
    this.#send(setPixelFormat());
    this.#send(setEncodings());
    requests.request();
    for (;;) {
      const type = (yield { take: 1 })[0]!;
      switch (type) {
        case 0:
          yield* this.#readUpdate(viewOf(yield { take: 3 }).getUint16(1));
          break;
        case 1: // Colours of a palette, which we did not ask for but can pass over.
          yield { skip: 6 * viewOf(yield { take: 5 }).getUint16(3) };
          break;
        case 2:
          tell({ do: "bell" });
          break;
        case 3: // The server's clipboard. A negative length marks the extended form.
          yield { skip: Math.abs(viewOf(yield { take: 7 }).getInt32(3)) };
          break;
        default:
          throw new RfbError("unknown-message", `message type ${type}`);
      }
    }
  }

  *#readUpdate(rectangles: number): Reading<void> {
    this.#options.tell({ do: "updating" });
    for (let i = 0; i < rectangles; i++) {
      if (!(yield* this.#readRectangle())) break;
    }
    this.#options.tell({ do: "updated" });
    this.#options.requests.updated();
  }

  /** @returns False when no other rectangle follows, whatever their number said. */
  *#readRectangle(): Reading<boolean> {
    const { input, tell } = this.#options, view = viewOf(yield { take: 12 });
    const x = view.getUint16(0), y = view.getUint16(2), width = view.getUint16(4), height = view.getUint16(6);
    const encoding = view.getInt32(8), area = { left: x, top: y, right: x + width, bottom: y + height };
    switch (encoding) {
      case Encoding.RAW:
        this.#checkInside(area);
        yield* this.#raw.read(area, tell);
        return true;
      case Encoding.COPY_RECT: {
        const from = viewOf(yield { take: 4 });
        this.#copy(area, from.getUint16(0), from.getUint16(2));
        return true;
      }
      case Encoding.DESKTOP_SIZE:
        this.#resized(width, height);
        return true;
      case Encoding.EXTENDED_DESKTOP_SIZE: {
        const screens = (yield { take: 4 })[0]!;
        this.#takeScreens(yield { take: 16 * screens }, { x, y, width, height });
        return true;
      }
      case Encoding.CURSOR:
      case Encoding.ALPHA_CURSOR:
        tell({ do: "cursor", shape: yield* this.#cursors.read(encoding, { width, height, hotX: x, hotY: y }) });
        return true;
      case Encoding.POINTER_MOTION_CHANGE:
        input.setAbsolute(x !== 0);
        tell({ do: "pointer", absolute: x !== 0 });
        return true;
      case Encoding.EXTENDED_KEY:
        input.useExtendedKeys();
        return true;
      case Encoding.LED_STATE: {
        const modifiers = (yield { take: 1 })[0]! & 7;
        input.setLeds(modifiers);
        tell({ do: "leds", modifiers });
        return true;
      }
      case Encoding.LAST_RECT:
        return false;
      default:
        throw new RfbError("unknown-encoding", `encoding ${encoding}, which was not asked for`);
    }
  }

  #copy(area: Rect, x: number, y: number): void {
    const { left, top, right, bottom } = area;
    this.#checkInside(area);
    this.#checkInside({ left: x, top: y, right: x + right - left, bottom: y + bottom - top });
    if (left < right && top < bottom) this.#options.tell({ do: "copy", area, from: { x, y } });
  }

  #takeScreens(screens: Uint8Array, rect: { x: number; y: number; width: number; height: number }): void {
    const view = viewOf(screens);
    if (this.#screen === null) this.#options.tell({ do: "resizable", can: true });
    // A server that shows nothing may have no screen; the first that it is given gets id 0.
    this.#screen = screens.length === 0 ? { id: 0, flags: 0 } : { id: view.getUint32(0), flags: view.getUint32(12) };
    const answered = rect.x === 1;
    if (answered) {
      const detail = SIZE_ANSWERS[rect.y] ?? `status ${rect.y}`;
      const accepted = rect.y === 0 || rect.y === 4;
      this.#options.tell({ do: "size-answer", accepted, detail });
      // It speaks of sizes, but its machine cannot: there is no other way to know.
      if (!accepted) this.#options.tell({ do: "resizable", can: false });
    }
    // After a refusal the rectangle's size means nothing.
    if (!answered || rect.y === 0) this.#resized(rect.width, rect.height);
  }

  #resized(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    checkPictureSize(width, height, this.#options.limits);
    this.#width = width;
    this.#height = height;
    this.#passSizeOn();
    this.#options.tell({ do: "size", width, height });
  }

  /** The size, to those who reckon with it. */
  #passSizeOn(): void {
    this.#options.input.resized(this.#width, this.#height);
    this.#options.requests.resized(this.#width, this.#height);
  }

  #checkInside(area: Rect): void {
    if (area.right <= this.#width && area.bottom <= this.#height) return;
    const { left, top, right, bottom } = area;
    const place = `${right - left} × ${bottom - top} at ${left}, ${top}`;
    throw new RfbError("bad-value", `a rectangle of ${place} leaves the picture of ${this.#width} × ${this.#height}`);
  }

  #send(bytes: Uint8Array): void {
    this.#options.tell({ do: "send", bytes });
  }
}
