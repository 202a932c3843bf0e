/** A client's and a server's link joined by two simulated pipes, for tests. */
import { concat } from "../../schema/encode.ts";
import { ProtocolError } from "../../errors.ts";
import { ClientLink, type ClientLinkOptions, type ClientLinkOutput, type LinkedPeer } from "../client_link.ts";
import { type Offer, ServerLink, type ServerLinkOutput } from "../server_link.ts";

/** How both sides behave. */
export interface PairOptions {
  readonly client: ClientLinkOptions;
  readonly offer: Offer;
  /** Whether the server takes the ticket. Default: it compares it with what the client sent. */
  readonly accept?: boolean;
  /** Bytes that cross at once. Default: all. */
  readonly step?: number;
  /** Changes a byte stream before it crosses. */
  readonly spoil?: { readonly toServer?: Spoil; readonly toClient?: Spoil };
}

/** Gets all that has been sent so far in one direction, and gives it back changed. */
export type Spoil = (bytes: Uint8Array) => Uint8Array;

/** How it ended on both sides. */
export interface PairResult {
  readonly client: LinkedPeer | ProtocolError | null;
  readonly server: LinkedPeer | ProtocolError | null;
  readonly sent: { readonly byClient: Uint8Array; readonly byServer: Uint8Array };
  readonly states: { readonly client: string; readonly server: string };
}

/** The 162 bytes that stand for a public key. */
export const KEY = Uint8Array.from({ length: 162 }, (_, i) => i);
/** The 128 bytes that stand for an encrypted ticket. */
export const TICKET = Uint8Array.from({ length: 128 }, (_, i) => 255 - i);

/** Lets a client and a server link until neither has more to say. */
export function linkPair(options: PairOptions): PairResult {
  const client = new ClientLink(options.client), server = new ServerLink(options.client.limits);
  const toServer = new Pipe(options.spoil?.toServer), toClient = new Pipe(options.spoil?.toClient);
  let clientEnd: LinkedPeer | ProtocolError | null = null, serverEnd: LinkedPeer | ProtocolError | null = null;

  const onClient = (outputs: readonly ClientLinkOutput[]): void => {
    for (const output of outputs) {
      if (output.do === "send") toServer.send(output.chunks);
      else if (output.do === "encrypt") {
        toServer.send(client.ticket(TICKET));
        onClient(client.receive(new Uint8Array(0)));
      } else clientEnd = output.peer;
    }
  };
  const onServer = (outputs: readonly ServerLinkOutput[]): void => {
    for (const output of outputs) {
      if (output.do === "send") toClient.send(output.chunks);
      else if (output.do === "offer") onServer(server.offer(options.offer));
      else if (output.do === "make-key") onServer(server.key(KEY));
      else if (output.do === "check") {
        onServer(server.verdict(options.accept ?? output.encrypted.every((byte, i) => byte === TICKET[i])));
      } else serverEnd = output.peer;
    }
  };
  toServer.send(client.start());
  for (let moved = true; moved;) {
    moved = false;
    const up = toServer.take(options.step ?? Infinity);
    if (up !== null && !(serverEnd instanceof ProtocolError)) {
      moved = true;
      try {
        onServer(server.receive(up));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        serverEnd = error;
        toClient.send(server.answerTo(error));
      }
    }
    const down = toClient.take(options.step ?? Infinity);
    if (down !== null && !(clientEnd instanceof ProtocolError)) {
      moved = true;
      try {
        onClient(client.receive(down));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        clientEnd = error;
      }
    }
  }
  return {
    client: clientEnd,
    server: serverEnd,
    sent: { byClient: toServer.all, byServer: toClient.all },
    states: { client: client.state, server: server.state },
  };
}

/** One direction of a connection. */
class Pipe {
  #sent: Uint8Array = new Uint8Array(0);
  #taken = 0;

  constructor(readonly spoil: Spoil = (bytes) => bytes) {}

  /** All that was sent, unspoilt. */
  get all(): Uint8Array {
    return this.#sent;
  }

  send(chunks: readonly Uint8Array[]): void {
    this.#sent = concat([this.#sent, ...chunks]);
  }

  take(most: number): Uint8Array | null {
    const bytes = this.spoil(this.#sent.slice()).subarray(this.#taken);
    if (bytes.length === 0) return null;
    const part = bytes.subarray(0, Math.min(most, bytes.length));
    this.#taken += part.length;
    return part;
  }
}
