/** Counts, offsets and sequences that do not hold, from a client. */
import { AgentMessageType, VD_AGENT_PROTOCOL, VDAgentMessage } from "../../../protocol/messages/agent.ts";
import { Ack, AckSync, ClientMigrateData, MigrateFlushMark, Pong } from "../../../protocol/messages/base.ts";
import { DisplayInit, DisplayStreamReport } from "../../../protocol/messages/display.ts";
import {
  ClientMainAgentData,
  ClientMainMigrateEnd,
  MainAgentStart,
  MainClientInfo,
  MainMigrateConnected,
  MainMigrateConnectedSeamless,
  MainMigrateDstDoSeamless,
  MainMouseModeRequest,
} from "../../../protocol/messages/main.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { mustServe } from "../../suite/alive.ts";
import { group, type ServerCase } from "../../suite/case.ts";
import type { ServerPeer, SessionTalk } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks } from "../../suite/verdict.ts";

export const counts = group("hostile/counts", "Hostile peers: counts and sequences")
  .server("monitors", {
    title: "bears a monitors configuration that counts 2³² - 1 monitors",
    requirement:
      "The server MUST refuse a VD_AGENT_MONITORS_CONFIG whose monitors do not fit, and serve the next client",
    source: "spice-server reds.cpp reds_on_main_agent_monitors_config, agent_check_message, CVE-2017-7506",
    level: "must",
    run: async (peer) => {
      for (const count of [1, 257, 0x0ccccccd, 0xffffffff]) await withAgent(peer, monitors(count, 8));
      await mustServe(peer, "a count of monitors that does not hold");
    },
  })
  .server("monitors-size", {
    title: "bears a monitors configuration of 4 GiB",
    requirement: "The server MUST NOT gather a VD_AGENT_MONITORS_CONFIG of any size, and serve the next client",
    source: "spice-server reds.cpp reds_on_main_agent_monitors_config (MAX_MONITOR_CONFIG_SIZE), CVE-2017-7506",
    level: "must",
    run: async (peer) => {
      const header = agentHeader(AgentMessageType.MONITORS_CONFIG, 0xffffffff);
      await withAgent(peer, header, ...Array(200).fill(new Uint8Array(2048).fill(0xff)));
      await mustServe(peer, "a monitors configuration of 4 GiB");
    },
  })
  .server("agent-cut", {
    title: "bears an agent's message in single bytes, and another protocol",
    requirement: "The server MUST read agent messages in any split, and bear those of no protocol",
    source: "spice-server agent-msg-filter.c agent_msg_filter_process_data",
    level: "must",
    run: async (peer) => {
      const header = agentHeader(AgentMessageType.MONITORS_CONFIG, 8);
      await withAgent(peer, ...[...header].map((byte) => Uint8Array.of(byte)), new Uint8Array(8));
      await withAgent(peer, new Uint8Array(20).fill(0xff), new Uint8Array(100));
      await mustServe(peer, "agent messages in parts");
    },
  })
  .server("agent-uncalled", {
    title: "bears agent data where no agent was started",
    requirement: "The server MUST pass over or refuse agent data that comes without MAIN_AGENT_START",
    source: "spice-server reds.cpp reds_get_agent_data_buffer",
    level: "must",
    run: async (peer) => {
      const { main } = await peer.session();
      for (let i = 0; i < 100; i++) await main.send(ClientMainAgentData, { data: new Uint8Array(2048).fill(i) });
      await main.closes(300);
      await mustServe(peer, "agent data without an agent");
    },
  })
  .server("agent-tokens", {
    title: "bears a client that gives it 2³² - 1 tokens, and again",
    requirement: "The server MUST bear agent tokens whose sum overflows",
    source: "spice-server reds.cpp reds_on_main_agent_start, reds_on_main_agent_tokens",
    level: "must",
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(MainAgentStart, { numTokens: 0xffffffff });
      for (let i = 0; i < 3; i++) await main.sendBody(108, Uint8Array.of(255, 255, 255, 255), "MAIN_AGENT_TOKEN");
      await main.send(MainAgentStart, { numTokens: 0xffffffff });
      await main.closes(300);
      await mustServe(peer, "agent tokens that overflow");
    },
  })
  .server(
    "video-codecs",
    bears(
      "a list of 255 video codecs that are not there",
      "The server MUST NOT read behind a PREFERRED_VIDEO_CODEC_TYPE whose count does not hold",
      "spice-common generated demarshallers, dcc.cpp dcc_handle_preferred_video_codec_type, CVE-2018-10873",
      async (session) => {
        const display = await begun(session);
        await display.sendBody(105, Uint8Array.of(255, 1), "PREFERRED_VIDEO_CODEC_TYPE of 255 codecs");
        return display;
      },
    ),
  )
  .server(
    "stream-report",
    bears(
      "reports of streams that there are not",
      "The server MUST NOT look a stream up beyond its table",
      "spice-server dcc.cpp dcc_handle_stream_report (invalid stream id)",
      async (session) => {
        const display = await begun(session);
        for (const streamId of [63, 64, 0x7fffffff, 0xffffffff]) {
          await display.send(DisplayStreamReport, {
            streamId,
            uniqueId: 1,
            startFrameMmTime: 0,
            endFrameMmTime: 0,
            numFrames: 0,
            numDrops: 0xffffffff,
            lastFrameDelay: 0,
            audioDelay: 0,
          });
        }
        return display;
      },
    ),
  )
  .server("display-leaver", {
    title: "bears clients that hang up right behind their DISPLAY_INIT",
    requirement: "The server MUST serve the next client when one hangs up while its display channel begins",
    source: "spice-server dcc.cpp dcc_start, display_channel_client_wait_for_init",
    level: "must",
    run: async (peer) => {
      for (let i = 0; i < 3; i++) {
        const session = await peer.session(), display = await session.open("display");
        await display.send(DisplayInit, INIT);
        display.wire.close();
        await session.main.closes(200);
        session.main.wire.close();
      }
      await mustServe(peer, "clients that hang up at once");
    },
  })
  .server(
    "display-twice",
    bears(
      "a second DISPLAY_INIT",
      "The server SHOULD refuse a second DISPLAY_INIT, and MUST serve the next client",
      "spice-server dcc.cpp dcc_handle_init (expect_init)",
      async (session) => {
        const display = await begun(session);
        await display.send(DisplayInit, INIT);
        return display;
      },
    ),
  )
  .server(
    "cache-sizes",
    bears(
      "caches of a size that nobody has",
      "The server MUST bear negative and enormous cache sizes in DISPLAY_INIT",
      "spice-server dcc.cpp dcc_handle_init (pixmap_cache_get, glz_dictionary)",
      async (session) => {
        const display = await session.open("display");
        await display.send(DisplayInit, {
          pixmapCacheId: 255,
          pixmapCacheSize: -1n,
          glzDictionaryId: 255,
          glzDictionaryWindowSize: 0x7fffffff,
        });
        return display;
      },
    ),
  )
  .server(
    "gl-draw-done",
    bears(
      "a GL_DRAW_DONE that nobody waits for",
      "The server MUST serve the next client after GL_DRAW_DONE without GL_DRAW",
      "spice-server dcc.cpp dcc_handle_gl_draw_done",
      async (session) => {
        const display = await begun(session);
        await display.sendBody(104, new Uint8Array(0), "DISPLAY_GL_DRAW_DONE");
        return display;
      },
    ),
  )
  .server(
    "acks",
    bears(
      "acknowledgements that nobody asked for",
      "The server MUST bear ACK, ACK_SYNC and PONG without SET_ACK and PING",
      "spice-server red-channel-client.cpp RedChannelClient::handle_message",
      async ({ main }) => {
        for (let i = 0; i < 1000; i++) await main.send(Ack, {});
        for (const generation of [0, 0x7fffffff, 0xffffffff]) await main.send(AckSync, { generation });
        await main.send(Pong, { id: 0xffffffff, timestamp: 0xffffffffffffffffn });
        return main;
      },
    ),
  )
  .server(
    "mouse-mode",
    bears(
      "mouse modes that there are not",
      "The server MUST pass over a request for no mode, both, and unknown ones",
      "spice-server reds.cpp reds_on_main_mouse_mode_request (unsupported mouse mode)",
      async ({ main }) => {
        for (const mode of [0, 3, 4, 0xffff]) await main.send(MainMouseModeRequest, { mode });
        return main;
      },
    ),
  )
  .server(
    "client-info",
    bears(
      "an old client's cache size",
      "The server MUST serve the next client after MAIN_CLIENT_INFO",
      "spice.proto MainChannel.client_info",
      async ({ main }) => {
        await main.send(MainClientInfo, { cacheSize: 0xffffffffffffffffn });
        return main;
      },
    ),
  )
  .server(
    "migration",
    bears(
      "the words of a migration that is not under way",
      "The server MUST bear every message of a migration when there is none",
      "spice-server main-channel-client.cpp handle_migrate_connected, handle_migrate_end, handle_migrate_dst_do_seamless",
      async ({ main }) => {
        await main.send(MainMigrateConnected, {});
        await main.sendBody(103, new Uint8Array(0), "MAIN_MIGRATE_CONNECT_ERROR");
        await main.send(MainMigrateConnectedSeamless, {});
        await main.send(ClientMainMigrateEnd, {});
        await main.send(MainMigrateDstDoSeamless, { srcVersion: 0xffffffff });
        return main;
      },
    ),
  )
  .server(
    "migrate-data",
    bears(
      "the data of a migration that is not under way",
      "The server MUST refuse or pass over MIGRATE_DATA when no migration is under way",
      "spice-server red-channel-client.cpp RedChannelClient::handle_migrate_data_early",
      async ({ main }) => {
        await main.send(ClientMigrateData, { data: new Uint8Array(64).fill(0x41) });
        return main;
      },
    ),
  )
  .server(
    "flush-mark",
    bears(
      "the mark of a migration that is not under way",
      "The server MUST refuse or pass over MIGRATE_FLUSH_MARK when no migration is under way",
      "spice-server red-channel-client.cpp RedChannelClient::handle_message (unexpected flush mark)",
      async ({ main }) => {
        await main.send(MigrateFlushMark, {});
        return main;
      },
    ),
  );

