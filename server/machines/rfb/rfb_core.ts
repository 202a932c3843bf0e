/**
 * The client side of RFB (VNC) 3.3 to 3.8 as a state machine: bytes in, outputs out.
 *
 * ```text
 * version ─ security ─ [challenge] ─ result ─ init ─ messages ⟲
 *                                                     └ update ─ rectangle ⟲ ─ [bytes | pixels] …
 * ```
 *
 * Raw rectangles are given on in bands, so that what is held does not grow with the picture. One request for changes is
 * on its way at any time; the next goes out when an update has come.
 *
 * Source: rfbproto (the community's RFB specification); QEMU ui/vnc.c where it differs.
 */
import type { CursorShape } from "../../../canvas/cursor.ts";
import type { Point, Rect } from "../../../canvas/rect.ts";
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import type { MachineButton } from "../../core/vdi.ts";
import { alphaCursor, maskedCursor, maskedCursorBytes, type RfbCursorHeader } from "./rfb_cursor.ts";
import { RfbError, type RfbErrorCode } from "./rfb_error.ts";
import { RfbKeyboard } from "./rfb_keyboard.ts";
import type { RfbLimits } from "./rfb_limits.ts";
import * as messages from "./rfb_messages.ts";
import { Encoding } from "./rfb_messages.ts";

/** What the core asks of its driver, and what it has to tell. */
export type RfbOutput =
  /** Write in order. */
  | { readonly do: "send"; readonly bytes: Uint8Array }
  /** Answer with {@link RfbCore.answer}. */
  | { readonly do: "challenge"; readonly challenge: Uint8Array }
  /** The handshake is over. A side may be 0: no picture yet. */
  | { readonly do: "ready"; readonly name: string; readonly width: number; readonly height: number }
  | { readonly do: "size"; readonly width: number; readonly height: number }
  /** New pixels, 0x??RRGGBB: what stands in the upper byte is the server's. Valid until the next poll. */
  | { readonly do: "pixels"; readonly area: Rect; readonly pixels: Uint32Array }
  | { readonly do: "copy"; readonly area: Rect; readonly from: Point }
  /** `null`: no pointer is to be shown. */
  | { readonly do: "cursor"; readonly shape: CursorShape | null }
  | { readonly do: "pointer"; readonly absolute: boolean }
  /** Flags of `KeyboardModifierFlags`. */
  | { readonly do: "leds"; readonly modifiers: number }
  | { readonly do: "bell" }
  /** The answer to a size that was asked for. */
  | { readonly do: "size-answer"; readonly accepted: boolean; readonly detail: string }
  /** An update of the picture has ended. */
  | { readonly do: "updated" }
  /** Close the connection. Nothing follows. */
  | { readonly do: "close"; readonly error: RfbError };

/** How a core is made. */
export interface RfbCoreOptions {
  /** Whether a password can be given. */
  readonly hasPassword: boolean;
  readonly limits: RfbLimits;
}

/** What is done with the bytes that were waited for; they are valid during the call. */
type Step = (bytes: Uint8Array, view: DataView) => void;

/** Pixels given on at once: enough to cost little a call, few enough to stay in the processor's cache. */
const BAND_PIXELS = 65_536;
/** The middle of a step, which means no step. Source: QEMU ui/vnc.c pointer_event. */
const NO_STEP = 0x7fff;
/** A scancode that no keyboard has, whose release QEMU therefore forgets. */
const NO_KEY = 0x7f;

/** Bits of a pointer event. EXTRA, X11's ninth button, has none. */
const BUTTON_BITS: Readonly<Record<MachineButton, number>> = {
  LEFT: 1,
  MIDDLE: 2,
  RIGHT: 4,
  UP: 8,
  DOWN: 16,
  SIDE: 128,
  EXTRA: 0,
};

/** Scancodes of the lock keys. */
const LOCK_KEYS: readonly (readonly [modifier: number, scancode: number])[] = [
  [KeyboardModifierFlags.SCROLL_LOCK, 0x46],
  [KeyboardModifierFlags.NUM_LOCK, 0x45],
  [KeyboardModifierFlags.CAPS_LOCK, 0x3a],
];

