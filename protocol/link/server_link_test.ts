import assert from "node:assert/strict";
import { captureNames, readCapture } from "../../conformance/capture.ts";
import { CommonCap, hasCap, wordsOfCaps } from "../capabilities.ts";
import { ProtocolError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { LinkErr } from "../messages/enums.ts";
import { LINK_HEADER_BYTES, SpiceLinkMess, SpiceLinkReply, SpiceLinkResult } from "../messages/link.ts";
import { decode } from "../schema/decode.ts";
import { concat, encodeBytes } from "../schema/encode.ts";
import { metaOf } from "../schema/enumeration.ts";
import { ClientLink } from "./client_link.ts";
import { withLinkHeader } from "./link_header.ts";
import { ServerLink } from "./server_link.ts";
import { KEY, linkPair, TICKET } from "./testing/link_pair.ts";

const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER } = CommonCap;
const ALL = [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER];
const CLIENT = { connectionId: 0, channelType: 1, channelId: 0, commonCaps: ALL, channelCaps: [] };
const OFFER = { commonCaps: ALL, channelCaps: [] };

function mess(commonCaps: readonly number[]): Uint8Array {
  const caps = { common: wordsOfCaps(commonCaps), channel: [] };
  const body = encodeBytes(SpiceLinkMess, { connectionId: 7, channelType: 2, channelId: 3, caps });
  return concat(withLinkHeader(body));
}

