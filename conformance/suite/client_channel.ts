/** A channel of a client that is judged, and how to tell that the client has handled what was sent there. */
import type { Message } from "../../protocol/schema/message.ts";
import { mustCope } from "./alive.ts";
import type { ClientPeer } from "./client_peer.ts";
import type { Talk } from "./talk.ts";
import { fail, lacks } from "./verdict.ts";

/** One channel of a client. Clients handle a channel's messages in order, so a PONG vouches for all before its PING. */
export class ClientChannel {
  constructor(readonly peer: ClientPeer, readonly talk: Talk) {}

  /** Sends a message. */
  async send<T>(message: Message<string, T>, value: T): Promise<void> {
    await this.talk.send(message, value);
  }

  /**
   * Waits until the client has handled all that was sent.
   * @throws {Finding} `failed`: it crashed, closed, or hangs; `unimplemented`: it is one that leaves by itself.
   */
  async handled(): Promise<void> {
    if (await this.copes()) return;
    // Some have done what they are for when there is a picture, and nobody can ask them what they show.
    if (!this.peer.target.speaks && !this.peer.runs) lacks("its program has ended by itself");
    fail("it closes the connection after what was sent");
  }

  /**
   * Whether the client goes on after what was sent; else it closed the connection.
   * @throws {Finding} `failed`: it crashed, or hangs.
   */
  async copes(): Promise<boolean> {
    return await mustCope(this.peer, this.talk, "what was sent") === "goes on";
  }
}