/** What a server says of a size asked for. Source: rfbproto, ExtendedDesktopSize; 4 is QEMU's. */
const SIZE_ANSWERS = ["done", "prohibited", "out of resources", "invalid layout", "passed on to the guest"] as const;

/** One connection to a VNC server. */
export class RfbCore {
  readonly #options: RfbCoreOptions;
  readonly #outputs: RfbOutput[] = [];
  readonly #keyboard = new RfbKeyboard();

  // What has come and is not read yet, and what is waited for.
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Bytes of the stream before `#input`. */
  #passed = 0;
  #need = 12;
  #step: Step;
  /** What has come of `#need` bytes in earlier inputs; null when nothing has. */
  #gathered: Uint8Array | null = null;
  #have = 0;
  #skip = 0;
  #closed = false;

  // The rectangle of raw pixels that is being read.
  #area: Rect | null = null;
  #band = new Uint32Array(0);
  #bandBytes = new Uint8Array(0);
  #bandRows = 0;
  #bandTop = 0;
  #bandHave = 0;

  // The session.
  #minor = 8;
  #isReady = false;
  #name = "";
  #width = 0;
  #height = 0;
  #rects = 0;
  /** The next request is for the whole picture. */
  #whole = true;
  #watched = true;
  /** A request is held back because nobody watches. */
  #owed = false;
  #screen: messages.RfbScreen | null = null;
  #extendedKeys = false;
  #absolute = true;
  #leds: number | null = null;
  #cursor: { readonly data: Uint8Array; readonly hotX: number; readonly hotY: number } | null = null;
  #buttons = 0;
  #x = 0;
  #y = 0;

  constructor(options: RfbCoreOptions) {
    this.#options = options;
    this.#step = this.#readVersion;
  }

  /** The server's name; empty before it is ready. */
  get name(): string {
    return this.#name;
  }

  /** Whether the handshake is over. */
  get ready(): boolean {
    return this.#isReady;
  }

