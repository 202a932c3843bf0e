import assert from "node:assert/strict";
import { CommonCap } from "../../protocol/capabilities.ts";
import { Framer } from "../../protocol/channel/framing.ts";
import { AuthMechanism } from "../../protocol/messages/link.ts";
import { concat } from "../../protocol/schema/encode.ts";
import { CacheMarker } from "./cache_steps.ts";
import { ConnectionMarker } from "./connection_marker.ts";
import { allItems } from "./items.ts";
import { type LinkOptions, madeUpLink, u32 } from "./made_up_link.ts";

const SET_ACK = concat([u32(1), u32(20)]);

Deno.test("a link that is refused covers the error and what the client asked for", () => {
  const found = marks({ error: 9, connectionId: 5, channelType: 5 });
  assert(found.has("link/server/SpiceLinkReply/error=CHANNEL_NOT_AVAILABLE"));
  assert(found.has("link/server/SpiceLinkReply/caps=absent"));
  assert(found.has("link/session=joined") && found.has("link/channel=PLAYBACK"));
  assert(![...found].some((address) => address.startsWith("link/server/SpiceLinkResult")));
});

Deno.test("an error is read even if the client said nothing that is a link message", () => {
  const { server } = madeUpLink({ error: 2 });
  const marker = new ConnectionMarker(() => new CacheMarker());
  const found = [...marker.receive("client", new Uint8Array(64)), ...marker.receive("server", server)];
  assert.deepEqual(found.map(({ address }) => address), [
    "link/server/SpiceLinkReply",
    "link/server/SpiceLinkReply/error=INVALID_MAGIC",
    "link/server/SpiceLinkReply/caps=absent",
  ]);
  assert.equal(marker.broken, null);
});

Deno.test("a ticket that is refused covers the result", () => {
  const found = marks({ result: 7 });
  assert(found.has("link/server/SpiceLinkResult/error=PERMISSION_DENIED"));
  assert(found.has("link/client/SpiceLinkEncryptedTicket") && found.has("link/auth-selection=absent"));
});

Deno.test("SASL is read to its end, and messages after it", () => {
  const long = (text: string) => concat([u32(text.length), new TextEncoder().encode(text)]);
  const found = marks({
    common: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SASL],
    instead: {
      client: concat([u32(AuthMechanism.SASL), long("PLAIN"), long(""), long("secret")]),
      server: concat([long(",PLAIN,"), long("more"), Uint8Array.of(0), long(""), Uint8Array.of(1), u32(0)]),
    },
  }, concat(new Framer("full").frame(3, [SET_ACK])));
  for (const struct of ["client/SaslMechanism", "client/SaslClientStep", "server/SaslMechanisms"]) {
    assert(found.has(`link/${struct}`), struct);
  }
  assert(found.has("link/client/SpiceLinkAuthMechanism/authMechanism=SASL"));
  assert(found.has("main/server/SET_ACK") && !found.has("link/server/SaslReject"));
});

Deno.test("full headers cover serials and lists of both kinds, and what is in them", () => {
  const inside = concat([u32(2).subarray(0, 2), u32(10), u32(24)]);
  const part = concat([u32(3).subarray(0, 2), u32(8), SET_ACK]);
  const framer = new Framer("full");
  const frames = [
    framer.frame(8, [concat([inside, part, part])]),
    // The list stands behind the body of the message.
    framer.frame(106, [concat([u32(7), part, Uint8Array.of(1, 0), u32(4)])], 18),
  ];
  const found = marks({}, concat(frames.flat()));
  for (
    const address of [
      "headers/full/server",
      "headers/full/server/serials=counted",
      "lists/LIST/full",
      "lists/messages=many",
      "lists/sub_list/full",
      "lists/messages=1",
      "base/server/SET_ACK",
      "main/server/LIST",
      "main/server/MAIN_MULTI_MEDIA_TIME",
    ]
  ) {
    assert(found.has(address), address);
  }
});

Deno.test("one byte at a time covers the same", () => {
  const messages = concat(new Framer("mini").frame(3, [SET_ACK]));
  const options = { common: [CommonCap.MINI_HEADER] };
  assert.deepEqual(marks(options, messages, 1), marks(options, messages));
  assert(marks(options, messages).has("headers/mini/server"));
});

Deno.test("bytes behind damage cover nothing, and the damage is told", () => {
  const { client, server } = madeUpLink();
  const marker = new ConnectionMarker(() => new CacheMarker());
  marker.receive("client", client);
  const [header, body] = new Framer("full").frame(3, [SET_ACK.subarray(0, 3)]);
  marker.receive("server", concat([server, header!, body!]));
  assert.equal(marker.broken?.code, "truncated");
  assert.deepEqual(marker.receive("server", concat(new Framer("full").frame(3, [SET_ACK]))), []);
});

/** Addresses of what a connection covers, all of them items. */
function marks(options: LinkOptions, fromServer: Uint8Array = new Uint8Array(), step = Infinity): Set<string> {
  const link = madeUpLink(options), marker = new ConnectionMarker(() => new CacheMarker());
  const found = new Set<string>();
  for (const [from, bytes] of [["client", link.client], ["server", concat([link.server, fromServer])]] as const) {
    for (let at = 0; at < bytes.length; at += step) {
      for (const { address } of marker.receive(from, bytes.subarray(at, at + step))) found.add(address);
    }
  }
  assert.equal(marker.broken, null);
  for (const address of found) assert(ITEMS.has(address), address);
  return found;
}

const ITEMS = new Set(allItems().map(({ address }) => address));
