/** One client and its channels: what the server knows of a viewer, and where a change of the machine goes. */
import type { Limits } from "../../protocol/limits.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { CursorChannel } from "./cursor_channel.ts";
import { DisplayChannel } from "./display_channel.ts";
import type { Compression } from "./encode_area.ts";
import { InputsChannel } from "./inputs_channel.ts";
import { channelsOfHead, type MachineState } from "./machine_state.ts";
import { MainChannel } from "./main_channel.ts";
import type { Handler, Port } from "./port.ts";
import type { Change } from "./screen.ts";
import type { Role, Ticket } from "./ticket.ts";
import type { MachineInput } from "./vdi.ts";

/** What may be known of a viewer. */
export interface ViewerInfo {
  /** Number that its channels give in their links; unpredictable. */
  readonly sessionId: number;
  /** What it may do. */
  readonly role: Role;
  /** Where it comes from. */
  readonly address: string;
}

/** What a viewer needs of the server. */
export interface ViewerHost {
  readonly machine: MachineState;
  readonly limits: Limits;
  /** Compression of pixels, unless the viewer asks otherwise. */
  readonly compression: Compression;
  /** Takes what the viewer does to the machine. */
  readonly input: (input: MachineInput) => void;
}

/** A client with its main channel and all that belongs to it. */
export class Viewer implements ViewerInfo {
  /** Connections that belong to it; the first is its main channel. */
  readonly connections = new Set<number>();
  readonly #displays = new Map<number, DisplayChannel>();
  #main: MainChannel | null = null;
  #inputs: InputsChannel | null = null;
  /** True in client mouse mode. */
  #absolute = false;

  /** Made by the server core when a viewer joins. */
  constructor(
    /** Number that its channels give in their links; unpredictable. */
    readonly sessionId: number,
    /** What let it in; it opens its other channels, too. */
    readonly ticket: Ticket,
    /** Where it comes from, for logs. */
    readonly address: string,
    readonly host: ViewerHost,
  ) {}

  /** What it may do. */
  get role(): Role {
    return this.ticket.role;
  }

  /** A channel of it has linked. @param nowMs For the multimedia clock. */
  open(channelType: number, port: Port, nowMs: number): Handler {
    const { machine, compression } = this.host;
    switch (channelType) {
      case channels.main.type: {
        const { sessionId, role } = this;
        const mouseMode = (absolute: boolean) => void (this.#absolute = absolute);
        const { limits, input } = this.host;
        return this.#main = new MainChannel(port, {
          sessionId,
          role,
          machine,
          mmTime: nowMs,
          mouseMode,
          limits,
          input,
        });
      }
      case channels.display.type: {
        const display = new DisplayChannel(port, machine.heads.get(port.id)!, compression);
        this.#displays.set(port.id, display);
        return display;
      }
      case channels.cursor.type:
        return new CursorChannel(port, machine.heads.get(port.id)!);
      default:
        return this.#inputs = new InputsChannel(port, {
          machine,
          isAbsolute: () => this.#absolute,
          input: (input) => {
            const possible = possibleInput(machine, input);
            if (possible !== null) this.host.input(possible);
          },
        });
    }
  }

  /** A channel of it has gone. */
  closed(channelType: number, channelId: number): void {
    if (channelType === channels.display.type) this.#displays.delete(channelId);
    if (channelType === channels.inputs.type) this.#inputs = null;
  }

  /** A head appeared for the first time. */
  headAdded(head: number): void {
    this.#main?.channelsAdded(channelsOfHead(head));
  }

  /** A head changed its size, went away or came back. */
  headChanged(head: number): void {
    this.#displays.get(head)?.headChanged();
  }

  /** A head's picture has changed. */
  changed(head: number, change: Change): void {
    this.#displays.get(head)?.changed(change);
  }

  /** The keyboard LEDs changed. */
  ledsChanged(): void {
    this.#inputs?.ledsChanged();
  }

  /** A head takes other sizes now, or does so no more. */
  resizableChanged(): void {
    this.#main?.resizableChanged();
  }

  /** The machine's pointer devices changed. */
  mouseModesChanged(): void {
    this.#main?.mouseModesChanged();
  }
}

/** Cuts places to the head that they name: a viewer may not know yet that it shrank. `null`: there is no such head. */
function possibleInput(machine: MachineState, input: MachineInput): MachineInput | null {
  if (input.kind !== "position") return input;
  const surface = machine.heads.get(input.head)?.screen?.surface;
  if (surface === undefined) return null;
  return { ...input, x: Math.min(input.x, surface.width - 1), y: Math.min(input.y, surface.height - 1) };
}
