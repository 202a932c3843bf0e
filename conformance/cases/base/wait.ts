/** WAIT_FOR_CHANNELS: a message that must not be handled before one of another channel. */
import { Ping, Pong, WaitForChannels } from "../../../protocol/messages/base.ts";
import { ChannelType } from "../../../protocol/messages/enums.ts";
import { group } from "../../suite/case.ts";
import type { Talk } from "../../suite/talk.ts";
import { must } from "../../suite/verdict.ts";

const SOURCE = "spice-gtk channel-base.c spice_channel_handle_wait_for_channels, wait_for_channel";

export const wait = group("base/wait", "Waiting for other channels")
  .client("holds", {
    title: "holds messages back until the other channel has handled its message",
    requirement: "The client MUST handle nothing behind WAIT_FOR_CHANNELS before the message waited for is handled",
    source: SOURCE,
    level: "must",
    covers: ["*/server/WAIT_FOR_CHANNELS"],
    run: async (peer) => {
      await peer.main();
      const display = await peer.channel("display"), cursor = await peer.channel("cursor");
      await waitFor(display, [[cursor, cursor.sentSerial + 1n]]);
      await sendPing(display, 1);
      must(await display.find(Pong, undefined, 500) === null, "it does not wait");
      await sendPing(cursor, 2);
      must(await cursor.find(Pong, ({ id }) => id === 2) !== null, "the channel waited for answers no PING");
      must(await display.find(Pong, ({ id }) => id === 1) !== null, "it waits on when the message has come");
    },
  })
  .client("exact", {
    title: "waits for the very message",
    requirement: "The client MUST wait until the serial of the other channel is reached, and no longer",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      await peer.main();
      const display = await peer.channel("display"), cursor = await peer.channel("cursor");
      await waitFor(display, [[cursor, cursor.sentSerial + 3n]]);
      await sendPing(display, 1);
      for (const nth of [1, 2]) {
        await sendPing(cursor, 10 + nth);
        must(await display.find(Pong, undefined, 400) === null, `it goes on after ${nth} of 3 messages`);
      }
      await sendPing(cursor, 13);
      must(await display.find(Pong, ({ id }) => id === 1) !== null, "it waits on after 3 of 3 messages");
    },
  })
  .client("satisfied", {
    title: "does not wait for what has happened",
    requirement: "The client MUST go on at once when the message waited for is handled already",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), display = await peer.channel("display");
      await sendPing(main, 1);
      must(await main.find(Pong, ({ id }) => id === 1) !== null, "main answers no PING");
      await waitFor(display, [[main, main.sentSerial], [main, 1n]]);
      await sendPing(display, 2);
      must(await display.find(Pong, ({ id }) => id === 2) !== null, "it waits for a message that it has handled");
    },
  })
  .client("all", {
    title: "waits for all channels of the list",
    requirement: "The client MUST wait for every entry of WAIT_FOR_CHANNELS",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      await peer.main();
      const display = await peer.channel("display"), cursor = await peer.channel("cursor");
      const inputs = await peer.channel("inputs");
      await waitFor(display, [[inputs, inputs.sentSerial + 1n], [cursor, cursor.sentSerial + 1n]]);
      await sendPing(display, 1);
      await sendPing(cursor, 2);
      must(await display.find(Pong, undefined, 400) === null, "it waits for the second entry alone");
      await sendPing(inputs, 3);
      must(await display.find(Pong, ({ id }) => id === 1) !== null, "it waits on when both have come");
    },
  })
  .client("others", {
    title: "lets other channels go on meanwhile",
    requirement: "The client MUST handle the messages of other channels while one waits",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), display = await peer.channel("display"), cursor = await peer.channel("cursor");
      await waitFor(display, [[cursor, cursor.sentSerial + 1n]]);
      await sendPing(main, 1);
      must(await main.find(Pong, ({ id }) => id === 1) !== null, "main waits, too");
    },
  })
  .client("second-display", {
    title: "waits for another display channel",
    requirement: "The client MUST tell channels of one type apart by their number",
    source: `${SOURCE}; spice-server dcc-send.cpp red_display_add_image_to_pixmap_cache`,
    level: "must",
    run: async (peer) => {
      await peer.main({ channels: [{ name: "display" }, { name: "display", id: 1 }] });
      const first = await peer.channel("display", 0), second = await peer.channel("display", 1);
      await waitFor(first, [[second, second.sentSerial + 1n]]);
      await sendPing(first, 1);
      must(await first.find(Pong, undefined, 400) === null, "it does not wait");
      await sendPing(second, 2);
      must(await first.find(Pong, ({ id }) => id === 1) !== null, "it waits on when the message has come");
    },
  })
  .client("unknown", {
    title: "does not wait for ever for a channel that there is not",
    requirement: "The client SHOULD go on, or close, when it is to wait for a channel that does not exist",
    source: `${SOURCE} (g_return_val_if_fail)`,
    level: "should",
    run: async (peer) => {
      await peer.main();
      const display = await peer.channel("display");
      await display.send(WaitForChannels, {
        waitList: [{ channelType: ChannelType.PLAYBACK, channelId: 5, messageSerial: 1n }],
      });
      await sendPing(display, 1);
      const goesOn = await display.find(Pong, ({ id }) => id === 1) !== null;
      must(goesOn || display.wire.ended, "it waits for ever");
    },
  });

async function waitFor(talk: Talk, waits: readonly (readonly [Talk, bigint])[]): Promise<void> {
  await talk.drain();
  await talk.send(WaitForChannels, {
    waitList: waits.map(([{ options }, messageSerial]) => {
      return { channelType: options.declaration.type, channelId: options.id, messageSerial };
    }),
  });
}

async function sendPing(talk: Talk, id: number): Promise<void> {
  await talk.send(Ping, { id, timestamp: 0n, data: new Uint8Array(0) });
}
