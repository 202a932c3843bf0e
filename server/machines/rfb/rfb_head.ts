/** One connection to a VNC server: the picture of one head, and its input where the server takes it. */
import type { MachineInput, Vdi } from "../../core/vdi.ts";
import type { RfbError } from "./rfb_error.ts";
import type { RfbLimits } from "./rfb_limits.ts";

/** Where a VNC server listens. */
export type RfbAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** How a VNC server is shown. */
export interface RfbOptions {
  readonly address: RfbAddress;
  /** Number of the head that the handler is told. Default: 0. */
  readonly head?: number;
  /** For VNC authentication; only its first eight bytes count. */
  readonly password?: string;
  /**
   * Milliseconds between two harmless messages while someone watches; 0 sends none. QEMU looks for changes ever more
   * seldom, down to once in 3 s, when it hears nothing. Default: 30 for a server that calls itself QEMU, 0 for others.
   */
  readonly keepAwakeMs?: number;
  /** Longest handshake in milliseconds, the connection included. Default: 10000. */
  readonly handshakeMs?: number;
  readonly limits?: Partial<RfbLimits>;
}

/**
 * What a connection tells, in order. A {@link Vdi} with three more calls; none may throw.
 *
 * `draw` gets pixels straight from the socket, in a buffer that is used again once the call returns.
 */
export interface RfbHandler extends Omit<Vdi, "identity"> {
  /** The name that the server gives itself, before the first head. */
  named(name: string): void;
  /** The server's answer to a size that was asked for; `accepted` may mean "passed on to the guest". */
  sizeAnswered(head: number, accepted: boolean, detail: string): void;
  /** The connection is over by itself. The head is not taken away: that is the handler's choice. */
  ended(error: RfbError): void;
}

/** An open connection. */
export interface RfbHead {
  /** The server's name, as `QEMU (guest)`. */
  readonly name: string;
  /** Whether the server has said that its size can be changed. */
  readonly resizable: boolean;
  /** Takes input; what the server cannot take is dropped. Heads are not looked at: it is for this one. */
  input(input: MachineInput): void;
  /** Whether anyone looks: while nobody does, no changes are asked for. It begins watched. */
  watch(watched: boolean): void;
  /** Ends it without `ended`; resolves when no socket and no timer is left. */
  close(): Promise<void>;
}
