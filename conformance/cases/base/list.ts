/** LIST, and lists behind a message: several messages in one. */
import { List, Ping, Pong } from "../../../protocol/messages/base.ts";
import { CommonCap } from "../../../protocol/capabilities.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { mustAnswer, mustCope } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { type Listed, lists } from "../../suite/lists.ts";
import type { Talk } from "../../suite/talk.ts";
import { mustEqual } from "../../suite/verdict.ts";

const SOURCE = "spice-gtk spice-channel.c spice_channel_recv_msg; spice-server dcc-send.cpp send_free_list";

export const list = group("base/list", "Lists of messages")
  .client("order", {
    title: "handles the messages of a LIST in their order",
    requirement: "The client MUST handle all messages of a LIST, in their order, before the next message",
    source: SOURCE,
    level: "must",
    covers: ["*/server/LIST"],
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(List.id, lists(pings(1, 2, 3)), List.name);
      await main.send(Ping, pingOf(4));
      await pongs(main, [1, 2, 3, 4]);
    },
  })
  .client("empty", {
    title: "takes a LIST of no messages",
    requirement: "The client SHOULD take an empty LIST",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(List.id, lists([]), List.name);
      await mustAnswer(peer, main, "an empty LIST");
    },
  })
  .client("channels", {
    title: "takes a LIST on every channel",
    requirement: "The client MUST take a LIST on display, cursor and inputs channels",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      await peer.main();
      for (const name of ["display", "cursor", "inputs"] as const) {
        const talk = await peer.channel(name);
        await talk.sendBody(List.id, lists(pings(7, 8)), List.name);
        await pongs(talk, [7, 8]);
      }
    },
  })
  .client("full-header", {
    title: "handles the list behind a message of a full header first",
    requirement: "The client MUST handle the messages of the sub-list that a full header points to before the message",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const main = await peer.main({ commonCaps: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE] });
      const first = encodeBytes(Ping.wire, pingOf(9));
      const body = concat([first, lists(pings(1, 2), first.length)]);
      await main.sendBody(Ping.id, body, Ping.name, first.length);
      await main.send(Ping, pingOf(10));
      await pongs(main, [1, 2, 9, 10]);
    },
  })
  .client("long", {
    title: "takes a LIST of 100 messages",
    requirement: "The client MUST take as many messages in a LIST as a server puts there",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), ids = Array.from({ length: 100 }, (_, i) => i + 1);
      await main.sendBody(List.id, lists(pings(...ids)), List.name);
      await pongs(main, ids);
    },
  })
  .client("beyond", {
    title: "survives a LIST that points beyond its end",
    requirement: "The client SHOULD read nothing beyond a LIST: it goes on, or closes the connection",
    source: `${SOURCE}, which does not look`,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      for (const bytes of [[0xff, 0xff], [1, 0, 0xff, 0xff, 0xff, 0x7f], [1, 0, 6, 0, 0, 0, 4, 0]]) {
        await main.sendBody(List.id, new Uint8Array(bytes), List.name);
        if (await mustCope(peer, main, "a LIST that points beyond its end") === "closed") break;
      }
    },
  });

function pingOf(id: number) {
  return { id, timestamp: BigInt(id), data: new Uint8Array(0) };
}

function pings(...ids: readonly number[]): Listed[] {
  return ids.map((id) => [Ping, pingOf(id)]);
}

async function pongs(talk: Talk, ids: readonly number[]): Promise<void> {
  const came: number[] = [];
  while (came.length < ids.length) came.push((await talk.expect(Pong)).id);
  mustEqual(came, ids, `the order of the PONGs on ${talk.options.declaration.name}`);
}
