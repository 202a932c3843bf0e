/** Main, inputs and base messages of a server that wants no good. */
import {
  Disconnecting,
  Migrate,
  MigrateData,
  Notify,
  Ping,
  SetAck,
  WaitForChannels,
} from "../../../protocol/messages/base.ts";
import { InputsKeyModifiers, InputsMouseMotionAck } from "../../../protocol/messages/inputs.ts";
import {
  MainAgentConnected,
  MainAgentData,
  MainAgentToken,
  MainChannelsList,
  MainInit,
  MainMigrateBegin,
  MainMigrateSwitchHost,
  MainMouseMode,
  MainName,
} from "../../../protocol/messages/main.ts";
import { concat } from "../../../protocol/schema/encode.ts";
import { mustCope, pause } from "../../suite/alive.ts";
import { type ClientCase, group } from "../../suite/case.ts";
import { frameHead } from "../../suite/frame_head.ts";
import type { Script } from "../../suite/client_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { must } from "../../suite/verdict.ts";

export const session = group("hostile/session", "Hostile servers: session")
  .client(
    "channels-beyond",
    bears(
      "a list of 2³² - 1 channels that are not there",
      "spice-gtk channel-main.c main_handle_channels_list, spice-common generated demarshallers, CVE-2018-10873",
      (main) => main.sendBody(MainChannelsList.id, Uint8Array.of(255, 255, 255, 255, 2, 0), "MAIN_CHANNELS_LIST"),
    ),
  )
  .client("channels-many", {
    title: "bears a list of a thousand channels",
    requirement: "The client MUST NOT open connections without a bound for a list of 1000 channels",
    source: "spice-gtk channel-main.c main_handle_channels_list",
    level: "should",
    timeoutMs: 30_000,
    run: async (peer) => {
      const main = await peer.main({ channels: [] });
      const channels = Array.from({ length: 1000 }, (_, i) => ({ type: 2 + i % 4, id: i >> 2 & 255 }));
      await main.send(MainChannelsList, { channels });
      // It may need its time: until it has opened too many, or opens no more.
      for (let before = -1; before < peer.connections && peer.connections <= 300;) {
        before = peer.connections;
        await mustCope(peer, main, "a list of 1000 channels");
        await pause(1500);
      }
      await peer.mustNotCrash();
      must(peer.connections <= 300, `it opens ${peer.connections} connections`);
    },
  })
  .client(
    "channels-unknown",
    bears(
      "channels of types that nobody has defined",
      "spice-gtk spice-channel.c spice_channel_new (returns NULL)",
      (main) => {
        const channels = [0, 1, 12, 77, 255].map((type) => ({ type, id: 255 }));
        return main.send(MainChannelsList, { channels });
      },
    ),
  )
  .client(
    "channels-again",
    bears(
      "the same channels again and again",
      "spice-gtk channel-main.c main_handle_channels_list, spice-session.c spice_session_channel_new",
      async (main) => {
        for (let i = 0; i < 20; i++) await main.send(MainChannelsList, { channels: [{ type: 2, id: 0 }] });
      },
    ),
  )
  .client(
    "init-again",
    bears(
      "a second MAIN_INIT of another session",
      "spice-gtk channel-main.c main_handle_init",
      (main) => main.send(MainInit, INIT),
    ),
  )
  .client(
    "init-odd",
    bears(
      "a MAIN_INIT of values that nobody has",
      "spice-gtk channel-main.c main_handle_init",
      (main) => main.send(MainInit, INIT),
      { greet: () => false },
    ),
  )
  .client(
    "before-init",
    bears(
      "messages before MAIN_INIT",
      "spice-gtk channel-main.c",
      async (main) => {
        await main.send(MainChannelsList, { channels: [{ type: 2, id: 0 }] });
        await main.send(MainMouseMode, { supportedModes: 3, currentMode: 2 });
      },
      { greet: () => false },
    ),
  )
  .client(
    "mouse-modes",
    bears(
      "mouse modes that nobody has defined",
      "spice-gtk channel-main.c main_handle_mouse_mode",
      async (main) => {
        for (const mode of [0, 3, 0xffff]) {
          await main.send(MainMouseMode, { supportedModes: mode, currentMode: 0xffff - mode });
        }
      },
    ),
  )
  .client(
    "name-long",
    bears(
      "a name whose length does not hold, and one without a NUL",
      "spice-gtk channel-main.c main_handle_name, CVE-2018-10873",
      async (main) => {
        await main.sendBody(MainName.id, Uint8Array.of(255, 255, 255, 255, 65), "MAIN_NAME of 4 GiB");
        await main.send(MainName, { name: new Uint8Array(10).fill(0xc3) });
        await main.send(MainName, { name: new Uint8Array(0) });
      },
    ),
  )
  .client(
    "notify",
    bears(
      "a notice whose length does not hold",
      "spice-gtk channel-base.c spice_channel_handle_notify, CVE-2018-10873",
      async (main) => {
        const body = new Uint8Array(30);
        new DataView(body.buffer).setUint32(20, 0xffffffff, true);
        await main.sendBody(Notify.id, body, "NOTIFY of 4 GiB of text");
        await main.sendBody(Notify.id, body.fill(0xff), "NOTIFY of nothing but ones");
      },
    ),
  )
  .client(
    "set-ack",
    bears(
      "windows of 2³² - 1 and of one message",
      "spice-gtk channel-base.c spice_channel_handle_set_ack",
      async (main) => {
        for (const window of [0xffffffff, 1, 0]) await main.send(SetAck, { generation: 0xffffffff, window });
      },
    ),
  )
  .client(
    "wait-count",
    bears(
      "a wait whose channels are not there",
      "spice-gtk channel-base.c spice_channel_handle_wait_for_channels, CVE-2018-10873",
      (main) => main.sendBody(WaitForChannels.id, Uint8Array.of(255, 2, 0), "WAIT_FOR_CHANNELS of 255 channels"),
    ),
  )
  .client(
    "agent-odd",
    bears(
      "an agent whose messages do not hold",
      "spice-gtk channel-main.c main_handle_agent_data, main_agent_handle_msg",
      async (main) => {
        await main.send(MainAgentConnected, {});
        const header = new Uint8Array(20), view = new DataView(header.buffer);
        view.setUint32(0, 1, true);
        view.setUint32(16, 0xffffffff, true);
        for (const type of [6, 4, 2, 0x7fffffff]) {
          view.setUint32(4, type, true);
          await main.send(MainAgentData, { data: header.slice() });
          await main.send(MainAgentData, { data: new Uint8Array(2048).fill(0xff) });
        }
      },
    ),
  )
  .client(
    "agent-uncalled",
    bears(
      "agent data and tokens without an agent",
      "spice-gtk channel-main.c main_handle_agent_data, main_handle_agent_token",
      async (main) => {
        await main.send(MainAgentData, { data: new Uint8Array(5).fill(0xff) });
        for (let i = 0; i < 3; i++) await main.send(MainAgentToken, { numTokens: 0xffffffff });
      },
    ),
  )
  .client(
    "migrate-nowhere",
    bears(
      "a migration to a host whose name does not hold",
      "spice-gtk channel-main.c main_handle_migrate_begin, CVE-2018-10873",
      async (main) => {
        const body = new Uint8Array(24), view = new DataView(body.buffer);
        view.setUint32(4, 0xffffffff, true);
        view.setUint32(8, 0x7ffffff0, true);
        await main.sendBody(MainMigrateBegin.id, body, "MAIN_MIGRATE_BEGIN of a broken host");
        await main.sendBody(MainMigrateSwitchHost.id, body, "MAIN_MIGRATE_SWITCH_HOST of a broken host");
      },
    ),
  )
  .client(
    "migrate-uncalled",
    bears(
      "a channel's migration that main has not told of",
      "spice-gtk channel-base.c spice_channel_handle_migrate",
      async (main) => {
        await main.send(Migrate, { flags: 3 });
        await main.send(MigrateData, { data: new Uint8Array(40).fill(0x55) });
      },
    ),
  )
  .client(
    "disconnecting",
    bears(
      "a DISCONNECTING for a reason that nobody has defined",
      "spice-gtk channel-base.c spice_channel_handle_disconnect",
      (main) => main.send(Disconnecting, { timeStamp: 0xffffffffffffffffn, reason: 0xffffffff }),
    ),
  )
  .client("ping-flood", {
    title: "bears 20000 PINGs whose answers nobody reads",
    requirement: "The client MUST NOT crash when a server pings it without end",
    source: "spice-gtk channel-base.c spice_channel_handle_ping",
    level: "must",
    timeoutMs: 30_000,
    run: async (peer) => {
      const main = await peer.main(), ping = concat([frameHead(Ping.id, 12), new Uint8Array(12)]);
      const thousand = concat(Array(1000).fill(ping));
      for (let i = 0; i < 20 && !main.wire.ended; i++) await main.wire.send(thousand, "1000 PINGs");
      await mustCope(peer, main, "20000 PINGs", 15_000);
    },
  })
  .client("inputs-uncalled", {
    title: "bears acknowledgements of motions that it has not made",
    requirement: "The client MUST bear INPUTS_MOUSE_MOTION_ACK without motion, and unknown modifiers",
    source: "spice-gtk channel-inputs.c inputs_handle_ack (motion_count)",
    level: "must",
    run: async (peer) => {
      await peer.main();
      const inputs = await peer.channel("inputs");
      for (let i = 0; i < 10; i++) await inputs.send(InputsMouseMotionAck, {});
      await inputs.send(InputsKeyModifiers, { modifiers: 0xffff });
      await mustCope(peer, inputs, "acknowledgements of no motion");
    },
  });

const INIT = {
  sessionId: 0,
  displayChannelsHint: 0xffffffff,
  supportedMouseModes: 0xffffffff,
  currentMouseMode: 0xffffffff,
  agentConnected: 0xffffffff,
  agentTokens: 0xffffffff,
  multiMediaTime: 0xffffffff,
  ramHint: 0xffffffff,
};

/** A case of messages after which a client may go on or close, and nothing else. */
function bears(what: string, source: string, act: (main: Talk) => Promise<unknown>, script: Script = {}): ClientCase {
  return {
    title: `bears ${what}`,
    requirement: `The client MUST close or go on at ${what}, and MUST NOT crash or hang`,
    source,
    level: "must",
    run: async (peer) => {
      const main = await peer.main(script);
      await act(main);
      await mustCope(peer, main, what);
    },
  };
}
