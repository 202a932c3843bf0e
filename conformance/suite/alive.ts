/** Whether a peer is still there after it was treated badly. */
import { Ping, Pong } from "../../protocol/messages/base.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import type { ClientPeer } from "./client_peer.ts";
import type { ServerPeer } from "./server_peer.ts";
import type { Talk } from "./talk.ts";
import { fail, Finding, must } from "./verdict.ts";

/**
 * Fails unless a server serves a client that comes now: it links, and gets MAIN_INIT and the list of channels.
 * What it does with those who are in is its own affair.
 * @param patienceMs How long it may be busy before it does.
 */
export async function stillServes(peer: ServerPeer, patienceMs = 0): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return (await peer.session()).main.wire.close();
    } catch (error) {
      if (!(error instanceof Finding) || performance.now() > end) throw error;
      await pause(200);
    }
  }
}

/** What became of a client that was treated badly. */
export type Aftermath = "goes on" | "closed";

/**
 * Fails unless a client goes on, which is seen by its PONG, or closes the connection; a crash and a hang are neither.
 * @param talk The channel on which it was treated badly.
 */
export async function copes(peer: ClientPeer, talk: Talk, patienceMs = 4000): Promise<Aftermath> {
  const id = 0x600d, timestamp = BigInt(id);
  await talk.send(Ping, { id, timestamp, data: new Uint8Array(0) });
  const pong = await talk.find(Pong, (pong) => pong.id === id, patienceMs);
  if (pong === null) must(talk.wire.ended, `it neither answers PING nor closes within ${patienceMs} ms`);
  await survives(peer);
  return pong === null ? "closed" : "goes on";
}

/** Fails when a client's program crashed. A crash shows a moment after the connection's end. */
export async function survives(peer: ClientPeer): Promise<void> {
  for (let wait = 0; wait < 300 && peer.crash === null; wait += 50) await pause(50);
  if (peer.crash !== null) {
    fail(`its program crashed: ${peer.crash}; it says ${JSON.stringify(peer.output.slice(-300))}`);
  }
}

/** Fails unless a client goes on, for what it must take in its stride. */
export async function goesOn(peer: ClientPeer, talk: Talk): Promise<void> {
  must(await copes(peer, talk) === "goes on", "it closes the connection");
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Number of the ping that looks for life; cases count theirs from 1. */
const LIFE = 0x11fe;

/**
 * The client answers PING on a channel.
 * @param after What was done to it, as the end of "after …".
 */
export async function mustAnswer(talk: Talk, after: string): Promise<void> {
  await talk.send(Ping, { id: LIFE, timestamp: 1n, data: new Uint8Array(0) });
  must(await talk.find(Pong, ({ id }) => id === LIFE) !== null, `it does not answer PING after ${after}`);
}

/** The server lets another client in, and speaks to it. */
export async function mustServe(peer: ServerPeer, after: string): Promise<void> {
  const { result, talk } = await peer.link();
  must(result === LinkErr.OK && talk !== null, `it lets no client in after ${after}`);
  must(await talk.next() !== null, `it says nothing to a client after ${after}`);
}

/** A connection is not ended for a while. */
export async function mustStay(talk: Talk, after: string, patienceMs = 500): Promise<void> {
  must(!(await talk.closes(patienceMs)), `it closes the connection after ${after}`);
}
