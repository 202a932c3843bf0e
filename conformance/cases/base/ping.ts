/** PING and PONG: how a server measures the link, and sees that a client lives. */
import { Ping, Pong } from "../../../protocol/messages/base.ts";
import { DisplayInit } from "../../../protocol/messages/display.ts";
import { hearOut, mustServe, mustStay } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { DISPLAY_INIT } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { must, mustEqual } from "../../suite/verdict.ts";

/** Bytes that the reference sends to measure the rate. Source: main-channel-client.h NET_TEST_BYTES. */
const NET_TEST_BYTES = 1024 * 250;

const NO_BYTES = new Uint8Array(0);

export const ping = group("base/ping", "Ping and pong")
  .client("main", {
    title: "answers PING on the main channel",
    requirement: "The client MUST answer PING with a PONG of the same id and timestamp",
    source: "spice-gtk channel-base.c spice_channel_handle_ping; spice-server main-channel-client.cpp handle_pong",
    level: "must",
    covers: ["main/server/PING", "main/client/PONG"],
    run: async (peer) => answersPing(await peer.main()),
  })
  .client("channels", {
    title: "answers PING on every channel",
    requirement: "The client MUST answer PING on display, cursor and inputs channels, too",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_pong",
    level: "must",
    covers: ["*/server/PING", "*/client/PONG"],
    run: async (peer) => {
      await peer.main();
      for (const name of ["display", "cursor", "inputs"] as const) await answersPing(await peer.channel(name));
    },
  })
  .client("large", {
    title: "answers a PING of 250 kB",
    requirement: "The client MUST take data of any length behind a PING, and send none of it back",
    source: "spice-server main-channel-client.cpp start_net_test (NET_TEST_BYTES)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(Ping, { id: 1, timestamp: 1n, data: NO_BYTES });
      await main.send(Ping, { id: 2, timestamp: 2n, data: new Uint8Array(NET_TEST_BYTES) });
      await main.send(Ping, { id: 3, timestamp: 3n, data: NO_BYTES });
      // A PONG that carried the data would not decode.
      for (const id of [1, 2, 3]) mustEqual((await main.expect(Pong)).id, id, "the id of the PONG");
    },
  })
  .client("timestamp", {
    title: "gives a timestamp of 64 bits back",
    requirement: "The client MUST send all 64 bits of the timestamp back: the server takes the round trip from it",
    source: "spice-server red-channel-client.cpp RedChannelClientPrivate::handle_pong",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      for (const timestamp of [0n, 0xffff_ffffn, 0x0123_4567_89ab_cdefn, 0xffff_ffff_ffff_ffffn]) {
        await main.send(Ping, { id: 0xffff_ffff, timestamp, data: NO_BYTES });
        mustEqual(await main.expect(Pong), { id: 0xffff_ffff, timestamp }, "the PONG");
      }
    },
  })
  .client("order", {
    title: "answers pings in their order, each once",
    requirement: "The client MUST answer every PING once, in the order in which they came",
    source: "spice-server main-channel-client.cpp handle_pong (net_test_stage)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), ids = Array.from({ length: 20 }, (_, i) => i + 1);
      for (const id of ids) await main.send(Ping, { id, timestamp: BigInt(id), data: NO_BYTES });
      const heard = (await hearOut(peer, main, "20 PINGs")).filter(({ type }) => type === Pong.id).map((one) =>
        main.decode(Pong, one).id
      );
      mustEqual(heard, ids, "the ids of the PONGs");
    },
  })
  .server("unknown", {
    title: "passes over a PONG that nobody asked for",
    requirement: "The server SHOULD ignore a PONG with an id that it has not sent",
    source: "spice-server red-channel-client.cpp RedChannelClientPrivate::handle_pong",
    level: "should",
    run: async (peer) => {
      const session = await peer.session(), pong = { id: 0xdead_beef, timestamp: 0n };
      await session.main.send(Pong, pong);
      for (const name of ["inputs", "cursor", "display"] as const) {
        const talk = await session.open(name);
        if (name === "display") await talk.send(DisplayInit, DISPLAY_INIT);
        await talk.send(Pong, pong);
        await mustStay(talk, `a PONG with an unknown id on ${name}`, 300);
      }
      await mustStay(session.main, "a PONG with an unknown id", 300);
      await mustServe(peer, "a PONG with an unknown id");
    },
  })
  .server("silent", {
    title: "goes on with a client that does not answer PING yet",
    requirement: "The server SHOULD NOT wait for a PONG before it lets other channels in",
    source: "spice-server main-channel-client.cpp start_net_test; reds.cpp reds_handle_other_links",
    level: "should",
    run: async (peer) => {
      const session = await peer.session();
      session.main.byHand = true;
      await (await session.open("display")).send(DisplayInit, DISPLAY_INIT);
      await session.open("inputs");
      await mustStay(session.main, "PINGs without an answer");
    },
  });

async function answersPing(talk: Talk): Promise<void> {
  const { name } = talk.options.declaration;
  for (const id of [1, 2, 77]) {
    await talk.send(Ping, { id, timestamp: BigInt(id) * 1000n, data: NO_BYTES });
    const pong = await talk.find(Pong);
    must(pong !== null, `no PONG comes on ${name}`);
    mustEqual(pong, { id, timestamp: BigInt(id) * 1000n }, `the PONG on ${name}`);
  }
}
