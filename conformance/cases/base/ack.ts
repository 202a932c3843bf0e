/** SET_ACK, ACK_SYNC and ACK: how many messages may be under way. */
import { Ack, AckSync, type List, Ping, Pong, SetAck } from "../../../protocol/messages/base.ts";
import { DisplayInit } from "../../../protocol/messages/display.ts";
import { group } from "../../suite/case.ts";
import { lists } from "../../suite/lists.ts";
import { DISPLAY_INIT, type ServerPeer } from "../../suite/server_peer.ts";
import type { Heard, Talk } from "../../suite/talk.ts";
import { lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

const NO_BYTES = new Uint8Array(0);
const GTK = "spice-gtk spice-channel.c spice_channel_recv_msg, channel-base.c spice_channel_handle_set_ack";
const SERVER = "spice-server red-channel-client.cpp RedChannelClientPrivate::waiting_for_ack, handle_message";

/** spice-server counts it, too (`send_set_ack`, `begin_send_message`), so that both agree; spice-gtk does not. */
const COUNTS_SET_ACK = "it counts SET_ACK as the first message of its window";

export const ack = group("base/ack", "ACK windows")
  .server("stops", {
    title: "stops when its client does not acknowledge",
    requirement: "The server MUST stop once two windows of messages are unacknowledged",
    source: SERVER,
    level: "must",
    timeoutMs: 30_000,
    covers: ["display/server/SET_ACK", "display/client/ACK_SYNC"],
    run: async (peer) => {
      const painted = await paintUnacknowledged(peer);
      must(
        painted.stopped,
        `it goes on after ${painted.sent} unacknowledged messages of a window of ${painted.window}`,
      );
    },
  })
  .server("goes-on", {
    title: "goes on when its client acknowledges",
    requirement: "The server MUST go on once ACKs bring the count below two windows",
    source: SERVER,
    level: "must",
    timeoutMs: 30_000,
    covers: ["display/client/ACK"],
    run: async (peer) => {
      const { display, stopped } = await paintUnacknowledged(peer);
      must(stopped, "it does not stop without ACKs");
      for (let i = 0; i < 3; i++) await display.send(Ack, {});
      await peer.control.ask("paint", area(999));
      must((await display.drain(500)).length > 0, "nothing comes after the ACKs");
    },
  })
  .server("generation", {
    title: "does not count ACKs of another generation",
    requirement: "The server MUST count ACKs only while the last ACK_SYNC had its generation",
    source: SERVER,
    level: "must",
    timeoutMs: 30_000,
    run: async (peer) => {
      const { display, stopped, generation } = await paintUnacknowledged(peer, 1);
      must(stopped, "it does not stop without ACKs");
      for (let i = 0; i < 3; i++) await display.send(Ack, {});
      await peer.control.ask("paint", area(998));
      must(drawn(await display.drain(500)) === 0, "ACKs of another generation make it go on");
      await display.send(AckSync, { generation });
      for (let i = 0; i < 3; i++) await display.send(Ack, {});
      await peer.control.ask("paint", area(999));
      must((await display.drain(500)).length > 0, "ACKs of its generation do not make it go on");
    },
  })
  .server("early", {
    title: "is not confused by ACKs that come too early",
    requirement: "The server SHOULD go on drawing for a client that acknowledges more than it was sent",
    source: "spice-server red-channel-client.cpp handle_message (messages_window is unsigned)",
    level: "should",
    run: async (peer) => {
      const { display } = await openDisplay(peer);
      for (let i = 0; i < 4; i++) await display.send(Ack, {});
      await display.drain();
      for (let i = 0; i < 4; i++) await peer.control.ask("paint", area(i));
      must(drawn(await display.drain(500)) > 0, "it draws no more");
    },
  })
  .server("window", {
    title: "asks for a window that it gives its client",
    requirement: "The server SHOULD announce a window of 1 to 1000 messages on its display channel",
    source: "spice-server dcc.h NARROW_CLIENT_ACK_WINDOW, WIDE_CLIENT_ACK_WINDOW",
    level: "should",
    run: async (peer) => {
      const { window } = await openDisplay(peer);
      must(window <= 1000, `its window is ${window}`);
    },
  })
  .client("sync", {
    title: "answers SET_ACK with ACK_SYNC",
    requirement: "The client MUST answer SET_ACK with an ACK_SYNC of its generation",
    source: GTK,
    level: "must",
    covers: ["*/server/SET_ACK", "*/client/ACK_SYNC"],
    run: async (peer) => {
      await peer.main();
      for (const name of ["main", "display", "cursor", "inputs"] as const) {
        const talk = await peer.channel(name);
        for (const generation of [1, 0xffff_ffff]) await setAck(talk, generation, 20);
      }
    },
  })
  .client("window", {
    title: "acknowledges every window of messages",
    requirement: "The client MUST send one ACK for every `window` messages, neither earlier nor later",
    source: `${GTK}; spice-server red-channel-client.cpp handle_message (SPICE_MSGC_ACK)`,
    level: "must",
    covers: ["*/client/ACK"],
    run: async (peer) => {
      await peer.main();
      let countsSetAck = false;
      for (const name of ["main", "display"] as const) {
        const talk = await peer.channel(name);
        await talk.drain();
        await setAck(talk, 1, 5);
        for (let round = 1; round <= 3; round++) {
          const early = await acksAfter(talk, 4);
          if (round === 1 && early === 1) {
            countsSetAck = true;
            continue;
          }
          mustEqual(early, 0, `the number of ACKs after 4 of 5 messages, round ${round}, on ${name}`);
          mustEqual(
            await acksAfter(talk, 1),
            1,
            `the number of ACKs after 5 of 5 messages, round ${round}, on ${name}`,
          );
        }
      }
      if (countsSetAck) lax(COUNTS_SET_ACK);
    },
  })
  .client("one", {
    title: "acknowledges every message with a window of 1",
    requirement: "The client MUST send an ACK for each message when the window is 1",
    source: GTK,
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.drain();
      await setAck(main, 1, 1);
      const acks = await acksAfter(main, 6);
      if (acks === 7) lax(COUNTS_SET_ACK);
      mustEqual(acks, 6, "the number of ACKs after 6 messages");
    },
  })
  .client("anew", {
    title: "counts anew for a new generation",
    requirement: "The client MUST begin to count anew when SET_ACK comes again",
    source: `${GTK}; spice-server red-channel-client.cpp send_set_ack`,
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.drain();
      await setAck(main, 1, 6);
      mustEqual(await acksAfter(main, 3), 0, "the number of ACKs after 3 of 6 messages");
      await setAck(main, 2, 6);
      mustEqual(await acksAfter(main, 4), 0, "the number of ACKs after 4 messages of the new generation");
      const early = await acksAfter(main, 1);
      if (early === 1) {
        mustEqual(await acksAfter(main, 5), 0, "the number of ACKs after 5 messages of the second window");
        lax(COUNTS_SET_ACK);
      }
      mustEqual(early, 0, "the number of ACKs after 5 messages of the new generation");
      mustEqual(await acksAfter(main, 1), 1, "the number of ACKs after 6 messages of the new generation");
    },
  })
  .client("none", {
    title: "acknowledges nothing with a window of 0",
    requirement: "The client SHOULD send no ACK while the window is 0, and none before the first SET_ACK",
    source: `${GTK}; spice_protocol.txt SpiceMsgSetAck`,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.drain();
      mustEqual(await acksAfter(main, 30), 0, "the number of ACKs before SET_ACK");
      await setAck(main, 1, 3);
      await setAck(main, 2, 0);
      mustEqual(await acksAfter(main, 30), 0, "the number of ACKs with a window of 0");
    },
  })
  .client("lists", {
    title: "counts a LIST as one message",
    requirement: "The client MUST NOT count the messages within a LIST: the server counts what it sends",
    source: `${GTK}; spice-server red-channel-client.cpp begin_send_message`,
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.drain();
      await setAck(main, 1, 3);
      const body = lists([1, 2, 3, 4].map((id) => [Ping, { id, timestamp: 0n, data: NO_BYTES }]));
      await main.sendBody(LIST, body, "LIST");
      const heard = await untilPongs(main, 4);
      mustEqual(heard.filter(({ type }) => type === Pong.id).length, 4, "the number of PONGs for the pings in it");
      mustEqual(heard.filter(({ type }) => type === Ack.id).length, 0, "the number of ACKs after a LIST of 4 messages");
      mustEqual(await acksAfter(main, 1), 0, "the number of ACKs after 2 of 3 messages");
      mustEqual(await acksAfter(main, 1), 1, "the number of ACKs after 3 of 3 messages");
    },
  });

