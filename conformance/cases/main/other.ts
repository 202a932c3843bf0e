/** What clients may say on main beside the rest, and a migration that is not under way. */
import { LinkErr } from "../../../protocol/messages/enums.ts";
import {
  ClientMainMigrateEnd,
  MainAttachChannels,
  MainClientInfo,
  MainMigrateCancel,
  MainMigrateConnected,
  MainMigrateConnectedSeamless,
  MainMigrateConnectError,
  MainMigrateDstDoSeamless,
  MainMigrateDstSeamlessAck,
  MainMigrateDstSeamlessNack,
  MainMigrateEnd,
  MainQualityIndicator,
} from "../../../protocol/messages/main.ts";
import { mustAnswer, mustGoOnOrEnd, mustServe, mustStay } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { lax } from "../../suite/verdict.ts";

const SERVER = "spice-server main-channel-client.cpp MainChannelClient::handle_message";

export const other = group("main/other", "Migration out of place, and reports")
  .server("client-info", {
    title: "takes CLIENT_INFO",
    requirement: "A server can take CLIENT_INFO, a message of its main channel, without closing",
    source: `${SERVER}, which has no case for it; spice.proto MainChannel.client_info`,
    level: "info",
    covers: ["main/client/MAIN_CLIENT_INFO"],
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(MainClientInfo, { cacheSize: 1n << 20n });
      await mustStay(main, "CLIENT_INFO");
    },
  })
  .server("quality", {
    title: "takes QUALITY_INDICATOR",
    requirement: "A server can take QUALITY_INDICATOR, a message of its main channel, without closing",
    source: `${SERVER}, which has no case for it; spice.proto MainChannel.quality_indicator`,
    level: "info",
    covers: ["main/client/MAIN_QUALITY_INDICATOR"],
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(MainQualityIndicator, { data: new Uint8Array(8) });
      await mustStay(main, "QUALITY_INDICATOR");
    },
  })
  .server("migrate-connected", {
    title: "passes over words about a migration that is not under way",
    requirement: "The server SHOULD keep a session whose client says MIGRATE_CONNECTED or MIGRATE_CONNECT_ERROR",
    source: "spice-server main-channel-client.cpp MainChannelClient::handle_migrate_connected",
    level: "should",
    covers: ["main/client/MAIN_MIGRATE_CONNECT*"],
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(MainMigrateConnectError, {});
      await main.send(MainMigrateConnected, {});
      await main.send(MainMigrateConnectedSeamless, {});
      await mustStay(main, "MIGRATE_CONNECTED");
      await mustServe(peer, "MIGRATE_CONNECTED");
    },
  })
  .server("migrate-end", {
    title: "passes over MIGRATE_END while nothing migrates",
    requirement: "The server SHOULD keep a session whose client says MIGRATE_END",
    source: "spice-server main-channel-client.cpp MainChannelClient::handle_migrate_end",
    level: "should",
    covers: ["main/client/MAIN_MIGRATE_END"],
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(ClientMainMigrateEnd, {});
      await mustStay(main, "MIGRATE_END");
      await mustServe(peer, "MIGRATE_END");
    },
  })
  .server("migrate-seamless", {
    title: "survives a client that asks for a seamless migration to it",
    requirement: "The server SHOULD answer MIGRATE_DST_DO_SEAMLESS, or pass over it, and serve the next client",
    source: "spice-server reds.cpp reds_on_migrate_dst_set_seamless, main-channel-client.cpp",
    level: "should",
    covers: ["main/client/MAIN_MIGRATE_DST_DO_SEAMLESS"],
    run: async (peer) => {
      const { main } = await peer.session();
      await main.send(MainMigrateDstDoSeamless, { srcVersion: 99 });
      await main.send(MainMigrateDstDoSeamless, { srcVersion: 1 });
      await main.closes(500);
      await mustServe(peer, "MIGRATE_DST_DO_SEAMLESS");
    },
  })
  .server("two-sessions", {
    title: "serves one client after another",
    requirement: "The server MUST let a client in after one that did not say goodbye",
    source: "spice-server reds.cpp reds_handle_main_link (reds_disconnect)",
    level: "must",
    run: async (peer) => {
      for (let i = 0; i < 5; i++) {
        const { main } = await peer.session();
        if (i % 2 === 0) main.wire.close();
      }
      await mustServe(peer, "five sessions");
    },
  })
  .server("number", {
    title: "survives a main channel with the number of another session",
    requirement: "The server SHOULD refuse a main link with a connection id, or wait for a migration, and serve others",
    source: "spice-server reds.cpp reds_handle_main_link (mig_target)",
    level: "should",
    run: async (peer) => {
      const { result, talk } = await peer.link({ connectionId: 0x1234_5678 });
      if (talk !== null) {
        await talk.send(MainAttachChannels, {});
        await talk.closes(500);
      }
      await mustServe(peer, "a main link with a connection id");
      if (result === LinkErr.OK) lax("it lets the client in, as the server of a migration would");
    },
  })
  .client("migrate", {
    title: "survives the end of a migration that did not begin",
    requirement: "The client SHOULD pass over MIGRATE_CANCEL and MIGRATE_END, or end its session in order",
    source: "spice-gtk channel-main.c main_handle_migrate_cancel, main_handle_migrate_end",
    level: "should",
    covers: ["main/server/MAIN_MIGRATE_CANCEL", "main/server/MAIN_MIGRATE_END"],
    run: async (peer) => {
      const main = await peer.main();
      await main.send(MainMigrateCancel, {});
      await mustAnswer(peer, main, "MIGRATE_CANCEL");
      await main.send(MainMigrateEnd, {});
      await mustGoOnOrEnd(peer, main, "MIGRATE_END");
    },
  })
  .client("seamless", {
    title: "survives answers about a seamless migration that it did not ask for",
    requirement: "The client SHOULD pass over MIGRATE_DST_SEAMLESS_ACK and NACK, or end its session in order",
    source: "spice-gtk channel-main.c main_handle_migrate_dst_seamless_ack (g_return_if_fail)",
    level: "should",
    covers: ["main/server/MAIN_MIGRATE_DST_SEAMLESS_*"],
    run: async (peer) => {
      const main = await peer.main();
      await main.send(MainMigrateDstSeamlessNack, {});
      await main.send(MainMigrateDstSeamlessAck, {});
      await mustGoOnOrEnd(peer, main, "MIGRATE_DST_SEAMLESS_ACK");
    },
  });
