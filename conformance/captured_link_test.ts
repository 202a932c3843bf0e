import assert from "node:assert/strict";
import { CommonCap } from "../protocol/capabilities.ts";
import { LinkErr } from "../protocol/messages/enums.ts";
import { AuthMechanism } from "../protocol/messages/link.ts";
import { concat } from "../protocol/schema/encode.ts";
import { linkEndText, readLink } from "./captured_link.ts";
import { madeUpLink, u32 } from "./ledger/made_up_link.ts";

const NOTHING = new Uint8Array();

/** Who said which structures, as `client SpiceLinkMess`. */
function said(streams: { client: Uint8Array; server: Uint8Array }): string[] {
  const { parts, bytes } = readLink(streams);
  for (const from of ["client", "server"] as const) {
    const own = parts.filter((part) => part.from === from);
    assert.equal(own.reduce((sum, part) => sum + part.bytes.length, 0), bytes[from]);
  }
  return parts.map(({ from, wire }) => `${from} ${wire.name}`);
}

Deno.test("readLink() reads a link that is refused at once, and one that is refused at its end", () => {
  const atOnce = readLink(madeUpLink({ error: LinkErr.NEED_SECURED, connectionId: 5 }));
  assert.deepEqual([atOnce.end, atOnce.error, atOnce.mess?.connectionId], ["refused", LinkErr.NEED_SECURED, 5]);
  assert.equal(linkEndText(atOnce), "the link was refused with NEED_SECURED");

  const atEnd = readLink(madeUpLink({ result: LinkErr.PERMISSION_DENIED }));
  assert.deepEqual([atEnd.end, atEnd.error, atEnd.ticket?.length], ["refused", LinkErr.PERMISSION_DENIED, 128]);
});

Deno.test("readLink() reads what the server answers to bytes that are no link message", () => {
  const { server } = madeUpLink({ error: LinkErr.INVALID_MAGIC });
  const link = readLink({ client: new Uint8Array(30), server });
  assert.deepEqual([link.end, link.mess], ["refused", null]);
  assert.deepEqual(said({ client: new Uint8Array(30), server }), ["server SpiceLinkHeader", "server SpiceLinkReply"]);
});

Deno.test("readLink() takes a second reply for the end", () => {
  const common = [CommonCap.PROTOCOL_AUTH_SELECTION];
  const refusal = madeUpLink({ error: LinkErr.INVALID_DATA }).server;
  const streams = madeUpLink({ common, instead: { client: u32(77), server: refusal } });
  const link = readLink(streams);
  assert.deepEqual([link.end, link.error, link.authMechanism], ["refused", LinkErr.INVALID_DATA, 77]);
  assert.equal(said(streams).filter((part) => part === "server SpiceLinkReply").length, 2);
});

Deno.test("readLink() knows links that end before the last word", () => {
  const { client, server } = madeUpLink();
  const ticketless = client.subarray(0, -128), resultless = server.subarray(0, -4);
  const ends = [
    { client, server: NOTHING },
    { client: NOTHING, server: NOTHING },
    { client: ticketless, server: resultless },
    { client, server: resultless },
  ].map((streams) => readLink(streams)).map(({ end, error, ticket }) => [end, error, ticket?.length]);
  assert.deepEqual(ends, [
    ["unfinished", null, undefined],
    ["unfinished", null, undefined],
    ["unfinished", null, undefined],
    ["unfinished", null, 128],
  ]);
  assert.throws(() => readLink({ client, server: server.subarray(0, 30) }), /need 162 bytes/);
  assert.throws(() => readLink({ client: NOTHING, server }), /SpiceLinkMess|SpiceLinkHeader/);
});

Deno.test("readLink() reads SASL to its end, and knows that it encrypts what follows", () => {
  const long = (text: string) => concat([u32(text.length), new TextEncoder().encode(text)]);
  const sasl = (name: string, first: string, end: Uint8Array) =>
    madeUpLink({
      common: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SASL],
      instead: {
        client: concat([u32(AuthMechanism.SASL), long(name), long(""), long(first)]),
        server: concat([long(`,${name},`), long("more"), Uint8Array.of(0), end]),
      },
    });
  const accepted = concat([long(""), Uint8Array.of(1), u32(0)]);
  const rejected = concat([long(""), Uint8Array.of(1), u32(1), long("no\0")]);
  assert.equal(readLink(sasl("SCRAM-SHA-1", "c=biws", accepted)).end, "linked");
  assert.equal(readLink(sasl("DIGEST-MD5", "nc=1,qop=auth,x", accepted)).end, "linked");
  assert.equal(readLink(sasl("DIGEST-MD5", "nc=1,qop=auth-conf,x", accepted)).end, "sealed");
  assert.equal(readLink(sasl("DIGEST-MD5", "nc=1", NOTHING)).end, "unfinished");
  const refused = sasl("SCRAM-SHA-1", "c=biws", rejected);
  assert.equal(readLink(refused).end, "refused");
  assert.deepEqual(said(refused).slice(-3), ["server SaslServerStep", "server SpiceLinkResult", "server SaslReject"]);
});