const LIST: (typeof List)["id"] = 8;

/** Sends SET_ACK and waits for its answer. */
async function setAck(talk: Talk, generation: number, window: number): Promise<void> {
  await talk.send(SetAck, { generation, window });
  mustEqual(await talk.expect(AckSync), { generation }, `the ACK_SYNC on ${talk.options.declaration.name}`);
}

/** Sends so many messages, waits until they are answered and a while more. @returns How many ACKs came. */
async function acksAfter(talk: Talk, messages: number): Promise<number> {
  for (let id = 1; id <= messages; id++) await talk.send(Ping, { id, timestamp: 0n, data: NO_BYTES });
  const heard = await untilPongs(talk, messages);
  mustEqual(heard.filter(({ type }) => type === Pong.id).length, messages, "the number of PONGs");
  return heard.filter(({ type }) => type === Ack.id).length;
}

/** Takes what comes until so many PONGs have come, and for a while more. */
async function untilPongs(talk: Talk, count: number): Promise<Heard[]> {
  const came: Heard[] = [];
  for (let pongs = 0;;) {
    const heard = await talk.next(pongs < count ? undefined : 300);
    if (heard === null) return came;
    if (heard.type === Pong.id) pongs++;
    came.push(heard);
  }
}

/** A small area of its own for each number, with pixels that have not been there before. */
function area(number: number) {
  const left = number % 20 * 12, top = Math.floor(number / 20) % 12 * 12;
  return { left, top, right: left + 8, bottom: top + 8, seed: Math.floor(Math.random() * 1e6) };
}

