/** Messages inside messages: LIST, and the sub_list of full headers, from a server. */
import { CommonCap } from "../../../protocol/capabilities.ts";
import { List, Ping, Pong } from "../../../protocol/messages/base.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { mustAnswer, mustCope } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer } from "../../suite/client_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { mustEqual } from "../../suite/verdict.ts";

/** Capabilities without MINI_HEADER. */
const NO_MINI = [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE];

export const lists = group("headers/lists", "Data headers: sub-message lists")
  .client("list", {
    title: "handles the messages of a LIST in order",
    requirement: "The client MUST handle each sub-message of LIST (8), in the order of the list",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg",
    level: "must",
    covers: ["main/server/LIST"],
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(List.id, listOf([ping(1), ping(2), ping(3)]), "LIST of three PINGs");
      await hasPongs(peer, main, [1, 2, 3]);
    },
  })
  .client("list-full", {
    title: "handles the messages of a LIST behind a full header",
    requirement: "The client MUST find the list of LIST (8) at the start of its body, whatever the header",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg",
    level: "must",
    covers: ["lists/LIST/full", "lists/messages=many"],
    run: async (peer) => {
      const main = await peer.main({ commonCaps: NO_MINI });
      await main.sendBody(List.id, listOf([ping(4), ping(5)]), "LIST of two PINGs");
      await hasPongs(peer, main, [4, 5]);
    },
  })
  .client("list-empty", {
    title: "bears a LIST without messages",
    requirement: "The client MUST go on after a LIST of no messages",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(List.id, listOf([]), "LIST of nothing");
      await mustAnswer(peer, main, "a LIST of nothing");
    },
  })
  .client("list-backwards", {
    title: "follows the offsets of a LIST, whatever their order",
    requirement: "The client MUST handle sub-messages in the order of the list, not of the bytes",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (sub_messages[i])",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), body = listOf([ping(6), ping(7)]), view = new DataView(body.buffer);
      const [first, second] = [view.getUint32(2, true), view.getUint32(6, true)];
      view.setUint32(2, second, true);
      view.setUint32(6, first, true);
      await main.sendBody(List.id, body, "LIST of two PINGs, backwards");
      await hasPongs(peer, main, [7, 6]);
    },
  })
  .client("sub-list", {
    title: "handles a sub_list before the message that holds it",
    requirement: "The client MUST handle the messages of a full header's sub_list, then the message itself",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg, spice-protocol protocol.h SpiceDataHeader",
    level: "must",
    covers: ["lists/sub_list/full", "lists/messages=many"],
    run: async (peer) => {
      const main = await peer.main({ commonCaps: NO_MINI });
      // The list stands in the data of the PING.
      const { body, at } = withList(pingBody(10), [ping(8), ping(9)]);
      await main.sendBody(Ping.id, body, "PING with two PINGs inside", at);
      await hasPongs(peer, main, [8, 9, 10]);
    },
  })
  .client("size-padded", {
    title: "bears the padding that the reference counts into a sub-message",
    requirement: "The client MUST take a sub-message whose size reaches beyond the body by the padding of a C struct",
    source: "spice-server dcc-send.cpp (sizeof of a padded struct as the size of a sub-message)",
    level: "should",
    covers: ["lists/LIST/full", "lists/messages=1"],
    run: async (peer) => {
      const main = await peer.main({ commonCaps: NO_MINI });
      const body = listOf([ping(11)]);
      // One PING of 12 bytes that says it has 16.
      new DataView(body.buffer).setUint32(8, 16, true);
      await main.sendBody(List.id, concat([body, new Uint8Array(4)]), "LIST of a PING with padding");
      await hasPongs(peer, main, [11]);
    },
  })
  .client(
    "count-beyond",
    hostile("a list of more offsets than there are bytes", () => {
      const body = listOf([ping(12)]);
      new DataView(body.buffer).setUint16(0, 0xffff, true);
      return { type: List.id, body, at: 0 };
    }),
  )
  .client(
    "offset-beyond",
    hostile("an offset that leads out of the message", () => {
      const body = listOf([ping(13)]);
      new DataView(body.buffer).setUint32(2, 0x7ffffff0, true);
      return { type: List.id, body, at: 0 };
    }),
  )
  .client(
    "size-beyond",
    hostile("a sub-message that is larger than the message", () => {
      const body = listOf([ping(14)]);
      new DataView(body.buffer).setUint32(8, 0x7ffffff0, true);
      return { type: List.id, body, at: 0 };
    }),
  )
  .client(
    "sub-list-beyond",
    hostile("a sub_list that leads out of the message", () => {
      return { type: Ping.id, body: pingBody(15), at: 0x7ffffff0 };
    }),
  )
  .client("list-cut", hostile("a LIST of one byte", () => ({ type: List.id, body: new Uint8Array(1), at: 0 })))
  .client(
    "list-in-itself",
    hostile("a list whose messages are the list", () => {
      const body = listOf([ping(16), ping(17)]), view = new DataView(body.buffer);
      view.setUint32(2, 0, true);
      view.setUint32(6, 0, true);
      return { type: List.id, body, at: 0 };
    }),
  );

function pingBody(id: number): Uint8Array {
  return encodeBytes(Ping.wire, { id, timestamp: 0n, data: new Uint8Array(0) });
}

/** A PING as a sub-message. */
function ping(id: number): Uint8Array {
  const head = new Uint8Array(6), view = new DataView(head.buffer), body = pingBody(id);
  view.setUint16(0, Ping.id, true);
  view.setUint32(2, body.length, true);
  return concat([head, body]);
}

/** A sub-message list and its messages behind it. */
function listOf(messages: readonly Uint8Array[]): Uint8Array {
  return withList(new Uint8Array(0), messages).body;
}

function withList(before: Uint8Array, messages: readonly Uint8Array[]): { body: Uint8Array; at: number } {
  const head = new Uint8Array(2 + 4 * messages.length), view = new DataView(head.buffer);
  view.setUint16(0, messages.length, true);
  let at = before.length + head.length;
  for (const [i, message] of messages.entries()) {
    view.setUint32(2 + 4 * i, at, true);
    at += message.length;
  }
  return { body: concat([before, head, ...messages]), at: before.length };
}

async function hasPongs(peer: ClientPeer, main: Talk, ids: readonly number[]): Promise<void> {
  await mustAnswer(peer, main, "a list of PINGs");
  const pongs = main.heard.filter(({ type }) => type === Pong.id).map((heard) => main.decode(Pong, heard).id);
  mustEqual(pongs.slice(0, -1), ids, "the order of the PONGs");
}

/** A list that no server sends. */
function hostile(what: string, make: () => { type: number; body: Uint8Array; at: number }) {
  return {
    title: `survives ${what}`,
    requirement: `The client MUST close or go on at ${what}, and MUST NOT crash or hang`,
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (follows offsets without a check), CVE-2018-10873",
    level: "must" as const,
    run: async (peer: ClientPeer) => {
      const { type, body, at } = make(), main = await peer.main({ commonCaps: NO_MINI });
      await main.sendBody(type, body, what, at);
      await mustCope(peer, main, what);
    },
  };
}
