/** What a guest's streaming agent writes to its port: the guest's screen as a video. Source: spice-protocol stream-device.h. */

const PROTOCOL = 1;
const FORMAT = 2, DATA = 3, CURSOR_SET = 6, CURSOR_MOVE = 7;

/** A stream of another size or codec (`SpiceVideoCodecType`) begins. */
export function streamFormat(width: number, height: number, codec: number): Uint8Array<ArrayBuffer> {
  const { bytes, body } = message(FORMAT, 12);
  body.setUint32(0, width, true);
  body.setUint32(4, height, true);
  body.setUint8(8, codec);
  return bytes;
}

/** A frame of the stream. */
export function streamData(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const { bytes } = message(DATA, frame.length);
  bytes.set(frame, HEADER);
  return bytes;
}

/** The guest's pointer, of type ALPHA: `pixels` is 4 bytes for each of its size × size. */
export function streamCursor(size: number, hotSpot: number, pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const FIXED = 12, { bytes, body } = message(CURSOR_SET, FIXED + pixels.length);
  [size, size, hotSpot, hotSpot].forEach((value, i) => body.setUint16(2 * i, value, true));
  bytes.set(pixels, HEADER + FIXED);
  return bytes;
}

/** The pointer moves. */
export function streamCursorMove(x: number, y: number): Uint8Array<ArrayBuffer> {
  const { bytes, body } = message(CURSOR_MOVE, 8);
  body.setInt32(0, x, true);
  body.setInt32(4, y, true);
  return bytes;
}

/** Version, a byte of padding, type, size. */
const HEADER = 8;

function message(type: number, size: number): { readonly bytes: Uint8Array<ArrayBuffer>; readonly body: DataView } {
  const bytes = new Uint8Array(HEADER + size), view = new DataView(bytes.buffer);
  view.setUint8(0, PROTOCOL);
  view.setUint16(2, type, true);
  view.setUint32(4, size, true);
  return { bytes, body: new DataView(bytes.buffer, HEADER) };
}
