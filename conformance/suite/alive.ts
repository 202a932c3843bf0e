/** Whether a peer is still there after it was treated badly. */
import { Ping, Pong } from "../../protocol/messages/base.ts";
import type { ClientPeer } from "./client_peer.ts";
import type { ServerPeer } from "./server_peer.ts";
import type { Heard, Talk } from "./talk.ts";
import { eventually } from "./eventually.ts";
import { fail, Finding, must } from "./verdict.ts";

/** Number of the ping that looks for life; cases count theirs from 1. */
const LIFE = 0x11fe;

/** How long a client may take to answer a ping: it can have much to do, and a machine to share. */
const ANSWER_MS = 5000;

/**
 * Fails unless a server serves a client that comes now: it links, and gets MAIN_INIT and the list of channels.
 * What it does with those who are in is its own affair.
 * @param after What was done to it, as the end of "after …".
 * @param patienceMs How long it may be busy before it does.
 */
export async function mustServe(peer: ServerPeer, after: string, patienceMs = 0): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return (await peer.session()).main.wire.close();
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      if (performance.now() > end) fail(`it serves no other client after ${after}: ${error.reason}`);
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
export async function mustCope(
  peer: ClientPeer,
  talk: Talk,
  after: string,
  patienceMs: number = ANSWER_MS,
): Promise<Aftermath> {
  await talk.send(Ping, { id: LIFE, timestamp: BigInt(LIFE), data: new Uint8Array(0) });
  const answers = await talk.find(Pong, ({ id }) => id === LIFE, patienceMs) !== null;
  await peer.mustNotCrash();
  must(answers || talk.wire.ended, `it neither answers PING nor closes within ${patienceMs} ms after ${after}`);
  return answers ? "goes on" : "closed";
}

/** Fails unless a client goes on, for what it must take in its stride. */
export async function mustAnswer(peer: ClientPeer, talk: Talk, after: string): Promise<void> {
  must(await mustCope(peer, talk, after) === "goes on", `it closes the connection after ${after}`);
}

/** Fails unless a client goes on, or ends its session in order: then it says that it is over. */
export async function mustGoOnOrEnd(peer: ClientPeer, main: Talk, after: string): Promise<void> {
  if (await mustCope(peer, main, after) === "goes on") return;
  await eventually(`whether its session is over after ${after}`, () => peer.control.ask("ended"), true);
}

/**
 * Takes all that a client says to what it was sent, however long it takes: what comes before it answers a ping, and for a
 * while behind it.
 * @param after What it was sent.
 * @returns What came, but for the answer to the ping.
 */
export async function hearOut(peer: ClientPeer, talk: Talk, after: string, quietMs = 300): Promise<Heard[]> {
  const from = talk.heard.length;
  await mustAnswer(peer, talk, after);
  const pong = talk.heard.at(-1);
  await talk.drain(quietMs);
  return talk.heard.slice(from).filter((heard) => heard !== pong);
}

/** Fails when a peer ends a connection within a while. */
export async function mustStay(talk: Talk, after: string, patienceMs = 500): Promise<void> {
  must(!(await talk.closes(patienceMs)), `it closes the connection after ${after}`);
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