function catching(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

/** What a server that gets only `bytes` throws and answers, the same in any split. */
function refusal(bytes: Uint8Array): { error: ProtocolError; answer: number } {
  const ends = [bytes.length, 1].map((step) => {
    const link = new ServerLink();
    const error = catching(() => {
      for (let at = 0; at < bytes.length; at += step) link.receive(bytes.subarray(at, at + step));
    });
    assert.equal(link.state, "closed");
    return { error, answer: concat(link.answerTo(error)) };
  });
  const [whole, single] = ends;
  assert.equal(single!.error.code, whole!.error.code);
  assert.deepEqual(single!.answer, whole!.answer);
  const { error } = decode(SpiceLinkReply, whole!.answer.subarray(LINK_HEADER_BYTES), { exact: true });
  return { error: whole!.error, answer: error };
}

Deno.test("ServerLink asks for an offer, a key and a verdict, in this order", () => {
  const link = new ServerLink();
  assert.deepEqual(link.receive(mess(ALL)), [{
    do: "offer",
    request: { connectionId: 7, channelType: 2, channelId: 3, caps: { common: [0b1011], channel: [] } },
  }]);
  assert.deepEqual(link.offer(OFFER), [{ do: "make-key" }]);
  const [sent, ...more] = link.key(KEY);
  assert.ok(sent?.do === "send" && more.length === 0);
  const { error, pubKey, caps } = decode(SpiceLinkReply, concat(sent.chunks).subarray(LINK_HEADER_BYTES));
  assert.deepEqual([error, pubKey, caps], [LinkErr.OK, KEY, { common: [0b1011], channel: [] }]);
  assert.deepEqual(link.receive(concat([Uint8Array.of(1, 0, 0, 0), TICKET])), [{ do: "check", encrypted: TICKET }]);
  assert.deepEqual(link.receive(Uint8Array.of(5, 6)), []);
  assert.deepEqual(link.verdict(true), [
    { do: "send", chunks: [new Uint8Array(4)] },
    {
      do: "linked",
      peer: { commonCaps: [0b1011], channelCaps: [], header: "mini" },
      rest: Uint8Array.of(5, 6),
    },
  ]);
});

Deno.test("ServerLink takes the ticket at once from a client without AUTH_SELECTION, and from its own lack of it", () => {
  for (const [theirs, ours] of [[[], ALL], [ALL, [MINI_HEADER]]] as const) {
    const link = new ServerLink();
    link.receive(mess(theirs));
    link.offer({ commonCaps: ours, channelCaps: [] });
    link.key(KEY);
    assert.deepEqual(link.receive(TICKET), [{ do: "check", encrypted: TICKET }]);
  }
});

Deno.test("ServerLink answers a wrong ticket with PERMISSION_DENIED, which the client names", () => {
  for (const step of [1, Infinity]) {
    const { client, server, states } = linkPair({ client: CLIENT, offer: OFFER, accept: false, step });
    for (const error of [client, server]) {
      assert.ok(error instanceof ProtocolError);
      assert.deepEqual([error.code, error.linkError], ["link-refused", LinkErr.PERMISSION_DENIED]);
    }
    assert.deepEqual(states, { client: "closed", server: "closed" });
  }
});

Deno.test("ServerLink refuses a channel with any link_err, which the client names", () => {
  for (const [name, refuse] of Object.entries(metaOf(LinkErr).members).filter(([, value]) => value !== LinkErr.OK)) {
    const { client } = linkPair({ client: CLIENT, offer: { refuse } });
    assert.ok(client instanceof ProtocolError);
    assert.deepEqual([client.code, client.linkError], ["link-refused", refuse]);
    assert.match(client.message, new RegExp(`${name}$`));
  }
});

Deno.test("ServerLink answers a bad link message with the link_err that fits", () => {
  const spoilt = (at: number, value: number) => {
    const bytes = mess(ALL);
    new DataView(bytes.buffer).setUint32(at, value, true);
    return refusal(bytes);
  };
  const facts = ({ error, answer }: ReturnType<typeof refusal>) => [error.code, error.path, error.offset, answer];
  assert.deepEqual(facts(spoilt(0, 0x47455421)), ["bad-magic", "magic", 0, LinkErr.INVALID_MAGIC]);
  assert.deepEqual(facts(spoilt(4, 1)), ["bad-version", "majorVersion", 4, LinkErr.VERSION_MISMATCH]);
  assert.deepEqual(facts(spoilt(12, 4097)), ["too-large", "size", 12, LinkErr.INVALID_DATA]);
  assert.deepEqual(facts(spoilt(12, 17)), ["truncated", "size", 12, LinkErr.INVALID_DATA]);
  // Offsets count from the link message, behind its header: num_common_caps 6, num_channel_caps 10, caps_offset 14.
  assert.deepEqual(facts(spoilt(22, 1000)), ["bad-count", "caps.common", 18, LinkErr.INVALID_DATA]);
  assert.deepEqual(facts(spoilt(22, 0xffffffff)), ["bad-count", "caps.common", 18, LinkErr.INVALID_DATA]);
  assert.deepEqual(facts(spoilt(30, 0xfffffff0)), ["bad-pointer", "caps", 14, LinkErr.INVALID_DATA]);
  for (const inTheFields of [0, 4, 17]) {
    assert.deepEqual(facts(spoilt(30, inTheFields)), ["bad-pointer", "caps", 14, LinkErr.INVALID_DATA]);
  }
});

Deno.test("ServerLink refuses a mechanism that it has not, after its reply with a result", () => {
  const link = new ServerLink();
  link.receive(mess(ALL));
  link.offer(OFFER);
  link.key(KEY);
  const error = catching(() => link.receive(Uint8Array.of(2, 0, 0, 0)));
  assert.deepEqual([error.code, error.linkError], ["unsupported", LinkErr.INVALID_DATA]);
  assert.deepEqual(link.answerTo(error), [encodeBytes(SpiceLinkResult, { error: LinkErr.INVALID_DATA })]);
  assert.equal(link.state, "closed");
});

Deno.test("ServerLink tells a client that would not wait in the form that it still expects", () => {
  const link = new ServerLink();
  link.receive(mess(ALL));
  link.offer(OFFER);
  assert.deepEqual(link.receive(Uint8Array.of(2, 0, 0, 0)), []);
  const error = catching(() => link.key(KEY));
  const answer = concat(link.answerTo(error));
  assert.equal(decode(SpiceLinkReply, answer.subarray(LINK_HEADER_BYTES)).error, LinkErr.INVALID_DATA);
});

Deno.test("ServerLink stops listening to a client that talks on without end", () => {
  const link = new ServerLink({ ...DEFAULT_LIMITS, linkBytes: 64 });
  link.receive(mess(ALL));
  link.offer(OFFER);
  let taken = 0;
  const error = catching(() => {
    for (; taken < 10_000; taken++) link.receive(Uint8Array.of(0));
  });
  assert.equal(error.code, "unexpected");
  assert.equal(taken, 129);
  assert.equal(link.state, "closed");
});

Deno.test("Spoilt bytes in either direction end in a link or a typed error on both sides", () => {
  const clean = linkPair({ client: CLIENT, offer: OFFER });
  const ends = new Set<string>();
  for (const side of ["toServer", "toClient"] as const) {
    const length = (side === "toServer" ? clean.sent.byClient : clean.sent.byServer).length;
    for (let at = 0; at < length; at++) {
      const spoil = (bytes: Uint8Array) => {
        if (at < bytes.length) bytes[at]! ^= 0x55;
        return bytes;
      };
      const { client, server } = linkPair({ client: CLIENT, offer: OFFER, spoil: { [side]: spoil } });
      for (const end of [client, server]) ends.add(end instanceof ProtocolError ? end.code : end ? "linked" : "waits");
    }
  }
  for (const end of ["linked", "waits", "bad-magic", "bad-version", "too-large", "link-refused", "bad-pointer"]) {
    assert.ok(ends.has(end), `${end} is among ${[...ends]}`);
  }
});

Deno.test("captured links of spice-gtk and spice-server go through both sides in any split", () => {
  let links = 0;
  for (const name of captureNames()) {
    for (const { link, streams, headers } of readCapture(name).connections) {
      links++;
      const fromClient = streams.client.subarray(0, link.bytes.client);
      const fromServer = streams.server.subarray(0, link.bytes.server);
      for (const step of [1, 50, 1 << 20]) {
        const client = new ClientLink({
          connectionId: link.mess.connectionId,
          channelType: link.mess.channelType,
          channelId: link.mess.channelId,
          commonCaps: ALL.filter((cap) => hasCap(link.mess.caps!.common, cap)),
          channelCaps: [],
        });
        let header: string | null = null;
        for (let at = 0; at < fromServer.length; at += step) {
          for (const output of client.receive(fromServer.subarray(at, at + step))) {
            if (output.do === "encrypt") {
              assert.deepEqual(output.publicKey, link.reply.pubKey);
              assert.deepEqual(client.ticket(TICKET), [TICKET]);
              const [linked] = client.receive(new Uint8Array(0));
              if (linked?.do === "linked") header = linked.peer.header;
            } else if (output.do === "linked") header = output.peer.header;
          }
        }
        assert.equal(header, headers, name);

        const server = new ServerLink();
        let ticket: Uint8Array | null = null;
        const onServer = (outputs: ReturnType<ServerLink["receive"]>): void => {
          for (const output of outputs) {
            if (output.do === "offer") {
              assert.deepEqual(output.request, link.mess);
              const words = link.reply.caps!.common;
              const commonCaps = [0, 1, 2, 3].filter((cap) => hasCap(words, cap));
              onServer(server.offer({ commonCaps, channelCaps: [] }));
            } else if (output.do === "make-key") onServer(server.key(link.reply.pubKey));
            else if (output.do === "check") {
              ticket = output.encrypted;
              onServer(server.verdict(true));
            } else if (output.do === "linked") assert.equal(output.peer.header, headers);
          }
        };
        for (let at = 0; at < fromClient.length; at += step) {
          onServer(server.receive(fromClient.subarray(at, at + step)));
        }
        assert.deepEqual(ticket, link.ticket);
        assert.equal(server.state, "linked");
      }
    }
  }
  assert.ok(links > 50, `${links} links`);
});
