/** One client and its channels: what the server knows of a viewer. */
import type { CursorChannel } from "./cursor_channel.ts";
import type { DisplayChannel } from "./display_channel.ts";
import type { InputsChannel } from "./inputs_channel.ts";
import type { MainChannel } from "./main_channel.ts";
import type { Role, Ticket } from "./ticket.ts";

/** What may be known of a viewer. */
export interface ViewerInfo {
  /** Number that its channels give in their links; unpredictable. */
  readonly sessionId: number;
  /** What it may do. */
  readonly role: Role;
  /** Where it comes from. */
  readonly address: string;
}

/** A client with its main channel and all that belongs to it. */
export class Viewer implements ViewerInfo {
  /** Its main channel, once linked. */
  main: MainChannel | null = null;
  /** Its display channels, by head. */
  readonly displays = new Map<number, DisplayChannel>();
  /** Its cursor channels, by head. */
  readonly cursors = new Map<number, CursorChannel>();
  /** Its inputs channels. */
  readonly inputs = new Set<InputsChannel>();
  /** Connections that belong to it; the first is its main channel. */
  readonly connections = new Set<number>();
  /** True in client mouse mode. */
  absolute = false;

  /** Made by the server core when a viewer joins. */
  constructor(
    /** Number that its channels give in their links; unpredictable. */
    readonly sessionId: number,
    /** What let it in; it opens its other channels, too. */
    readonly ticket: Ticket,
    /** Where it comes from, for logs. */
    readonly address: string,
  ) {}

  /** What it may do. */
  get role(): Role {
    return this.ticket.role;
  }
}
