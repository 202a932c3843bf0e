/** One client and its channels: what the server knows of a viewer, and where a change of the machine goes. */
import type { Limits } from "../../protocol/limits.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { CursorChannel } from "./cursor_channel.ts";
import { DisplayChannel } from "./display_channel.ts";
import type { EncodeJobs } from "./encode_jobs.ts";
import type { PictureCompression, SlowLinkChoice } from "./image_compression.ts";
import { InputsChannel } from "./inputs_channel.ts";
import { channelsOfHead, type MachineState } from "./machine_state.ts";
import { MainChannel } from "./main_channel.ts";
import type { Handler, Port } from "./port.ts";
import type { Change } from "./screen.ts";
import { SharedGlz } from "./shared_glz.ts";
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
  /** Compression of pictures, unless the viewer asks otherwise. */
  readonly compression: PictureCompression;
  readonly jpeg: SlowLinkChoice;
  readonly zlibGlz: SlowLinkChoice;
  /** Whether no more than one viewer is in. */
  readonly alone: () => boolean;
  /** Where large pictures are encoded. */
  readonly jobs: EncodeJobs;
  /** Takes what the viewer does to the machine. */
  readonly input: (input: MachineInput) => void;
}

/** A client with its main channel and all that belongs to it. */
export class Viewer implements ViewerInfo {
  /** Connections that belong to it; the first is its main channel. */
  readonly connections = new Set<number>();
  readonly #displays = new Map<number, DisplayChannel>();
  readonly #glz = new SharedGlz();
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

  /** When to ask its displays again although nothing happens; those before `nowMs` are over. `null`: no need. */
  restMs(nowMs: number): number | null {
    const all = [...this.#displays.values()].map(({ restMs }) => restMs ?? 0).filter((restMs) => restMs > nowMs);
    return all.length === 0 ? null : Math.min(...all);
  }

  /** What it may do. */
  get role(): Role {
    return this.ticket.role;
  }

  /** A channel of it has linked. @param nowMs For the multimedia clock. */
  open(channelType: number, port: Port, nowMs: number): Handler {
    const { machine } = this.host;
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
        const { compression, jpeg, zlibGlz, alone, jobs } = this.host;
        const context = { compression, jpeg, zlibGlz, alone, jobs, glz: this.#glz };
        const display = new DisplayChannel(port, machine.heads.get(port.id)!, context);
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
    if (channelType === channels.display.type && this.#displays.delete(channelId)) this.#glz.channelEnded();
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
