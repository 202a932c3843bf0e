/** What a case is: a requirement on a peer, and how to see whether it holds. */
import type { ClientPeer } from "./client_peer.ts";
import type { ServerPeer } from "./server_peer.ts";

/** How much a requirement weighs: a peer that breaks a `must` is wrong, a `should` is unwise; `info` only tells. */
export type Level = "must" | "should" | "info";

/** What stands in a case whatever it judges. */
export interface CaseInfo {
  /** What the peer does, as the end of "The peer …": `sends an expired ticket`. */
  readonly title: string;
  /** The requirement as one sentence: `The server MUST answer PERMISSION_DENIED (7) and close`. */
  readonly requirement: string;
  /** Where it stands: file and function of the reference, or an item of `spice.proto`. */
  readonly source: string;
  readonly level: Level;
  /** Milliseconds after which the peer has failed. Default: 20000. */
  readonly timeoutMs?: number;
  /** Addresses of the ledger that it covers, as globs. */
  readonly covers?: readonly string[];
}

/** A case that judges servers. */
export interface ServerCase extends CaseInfo {
  run(peer: ServerPeer): Promise<void>;
}

/** A case that judges clients. */
export interface ClientCase extends CaseInfo {
  run(peer: ClientPeer): Promise<void>;
}

/** A case with its address. */
export type Case =
  & { readonly address: string }
  & (
    | ({ readonly judges: "server" } & ServerCase)
    | ({ readonly judges: "client" } & ClientCase)
  );

/** Cases that belong together; their addresses begin with that of the group. */
export class Group {
  readonly #cases: Case[] = [];

  /** @param address Words and slashes, as `link/ticket`. @param title For the report. */
  constructor(readonly address: string, readonly title: string) {}

  /** Its cases, in the order in which they were added. */
  get cases(): readonly Case[] {
    return this.#cases;
  }

  /** Adds a case about servers. @param name A word, as `expired`. */
  server(name: string, one: ServerCase): this {
    this.#cases.push({ address: `${this.address}/${name}`, judges: "server", ...one });
    return this;
  }

  /** Adds a case about clients. */
  client(name: string, one: ClientCase): this {
    this.#cases.push({ address: `${this.address}/${name}`, judges: "client", ...one });
    return this;
  }
}

/** Begins a group. */
export function group(address: string, title: string): Group {
  return new Group(address, title);
}