const INIT = { pixmapCacheId: 1, pixmapCacheSize: 1_000_000n, glzDictionaryId: 1, glzDictionaryWindowSize: 1_000_000 };

async function begun(session: SessionTalk): Promise<Talk> {
  const display = await session.open("display");
  await display.send(DisplayInit, INIT);
  await display.drain(100, 500);
  return display;
}

/** A case of messages after which the server may do with this client as it likes. */
function bears(
  what: string,
  requirement: string,
  source: string,
  act: (session: SessionTalk) => Promise<Talk>,
): ServerCase {
  return {
    title: `bears ${what}`,
    requirement,
    source,
    level: "must",
    run: async (peer) => {
      const talk = await act(await peer.session());
      await talk.closes(400);
      await mustServe(peer, what);
    },
  };
}

/** Sends parts of an agent's stream, as far as the server has tokens and takes them. */
async function withAgent(peer: ServerPeer, ...parts: readonly Uint8Array[]): Promise<void> {
  const { main, init } = await peer.session();
  if (init.agentConnected === 0) lacks("it has no agent");
  await main.send(MainAgentStart, { numTokens: 100 });
  for (const data of parts) if (!await main.send(ClientMainAgentData, { data })) break;
  await main.closes(300);
  main.wire.close();
}

function agentHeader(type: number, size: number): Uint8Array {
  const header = encodeBytes(VDAgentMessage, {
    protocol: VD_AGENT_PROTOCOL,
    type,
    opaque: 0n,
    data: new Uint8Array(0),
  });
  new DataView(header.buffer, header.byteOffset).setUint32(16, size, true);
  return header;
}

/** A monitors configuration of so many monitors and bytes. */
function monitors(count: number, size: number): Uint8Array {
  const body = new Uint8Array(size);
  new DataView(body.buffer).setUint32(0, count, true);
  return concat([agentHeader(AgentMessageType.MONITORS_CONFIG, size), body]);
}
