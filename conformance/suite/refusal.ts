/** How a server says no. */
import { LinkErr } from "../../protocol/messages/enums.ts";
import { nameOf } from "../../protocol/schema/enumeration.ts";
import { type LinkOutcome, readReply, type ServerPeer } from "./server_peer.ts";
import { fail, lax, must, mustEqual } from "./verdict.ts";

/** What of a link tells whether it was refused. */
export type Answer = Pick<LinkOutcome, "wire" | "reply" | "result">;

/** Sends bytes in place of a link message, and reads what the server answers. */
export async function answerTo(peer: ServerPeer, bytes: Uint8Array, what: string): Promise<Answer> {
  const wire = await peer.connect();
  await wire.send(bytes, what);
  return { wire, result: null, ...await readReply(wire) };
}

/** Fails unless the server answers with an error, in its reply or after the ticket, and closes. */
export async function refuses(answer: Answer, error: number): Promise<void> {
  const said = answer.result ?? answer.reply?.error;
  must(said !== undefined, "no answer");
  mustEqual(nameOf(LinkErr, said), nameOf(LinkErr, error), "the answer");
  must(await answer.wire.closes(), "the connection stays open");
}

/** The same, but a server that closes without an answer is lax: its client cannot tell why. */
export async function refusesSomehow(answer: Answer, error: number): Promise<void> {
  if (answer.result === null && (answer.reply === null || answer.reply.error === LinkErr.OK)) {
    must(await answer.wire.closes(), "it neither answers nor closes");
    lax(`it closes without the answer ${nameOf(LinkErr, error)}`);
  }
  await refuses(answer, error);
}

/** Fails unless the server lets us in. */
export function accepts({ reply, result }: Answer): void {
  const said = result ?? reply?.error;
  if (said === undefined) fail("no answer");
  mustEqual(nameOf(LinkErr, said), "OK", "the answer");
  must(result !== null, "no result follows the ticket");
}
