/** A channel of a client that is judged, and how to tell that the client has handled what was sent there. */
import { Ping, Pong } from "../../protocol/messages/base.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { ClientPeer } from "./client_peer.ts";
import type { Talk } from "./talk.ts";
import { fail, must } from "./verdict.ts";

/** One channel of a client. Clients handle a channel's messages in order, so a PONG vouches for all before its PING. */
export class ClientChannel {
  #pings = 0;

  constructor(readonly peer: ClientPeer, readonly talk: Talk) {}

  /** Sends a message. */
  async send<T>(message: Message<string, T>, value: T): Promise<void> {
    await this.talk.send(message, value);
  }

  /** Waits until the client has handled all that was sent. @throws {Finding} `failed`: it crashed, hung up, or hangs. */
  async handled(): Promise<void> {
    if (!await this.survives()) fail("it hangs up");
  }

  /**
   * Whether the client goes on after what was sent; else it hung up.
   * @throws {Finding} `failed`: it crashed, or hangs.
   */
  async survives(): Promise<boolean> {
    const id = ++this.#pings;
    await this.send(Ping, { id, timestamp: BigInt(id), data: new Uint8Array(0) });
    if (await this.talk.find(Pong, (pong) => pong.id === id) !== null) return true;
    await this.peer.mustNotCrash(this.talk.wire.ended ? 1500 : 0);
    must(this.talk.wire.ended, "it neither answers PING nor hangs up");
    return false;
  }
}