  /** Whether the server is QEMU, by the name it gives itself. Source: QEMU ui/vnc.c protocol_client_init. */
  get isQemu(): boolean {
    return /^QEMU($| \()/.test(this.#name);
  }

  /** Whether the server has said that its size can be asked for. */
  get resizable(): boolean {
    return this.#screen !== null;
  }

  /**
   * Input: what the server sent, in any pieces.
   * @param bytes Must stay as they are until {@link poll} gives nothing more; poll until then before the next input.
   */
  receive(bytes: Uint8Array): void {
    if (this.#at < this.#input.length && !this.#closed) throw new TypeError("Poll until nothing is left, then receive");
    this.#passed += this.#input.length;
    this.#input = bytes;
    this.#at = 0;
  }

  /** Input: the server's end of the stream. */
  ended(): void {
    this.#fail("closed", this.#isReady ? "it closed the connection" : "it closed the connection in the handshake");
  }

  /** Input: the answer to a challenge, 16 bytes. */
  answer(response: Uint8Array): void {
    if (this.#closed) return;
    this.#send(response);
    this.#expect(4, this.#readResult);
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
    const keysym = this.#keyboard.keysym(scancode, down);
    if (!this.#isReady) return;
    if (this.#extendedKeys) {
      const code = scancode & 0x7f | ((scancode & 0xff00) === 0xe000 ? 0x80 : 0);
      this.#send(messages.extendedKeyEvent(keysym, code, down));
    } else if (keysym !== 0) this.#send(messages.keyEvent(keysym, down));
  }

  /** Command: the pointer is at a place, in pixels. */
  position(x: number, y: number): void {
    if (!this.#absolute) return;
    this.#x = clamp(x, 0, Math.max(0, this.#width - 1));
    this.#y = clamp(y, 0, Math.max(0, this.#height - 1));
    this.#sendPointer();
  }

  /** Command: the pointer takes a step. Only a server that said so (-257) takes steps. */
  motion(dx: number, dy: number): void {
    if (this.#absolute || !this.#isReady) return;
    const x = NO_STEP + clamp(dx, -NO_STEP, NO_STEP), y = NO_STEP + clamp(dy, -NO_STEP, NO_STEP);
    this.#send(messages.pointerEvent(this.#buttons, x, y));
  }

  /** Command: a button or a step of the wheel. */
  button(button: MachineButton, down: boolean): void {
    const bit = BUTTON_BITS[button], buttons = down ? this.#buttons | bit : this.#buttons & ~bit;
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#sendPointer();
  }

  /** Command: the lock keys should be so: flags of `KeyboardModifierFlags`. */
  wantLeds(modifiers: number): void {
    if (this.#leds === null) return this.#keyboard.setLocks(modifiers);
    const differ = this.#leds ^ modifiers;
    for (const [modifier, scancode] of LOCK_KEYS) {
      if ((differ & modifier) === 0) continue;
      this.key(scancode, true);
      this.key(scancode, false);
    }
    // Until the server tells what came of it, so that a second wish does not press the keys again.
    this.#leds = modifiers;
  }

  /** Command: ask for a size. Dropped unless {@link resizable}. 0 × 0 turns one of QEMU's heads off. */
  resize(width: number, height: number): void {
    if (this.#screen === null) return;
    this.#send(messages.setDesktopSize(clamp(width, 0, 0xffff), clamp(height, 0, 0xffff), this.#screen));
  }

  /** Command: whether anyone watches. While nobody does, no changes are asked for. It begins watched. */
  watch(watched: boolean): void {
    this.#watched = watched;
    if (!watched || !this.#owed) return;
    this.#owed = false;
    this.#request();
  }

  /**
   * Command: say something without effect. QEMU takes it as a sign of life and looks for changes every 30 ms again; the
   * release of a key that is not down is the one message above type 3 that it forgets in every version.
   * Source: QEMU ui/vnc.c protocol_client_msg, ui/kbd-state.c qkbd_state_key_event.
   */
  sayNothing(): void {
    if (this.#isReady) this.#send(messages.extendedKeyEvent(0, NO_KEY, false));
  }

  #sendPointer(): void {
    if (!this.#isReady) return;
    const [x, y] = this.#absolute ? [this.#x, this.#y] : [NO_STEP, NO_STEP];
    this.#send(messages.pointerEvent(this.#buttons, x, y));
  }

  #send(bytes: Uint8Array): void {
    this.#tell({ do: "send", bytes });
  }

  /** After the close nothing is told. */
  #tell(output: RfbOutput): void {
    if (!this.#closed) this.#outputs.push(output);
  }

  #fail(code: RfbErrorCode, detail: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const offset = this.#passed + this.#at;
    this.#outputs.push({ do: "close", error: new RfbError(code, detail, offset) });
  }

  // ---- Reading.

  /** Reads on. @returns False when more input is needed for that. */
  #advance(): boolean {
    const left = this.#input.length - this.#at;
    if (this.#skip > 0) {
      const size = Math.min(left, this.#skip);
      this.#skip -= size;
      this.#at += size;
      return size > 0;
    }
    if (this.#area !== null) return this.#readPixels(this.#area);
    if (this.#gathered === null && left >= this.#need) {
      const bytes = this.#input.subarray(this.#at, this.#at += this.#need);
      this.#take(bytes);
      return true;
    }
    if (left === 0) return false;
    this.#gathered ??= new Uint8Array(this.#need);
    const size = Math.min(left, this.#need - this.#have);
    this.#gathered.set(this.#input.subarray(this.#at, this.#at += size), this.#have);
    this.#have += size;
    if (this.#have < this.#need) return false;
    const bytes = this.#gathered;
    this.#gathered = null;
    this.#have = 0;
    this.#take(bytes);
    return true;
  }

  #take(bytes: Uint8Array): void {
    this.#step.call(this, bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Waits for bytes; the limits bound how many. */
  #expect(bytes: number, step: Step): void {
    this.#need = bytes;
    this.#step = step;
  }

  // ---- Handshake.

  #readVersion: Step = (bytes) => {
    const text = String.fromCharCode(...bytes), found = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
    if (found === null) return this.#fail("bad-version", "it does not begin as a VNC server does");
    const major = Number(found[1]), minor = Number(found[2]);
    if (major < 3) return this.#fail("bad-version", `RFB ${major}.${minor} is older than 3.3`);
    // Newer and odd numbers are taken as the newest and the oldest that the specification has.
    this.#minor = major > 3 || minor >= 8 ? 8 : minor === 7 ? 7 : 3;
    this.#send(new TextEncoder().encode(`RFB 003.00${this.#minor}\n`));
    if (this.#minor === 3) this.#expect(4, this.#readSecurityOfServer);
    else this.#expect(1, this.#readSecurityCount);
  };

  #readSecurityOfServer: Step = (_, view) => {
    const type = view.getUint32(0);
    if (type === 0) this.#expectReason("refused");
    else this.#useSecurity([type]);
  };

  #readSecurityCount: Step = (bytes) => {
    if (bytes[0] === 0) this.#expectReason("refused");
    else this.#expect(bytes[0]!, (types) => this.#useSecurity([...types]));
  };

  #useSecurity(types: readonly number[]): void {
    const type = types.includes(1) ? 1 : types.includes(2) ? 2 : 0;
    if (type === 0) return this.#fail("unsupported", `it offers security types ${types.join(", ")}, not 1 or 2`);
    if (type === 2 && !this.#options.hasPassword) return this.#fail("password-needed", "it asks for a password");
    if (this.#minor !== 3) this.#send(Uint8Array.of(type));
    if (type === 2) {
      this.#expect(16, (challenge) => {
        this.#tell({ do: "challenge", challenge: challenge.slice() });
        // A server that goes on without the answer breaks the protocol.
        this.#expect(1, () => this.#fail("bad-value", "it did not wait for the answer to its challenge"));
      });
    } else if (this.#minor === 8) this.#expect(4, this.#readResult);
    else this.#sayHello();
  }

  #readResult: Step = (_, view) => {
    const result = view.getUint32(0);
    if (result === 0) this.#sayHello();
    else if (this.#minor === 8) this.#expectReason("password-wrong");
    else this.#fail("password-wrong", result === 2 ? "too many tries" : "it does not take the password");
  };

  #expectReason(code: RfbErrorCode): void {
    this.#expect(4, (_, view) => {
      const length = Math.min(view.getUint32(0), this.#options.limits.maxTextBytes);
      const say = (text: string) => this.#fail(code, text === "" ? "it gives no reason" : text);
      if (length === 0) say("");
      else this.#expect(length, (text) => say(decodeText(text)));
    });
  }

  #sayHello(): void {
    // Shared: other viewers of the same server stay.
    this.#send(Uint8Array.of(1));
    this.#expect(24, (_, view) => {
      const width = view.getUint16(0), height = view.getUint16(2), length = view.getUint32(20);
      if (!this.#fits(width, height)) return;
      const kept = Math.min(length, this.#options.limits.maxTextBytes);
      this.#expect(kept, (name) => {
        this.#skip = length - kept;
        this.#begin(decodeText(name), width, height);
      });
    });
  }

  #begin(name: string, width: number, height: number): void {
    this.#name = name;
    this.#isReady = true;
    this.#width = width;
    this.#height = height;
    this.#tell({ do: "ready", name, width, height });
    // QEMU tells which pointer its guest has at once; others have none to tell of.
    if (!this.isQemu) this.#tell({ do: "pointer", absolute: true });
    this.#send(messages.setPixelFormat());
    this.#send(messages.setEncodings());
    this.#request();
    this.#expectMessage();
  }

  // ---- Messages.

  #expectMessage(): void {
    this.#expect(1, (bytes) => {
      switch (bytes[0]) {
        case 0:
          return this.#expect(3, (_, view) => this.#readRectangles(view.getUint16(1)));
        case 1: // Colours of a palette, which we did not ask for but can pass over.
          return this.#expect(5, (_, view) => this.#skipThenMessage(6 * view.getUint16(3)));
        case 2:
          this.#tell({ do: "bell" });
          return;
        case 3: // The server's clipboard. A negative length marks the extended form.
          return this.#expect(7, (_, view) => this.#skipThenMessage(Math.abs(view.getInt32(3))));
        default:
          this.#fail("unknown-message", `message type ${bytes[0]}`);
      }
    });
  }

