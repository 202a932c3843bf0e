/** What a channel's handler may do, and what it must do: the seam between one channel of a viewer and its connection. */
import type { LinkedPeer } from "../../protocol/link/client_link.ts";
import type { Message } from "../../protocol/schema/message.ts";

/** What a handler may do. */
export interface Port {
  /** Number of the channel among those of its type. */
  readonly id: number;
  /** The viewer's capabilities on this channel. */
  readonly peer: LinkedPeer;
  /** Sends a message at once, whatever the windows say. @returns Bytes sent. */
  send<T>(message: Message<string, T>, value: T): number;
  /** Begins an ACK window with SET_ACK. */
  startAcks(window: number): void;
  /** True while the viewer has not acknowledged enough messages. */
  readonly ackFull: boolean;
  /** Sends PING; the handler's `pong` gets the answer. */
  ping(id: number): void;
}

/** A message as it reaches a handler. */
export interface Received {
  readonly name: string;
  readonly value: unknown;
}

/** What a channel of a viewer does with the messages that are its own. */
export interface Handler {
  /** @throws {ProtocolError} The viewer broke a rule; its connection is closed. */
  handle(message: Received, nowMs: number): void;
  /** The connection can take more: send something that could wait until now. @returns False when there is nothing. */
  pull?(nowMs: number): boolean;
  pong?(id: number, nowMs: number): void;
  /** The connection is gone; nothing may be sent any more. */
  end?(): void;
}
