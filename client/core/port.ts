/** What a channel's handler may do, and what it must do: the seam between one channel and its connection. */
import type { LinkedPeer } from "../../protocol/link/client_link.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { SessionEvent } from "./events.ts";

/** A message that must have been handled on another channel before this channel goes on. */
export interface ChannelWait {
  readonly channelType: number;
  readonly channelId: number;
  readonly messageSerial: bigint;
}

/**
 * What a handler may do.
 *
 * @internal
 */
export interface Port {
  /** Number of the channel among those of its type. */
  readonly id: number;
  /** The server's capabilities on this channel. */
  readonly peer: LinkedPeer;
  send<T>(message: Message<string, T>, value: T): void;
  emit(event: SessionEvent): void;
  /** Handles nothing more on this channel until all these are met, and calls `then` before it goes on. */
  wait(waits: readonly ChannelWait[], then?: () => void): void;
}

/**
 * A message as it reaches a handler.
 *
 * @internal
 */
export interface Received {
  readonly name: string;
  readonly value: unknown;
}

/**
 * What a channel does with the messages that are its own; those of the base channel never reach it.
 *
 * @internal
 */
export interface Handler {
  /**
   * @returns `later` when nothing was done, since another channel has yet to bring something, or a worker an image: the
   *   same message is handed over again once a channel has moved, or the image is there.
   * @throws {ProtocolError} `unsupported` is told and counted; any other ends the session.
   */
  handle(message: Received): void | "later";
  /**
   * A message whose turn comes later: begin what takes long. The same object is handed to {@link handle}.
   *
   * @returns False when no more can be begun.
   */
  prepare?(message: Received): boolean;
  /** Whether something that was begun is not done. */
  readonly busy?: boolean;
  /** The connection is gone; nothing may be sent any more. */
  end?(): void;
}