  #skipThenMessage(bytes: number): void {
    this.#skip = bytes;
    this.#expectMessage();
  }

  #readRectangles(count: number): void {
    this.#rects = count;
    this.#nextRectangle();
  }

  #nextRectangle(): void {
    if (this.#rects > 0) {
      this.#rects--;
      return this.#expect(12, this.#readRectangle);
    }
    this.#tell({ do: "updated" });
    if (this.#watched) this.#request();
    else this.#owed = true;
    this.#expectMessage();
  }

  #request(): void {
    this.#send(messages.updateRequest(!this.#whole, this.#width, this.#height));
    this.#whole = false;
  }

  #readRectangle: Step = (_, view) => {
    const x = view.getUint16(0), y = view.getUint16(2), width = view.getUint16(4), height = view.getUint16(6);
    const encoding = view.getInt32(8);
    switch (encoding) {
      case Encoding.RAW:
        return this.#beginPixels({ left: x, top: y, right: x + width, bottom: y + height });
      case Encoding.COPY_RECT:
        return this.#expect(4, (_, view) => {
          this.#copy({ left: x, top: y, right: x + width, bottom: y + height }, view.getUint16(0), view.getUint16(2));
        });
      case Encoding.DESKTOP_SIZE:
        this.#resized(width, height);
        return this.#nextRectangle();
      case Encoding.EXTENDED_DESKTOP_SIZE:
        return this.#expect(4, (bytes) => {
          this.#expect(16 * bytes[0]!, (screens) => this.#readScreens(screens, { x, y, width, height }));
        });
      case Encoding.CURSOR:
      case Encoding.ALPHA_CURSOR:
        return this.#readCursor(encoding === Encoding.ALPHA_CURSOR, { width, height, hotX: x, hotY: y });
      case Encoding.POINTER_MOTION_CHANGE:
        this.#absolute = x !== 0;
        this.#tell({ do: "pointer", absolute: this.#absolute });
        return this.#nextRectangle();
      case Encoding.EXTENDED_KEY:
        this.#extendedKeys = true;
        return this.#nextRectangle();
      case Encoding.LED_STATE:
        return this.#expect(1, (bytes) => {
          const modifiers = bytes[0]! & 7;
          this.#leds = modifiers;
          this.#keyboard.setLocks(modifiers);
          this.#tell({ do: "leds", modifiers });
          this.#nextRectangle();
        });
      case Encoding.LAST_RECT:
        this.#rects = 0;
        return this.#nextRectangle();
      default:
        this.#fail("unknown-encoding", `encoding ${encoding}, which was not asked for`);
    }
  };

  #readScreens(screens: Uint8Array, rect: { x: number; y: number; width: number; height: number }): void {
    const view = new DataView(screens.buffer, screens.byteOffset, screens.length);
    // A server that shows nothing may have no screen; the first that it is given gets id 0.
    this.#screen = screens.length === 0 ? { id: 0, flags: 0 } : { id: view.getUint32(0), flags: view.getUint32(12) };
    const answered = rect.x === 1;
    if (answered) {
      const detail = SIZE_ANSWERS[rect.y] ?? `status ${rect.y}`;
      this.#tell({ do: "size-answer", accepted: rect.y === 0 || rect.y === 4, detail });
    }
    // After a refusal the rectangle's size means nothing.
    if (!answered || rect.y === 0) this.#resized(rect.width, rect.height);
    this.#nextRectangle();
  }

  #resized(width: number, height: number): void {
    if ((width === this.#width && height === this.#height) || !this.#fits(width, height)) return;
    this.#width = width;
    this.#height = height;
    this.#whole = true;
    this.#tell({ do: "size", width, height });
  }

  #fits(width: number, height: number): boolean {
    const { maxSide, maxPixels } = this.#options.limits;
    if (width <= maxSide && height <= maxSide && width * height <= maxPixels) return true;
    this.#fail("too-large", `a picture of ${width} × ${height} pixels`);
    return false;
  }

  #isInside(area: Rect): boolean {
    if (area.right <= this.#width && area.bottom <= this.#height) return true;
    const { left, top, right, bottom } = area;
    const place = `${right - left} × ${bottom - top} at ${left}, ${top}`;
    this.#fail("bad-value", `a rectangle of ${place} leaves the picture of ${this.#width} × ${this.#height}`);
    return false;
  }

  #copy(area: Rect, x: number, y: number): void {
    const { left, top, right, bottom } = area;
    if (
      !this.#isInside(area) || !this.#isInside({ left: x, top: y, right: x + right - left, bottom: y + bottom - top })
    ) {
      return;
    }
    if (left < right && top < bottom) this.#tell({ do: "copy", area, from: { x, y } });
    this.#nextRectangle();
  }

  #readCursor(alpha: boolean, header: RfbCursorHeader): void {
    const { width, height } = header, pixels = width * height;
    if (pixels > this.#options.limits.maxCursorPixels) {
      return this.#fail("too-large", `a cursor of ${width} × ${height} pixels`);
    }
    const read = (data: Uint8Array) => {
      this.#tell({ do: "cursor", shape: this.#cursorOf(alpha, header, data) });
      this.#nextRectangle();
    };
    if (!alpha) return this.#expect(maskedCursorBytes(width, height), read);
    this.#expect(4, (_, view) => {
      const inner = view.getInt32(0);
      if (inner === Encoding.RAW) this.#expect(4 * pixels, read);
      else this.#fail("unknown-encoding", `a cursor in encoding ${inner}`);
    });
  }

  /** @returns Null when no pointer is to be shown. */
  #cursorOf(alpha: boolean, header: RfbCursorHeader, data: Uint8Array): CursorShape | null {
    if (data.length === 0) return null;
    if (!alpha) return maskedCursor(header, data);
    if (!this.isQemu) return alphaCursor(header, data, "RGBA");
    // QEMU has no word for "hidden": it sends the shape again with its hot spot at 0, 0.
    const { hotX, hotY } = header, before = this.#cursor;
    if (hotX === 0 && hotY === 0 && before !== null && before.hotX + before.hotY > 0 && areEqual(before.data, data)) {
      return null;
    }
    this.#cursor = { data: data.slice(), hotX, hotY };
    return alphaCursor(header, data, "BGRA");
  }

  // ---- Raw pixels.

  #beginPixels(area: Rect): void {
    if (!this.#isInside(area)) return;
    const width = area.right - area.left, height = area.bottom - area.top;
    if (width * height === 0) return this.#nextRectangle();
    this.#bandRows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
    if (this.#band.length < width * this.#bandRows) {
      this.#band = new Uint32Array(Math.max(BAND_PIXELS, width));
      this.#bandBytes = new Uint8Array(this.#band.buffer);
    }
    this.#area = area;
    this.#bandTop = area.top;
    this.#bandHave = 0;
  }

  #readPixels(area: Rect): boolean {
    const width = area.right - area.left, rows = Math.min(this.#bandRows, area.bottom - this.#bandTop);
    const size = Math.min(this.#input.length - this.#at, 4 * width * rows - this.#bandHave);
    if (size === 0) return false;
    this.#bandBytes.set(this.#input.subarray(this.#at, this.#at += size), this.#bandHave);
    this.#bandHave += size;
    if (this.#bandHave < 4 * width * rows) return false;
    const top = this.#bandTop, bottom = top + rows;
    const pixels = this.#band.subarray(0, width * rows);
    this.#tell({ do: "pixels", area: { left: area.left, top, right: area.right, bottom }, pixels });
    this.#bandTop = bottom;
    this.#bandHave = 0;
    if (bottom === area.bottom) {
      this.#area = null;
      this.#nextRectangle();
    }
    return true;
  }
}

function clamp(value: number, least: number, most: number): number {
  // What is no number counts as the least, so that nothing odd gets into a message.
  return value > least ? Math.min(Math.trunc(value), most) : least;
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
