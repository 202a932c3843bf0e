/** The cursor channel of a viewer: the machine's pointer on one head, always its newest state. */
import type { CursorShape } from "../../canvas/cursor.ts";
import { CursorHide, CursorInit, CursorMove, CursorSet } from "../../protocol/messages/cursor.ts";
import { CursorType } from "../../protocol/messages/enums.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import type { HeadState } from "./machine_state.ts";
import type { Handler, Port } from "./port.ts";
import type { MachineCursor } from "./vdi.ts";

type WireCursor = ValueOf<typeof CursorSet>["cursor"];

/** A cursor that has not been told to a viewer. */
const NONE: WireCursor = { flags: 0, header: null, data: new Uint8Array(0) };

/** Sends the pointer. A viewer that is slow gets the newest state, not every state. */
export class CursorChannel implements Handler {
  #told: MachineCursor;
  #serial = 0n;

  constructor(readonly port: Port, readonly head: HeadState) {
    const { cursor } = head;
    port.send(CursorInit, {
      position: placeOf(cursor),
      trailLength: 0,
      trailFrequency: 0,
      visible: cursor.visible ? 1 : 0,
      cursor: this.#wire(cursor.shape),
    });
    this.#told = cursor;
  }

  handle(): void {
    // Viewers have nothing of their own to say here.
  }

  pull(): boolean {
    const now = this.head.cursor, told = this.#told;
    if (now === told || this.port.ackFull) return false;
    this.#told = now;
    if (now.shape !== told.shape || (now.visible && !told.visible)) {
      const visible = now.visible && now.shape !== null;
      if (visible) this.port.send(CursorSet, { position: placeOf(now), visible: 1, cursor: this.#wire(now.shape) });
      else this.port.send(CursorHide, {});
    } else if (!now.visible && told.visible) this.port.send(CursorHide, {});
    else if (now.at !== null && (now.at.x !== told.at?.x || now.at.y !== told.at.y)) {
      this.port.send(CursorMove, { position: placeOf(now) });
    }
    return true;
  }

  #wire(shape: CursorShape | null): WireCursor {
    if (shape === null) return NONE;
    const { width, height, hotX, hotY, pixels } = shape;
    return {
      flags: 0,
      header: { unique: ++this.#serial, type: CursorType.ALPHA, width, height, hotSpotX: hotX, hotSpotY: hotY },
      data: bytesOf(pixels),
    };
  }
}

/** @returns B, G, R, A of each pixel. */
function bytesOf(pixels: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * pixels.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pixels.length; i++) view.setUint32(4 * i, pixels[i]!, true);
  return bytes;
}

function placeOf({ at }: MachineCursor): { x: number; y: number } {
  return { x: clamp(at?.x ?? 0), y: clamp(at?.y ?? 0) };
}

/** Into an i16. */
function clamp(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.trunc(value)));
}