/** How many messages draw. */
function drawn(heard: readonly { readonly type: number }[]): number {
  return heard.filter(({ type }) => type >= 300).length;
}

/** Opens a display channel that answers PING and SET_ACK, but acknowledges nothing. */
async function openDisplay(peer: ServerPeer, wrong = 0) {
  const display = await (await peer.session()).open("display");
  display.byHand = true;
  await display.send(DisplayInit, DISPLAY_INIT);
  const { generation, window } = await display.find(SetAck) ?? lacks("it does not ask for ACKs");
  if (window === 0) lacks("it asks for no ACKs: a window of 0");
  await display.send(AckSync, { generation: generation + wrong });
  display.byHand = false;
  display.acknowledges = false;
  return { display, generation, window };
}

/**
 * Paints more than two windows of messages.
 * @param wrong What is added to the generation of the ACK_SYNC.
 */
async function paintUnacknowledged(peer: ServerPeer, wrong = 0) {
  const { display, generation, window } = await openDisplay(peer, wrong);
  // What the server sends anyway; its own pings after a drawing included.
  const most = 2 * window + 3;
  let sent = (await display.drain()).length, quiet = 0;
  for (let i = 0; i < 6 * window && quiet < 12 && sent <= 3 * window; i++) {
    await peer.control.ask("paint", area(i));
    const came = (await display.drain(40)).length;
    quiet = came === 0 ? quiet + 1 : 0;
    sent += came;
  }
  if (sent < window) lax(`it draws in too few messages to see: ${sent} of a window of ${window}`);
  return { display, generation, window, sent, stopped: sent <= most && quiet > 0 };
}
