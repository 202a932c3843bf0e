/** The handshake, both sides. */
import { CommonCap } from "../../../protocol/capabilities.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { ClientLink, type ClientLinkOutput } from "../../../protocol/link/client_link.ts";
import { ServerLink, type ServerLinkOutput } from "../../../protocol/link/server_link.ts";
import { SpiceLinkMess, SpiceLinkReply } from "../../../protocol/messages/link.ts";
import { arbitrary } from "../../../protocol/schema/arbitrary.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { sameOutcome } from "../oracles.ts";
import { OF_A_DECODER, SMALL_LIMITS, type Target } from "../target.ts";

const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER } = CommonCap;
const ALL_CAPS: readonly number[] = [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER];

/** A server's bytes at a client that links. The first byte of an input chooses the client's capabilities. */
export const clientLink: Target = {
  name: "client-link",
  weight: 12,
  ...OF_A_DECODER,
  generate: (random, corpus) => {
    const body = () => concat(framed(encodeBytes(SpiceLinkReply, arbitrary(SpiceLinkReply, random)), random));
    return concat([randomBytes(random, 1), linkBytes(random, corpus.links.server, body)]);
  },
  run: (input) => {
    const commonCaps = ALL_CAPS.filter((cap) => (input[0] ?? 0) >> cap & 1);
    const bytes = input.subarray(1);
    const whole = clientOutcome(commonCaps, bytes, bytes.length);
    sameOutcome("a client's link in another split", clientOutcome(commonCaps, bytes, 3), whole);
    return whole.split("\n")[0]!;
  },
};

/** A client's bytes at a server that links. The first byte of an input chooses the server's capabilities. */
export const serverLink: Target = {
  name: "server-link",
  weight: 12,
  ...OF_A_DECODER,
  generate: (random, corpus) => {
    const body = () => concat(framed(encodeBytes(SpiceLinkMess, arbitrary(SpiceLinkMess, random)), random));
    return concat([randomBytes(random, 1), linkBytes(random, corpus.links.client, body)]);
  },
  run: (input) => {
    const commonCaps = ALL_CAPS.filter((cap) => (input[0] ?? 0) >> cap & 1);
    const bytes = input.subarray(1);
    const whole = serverOutcome(commonCaps, bytes, bytes.length);
    sameOutcome("a server's link in another split", serverOutcome(commonCaps, bytes, 3), whole);
    return whole.split("\n")[0]!;
  },
};

function linkBytes(random: Prng, captured: readonly Uint8Array[], made: () => Uint8Array): Uint8Array {
  const pick = below(random, 8);
  if (pick === 0) return randomBytes(random, below(random, 300));
  const seed = captured[below(random, captured.length)]!;
  return mutate(pick < 3 ? concat([made(), randomBytes(random, below(random, 200))]) : seed, random, seed);
}

/** A link header with the right size, mostly. */
function framed(body: Uint8Array, random: Prng): Uint8Array[] {
  const header = new Uint8Array(16), view = new DataView(header.buffer);
  header.set([0x52, 0x45, 0x44, 0x51, 2, 0, 0, 0, 2, 0, 0, 0]);
  view.setUint32(12, body.length + (below(random, 8) === 0 ? below(random, 9) - 4 : 0), true);
  return [header, body];
}

/** First line: how it ended; then all that was said. */
function clientOutcome(commonCaps: readonly number[], bytes: Uint8Array, step: number): string {
  const options = { connectionId: 0, channelType: 1, channelId: 0, commonCaps, channelCaps: [], limits: SMALL_LIMITS };
  const link = new ClientLink(options), said: string[] = [];
  const act = (outputs: readonly ClientLinkOutput[]): void => {
    for (const output of outputs) {
      said.push(output.do === "linked" ? JSON.stringify(output.peer) : output.do);
      if (output.do !== "encrypt") continue;
      link.ticket(new Uint8Array(128));
      act(link.receive(new Uint8Array(0)));
    }
  };
  try {
    link.start();
    for (let at = 0; at < bytes.length; at += step) {
      // What follows the link belongs to the messages.
      if (link.state === "linked") break;
      act(link.receive(bytes.subarray(at, at + step)));
    }
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.by !== "remote") throw error;
    // The words may differ: a wrong magic is refused as soon as it shows, with what has come so far.
    return `${error.code}\n${error.path} ${error.offset} ${said}`;
  }
  return `value\n${link.state} ${said}`;
}

function serverOutcome(commonCaps: readonly number[], bytes: Uint8Array, step: number): string {
  const link = new ServerLink(SMALL_LIMITS), said: string[] = [];
  const act = (outputs: readonly ServerLinkOutput[]): void => {
    for (const output of outputs) {
      said.push(output.do === "linked" ? JSON.stringify(output.peer) : output.do);
      if (output.do === "offer") act(link.offer({ commonCaps, channelCaps: [1, 40] }));
      if (output.do === "make-key") act(link.key(new Uint8Array(162)));
      if (output.do === "check") act(link.verdict((output.encrypted[0]! & 1) === 0));
    }
  };
  try {
    for (let at = 0; at < bytes.length && link.state !== "linked"; at += step) {
      act(link.receive(bytes.subarray(at, at + step)));
    }
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.by !== "remote") throw error;
    return `${error.code}\n${error.path} ${error.offset} ${concat(link.answerTo(error)).length > 0}`;
  }
  return `value\n${link.state} ${said}`;
}
