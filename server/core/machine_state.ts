/** What a machine shows now: all that a viewer needs who comes later. */
import { channels } from "../../protocol/messages/channels.ts";
import type { Screen } from "./screen.ts";
import type { Role } from "./ticket.ts";
import type { MachineCursor, MouseModes } from "./vdi.ts";

/** A head: a display channel and a cursor channel. */
export interface HeadState {
  /** Its picture; `null` while it is off. */
  screen: Screen | null;
  cursor: MachineCursor;
  /** Whether viewers may ask for another size. */
  resizable: boolean;
}

/** A channel that is offered. */
export interface OfferedChannel {
  readonly type: number;
  readonly id: number;
}

/** The state of a machine. The server core writes it; channels read it when they need it. */
export class MachineState {
  name: string | null = null;
  /** 16 bytes. */
  uuid: Uint8Array | null = null;
  /** Flags of `KeyboardModifierFlags`. */
  leds = 0;
  mouseModes: MouseModes = { absolute: false, relative: true };
  /** Every head that there has been, by number. */
  readonly heads = new Map<number, HeadState>();

  /** Whether any head takes other sizes. */
  get resizable(): boolean {
    return [...this.heads.values()].some(({ resizable }) => resizable);
  }

  /** Size of a head that can change it, 0 × 0 while it is off; `null` for one that cannot. */
  sizeToChange(head: number): { readonly width: number; readonly height: number } | null {
    const state = this.heads.get(head);
    return state?.resizable ? state.screen?.surface ?? { width: 0, height: 0 } : null;
  }

  /** The channels beside main that a viewer may open. */
  offered(role: Role): readonly OfferedChannel[] {
    const heads = [...this.heads.keys()].toSorted((a, b) => a - b).flatMap(channelsOfHead);
    return role === "control" ? [...heads, { type: channels.inputs.type, id: 0 }] : heads;
  }
}

/** The channels of one head. */
export function channelsOfHead(head: number): readonly OfferedChannel[] {
  return [{ type: channels.display.type, id: head }, { type: channels.cursor.type, id: head }];
}
