/**
 * What a VNC client says, as bytes.
 *
 * Source: rfbproto (the community's RFB specification), "Client to server messages"; QEMU's
 * ui/vnc.c protocol_client_msg for type 255.
 */

/** Encodings and pseudo-encodings that we take. */
export const Encoding = {
  RAW: 0,
  COPY_RECT: 1,
  DESKTOP_SIZE: -223,
  LAST_RECT: -224,
  CURSOR: -239,
  POINTER_MOTION_CHANGE: -257,
  EXTENDED_KEY: -258,
  LED_STATE: -261,
  EXTENDED_DESKTOP_SIZE: -308,
  ALPHA_CURSOR: -314,
} as const;

/** Pixels as little-endian words 0x??RRGGBB: read through a Uint32Array, which Deno has on little-endian hosts only. */
export function setPixelFormat(): Uint8Array {
  // deno-fmt-ignore
  return Uint8Array.of(0, 0, 0, 0, /* bits, depth, big-endian, true colour */ 32, 24, 0, 1,
    /* maxima */ 0, 255, 0, 255, 0, 255, /* shifts of R, G, B */ 16, 8, 0, 0, 0, 0);
}

/** Offers every member of {@link Encoding}. */
export function setEncodings(): Uint8Array {
  const all = [Encoding.COPY_RECT, ...Object.values(Encoding).filter((one) => one !== Encoding.COPY_RECT)];
  const bytes = new Uint8Array(4 + 4 * all.length), view = new DataView(bytes.buffer);
  view.setUint8(0, 2);
  view.setUint16(2, all.length);
  all.forEach((one, i) => view.setInt32(4 + 4 * i, one));
  return bytes;
}

/** Asks for the whole picture, or for what of it changes. */
export function updateRequest(incremental: boolean, width: number, height: number): Uint8Array {
  return Uint8Array.of(3, incremental ? 1 : 0, 0, 0, 0, 0, width >> 8, width, height >> 8, height);
}

/** A key by its X11 keysym. */
export function keyEvent(keysym: number, down: boolean): Uint8Array {
  return Uint8Array.of(4, down ? 1 : 0, 0, 0, keysym >>> 24, keysym >> 16, keysym >> 8, keysym);
}

/** A key by its place on the keyboard: `code` is a set 1 scancode, with bit 7 for extended keys. */
export function extendedKeyEvent(keysym: number, code: number, down: boolean): Uint8Array {
  const bytes = new Uint8Array(12), view = new DataView(bytes.buffer);
  view.setUint8(0, 255);
  view.setUint16(2, down ? 1 : 0);
  view.setUint32(4, keysym);
  view.setUint32(8, code);
  return bytes;
}

/** The pointer's place (or step, see `RfbInput`) and the buttons held. */
export function pointerEvent(buttons: number, x: number, y: number): Uint8Array {
  return Uint8Array.of(5, buttons, x >> 8, x, y >> 8, y);
}

/** One screen of an extended desktop. */
export interface RfbScreen {
  readonly id: number;
  readonly flags: number;
}

/** Asks for a size, as one screen that fills it. */
export function setDesktopSize(width: number, height: number, screen: RfbScreen): Uint8Array {
  const bytes = new Uint8Array(24), view = new DataView(bytes.buffer);
  view.setUint8(0, 251);
  view.setUint16(2, width);
  view.setUint16(4, height);
  view.setUint8(6, 1);
  view.setUint32(8, screen.id);
  view.setUint16(16, width);
  view.setUint16(18, height);
  view.setUint32(20, screen.flags);
  return bytes;
}
