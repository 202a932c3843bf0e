/** Messages that nobody knows, and those of a migration or a farewell where none is under way. */
import {
  ClientDisconnecting,
  ClientMigrateData,
  Disconnecting,
  Migrate,
  MigrateFlushMark,
} from "../../../protocol/messages/base.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { DisplayInit } from "../../../protocol/messages/display.ts";
import { mustAnswer, mustCope, mustServe, mustStay } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { DISPLAY_INIT, type ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, lax } from "../../suite/verdict.ts";

const SERVER = "spice-server red-channel-client.cpp RedChannelClient::handle_message";

export const unknown = group("base/unknown", "Messages out of place")
  .server("types", {
    title: "closes a channel that is sent a message of an unknown type",
    requirement: "The server SHOULD close the connection of a message that its channel does not have",
    source: `${SERVER} (invalid message type), handle_incoming`,
    level: "should",
    run: async (peer) => {
      for (const type of [99, 200, 65_535]) {
        for (const name of ["main", "inputs", "cursor", "display"] as const) {
          const talk = await open(peer, name);
          await talk.sendBody(type, new Uint8Array(4));
          if (!(await talk.closes(1000))) lax(`the ${name} channel goes on after message ${type}`);
        }
      }
      await mustServe(peer, "messages of unknown types");
    },
  })
  .server("zero", {
    title: "survives a message of type 0",
    requirement: "The server SHOULD close the connection, or pass over the message, and serve the next client",
    source: `${SERVER}; red-channel.cpp RedChannel::parse`,
    level: "should",
    run: async (peer) => {
      const talk = await open(peer, "main");
      await talk.sendBody(0, new Uint8Array(0));
      await talk.closes(500);
      await mustServe(peer, "a message of type 0");
    },
  })
  .server("server-message", {
    title: "survives its own messages sent back",
    requirement: "The server SHOULD survive a client that sends messages of the server",
    source: SERVER,
    level: "should",
    run: async (peer) => {
      const talk = await open(peer, "main");
      const first = await talk.next() ?? lacks("it says nothing");
      await talk.sendBody(first.type, first.body, first.name);
      await talk.closes(500);
      await mustServe(peer, "its own message");
    },
  })
  .server("disconnecting", {
    title: "takes a client's DISCONNECTING",
    requirement: "The server SHOULD take DISCONNECTING on every channel, and serve the next client",
    source: `${SERVER} (SPICE_MSGC_DISCONNECTING)`,
    level: "should",
    covers: ["*/client/DISCONNECTING"],
    run: async (peer) => {
      const session = await peer.session();
      const inputs = await session.open("inputs");
      for (const talk of [inputs, session.main]) {
        await talk.send(ClientDisconnecting, { timeStamp: 1n, reason: LinkErr.OK });
        await mustStay(talk, "DISCONNECTING", 300);
      }
      await mustServe(peer, "DISCONNECTING");
    },
  })
  .server("reason", {
    title: "says why it closes",
    requirement: "A server can send DISCONNECTING with a reason before it closes a connection",
    source: "spice.proto BaseChannel.disconnecting; the reference server never sends it",
    level: "info",
    covers: ["*/server/DISCONNECTING"],
    run: async (peer) => {
      const talk = await open(peer, "inputs");
      await talk.sendBody(200, new Uint8Array(0));
      const said = await talk.find(Disconnecting, undefined, 1500);
      if (said === null) lacks("it closes without DISCONNECTING");
    },
  })
  .server("flush-mark", {
    title: "survives MIGRATE_FLUSH_MARK while nothing migrates",
    requirement: "The server SHOULD close the connection, or pass over the message, and serve the next client",
    source: `${SERVER} (unexpected flush mark)`,
    level: "should",
    covers: ["*/client/MIGRATE_FLUSH_MARK"],
    run: async (peer) => {
      const talk = await open(peer, "inputs");
      await talk.send(MigrateFlushMark, {});
      await talk.closes(500);
      await mustServe(peer, "MIGRATE_FLUSH_MARK");
    },
  })
  .server("migrate-data", {
    title: "survives MIGRATE_DATA while nothing migrates",
    requirement: "The server SHOULD close the connection, or pass over the message, and serve the next client",
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_migrate_data_early",
    level: "should",
    covers: ["*/client/MIGRATE_DATA"],
    run: async (peer) => {
      for (const name of ["inputs", "main"] as const) {
        const talk = await open(peer, name);
        await talk.send(ClientMigrateData, { data: new Uint8Array(64) });
        await talk.closes(500);
        await mustServe(peer, `MIGRATE_DATA on ${name}`);
      }
    },
  })
  .client("types", {
    title: "goes on after a message of an unknown type",
    requirement: "The client SHOULD pass over messages that it does not know",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (failed to parse message)",
    level: "should",
    run: async (peer) => {
      await peer.main();
      for (const name of ["main", "display", "cursor", "inputs"] as const) {
        const talk = await peer.channel(name);
        for (const type of [99, 250, 65_535]) {
          await talk.sendBody(type, new Uint8Array(8));
          await mustAnswer(peer, talk, `message ${type} on ${name}`);
        }
      }
    },
  })
  .client("broken", {
    title: "survives a message that is cut short",
    requirement: "The client SHOULD close the connection, or pass over a message that lacks its end",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (failed to parse message)",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.sendBody(4, new Uint8Array(3), "PING");
      await mustCope(peer, main, "a PING of 3 bytes");
    },
  })
  .client("migrate", {
    title: "survives MIGRATE without a server to migrate to",
    requirement: "The client SHOULD survive MIGRATE when no MIGRATE_BEGIN came before",
    source: "spice-gtk channel-base.c spice_channel_handle_migrate, spice-session.c spice_session_channel_migrate",
    level: "should",
    run: async (peer) => {
      await peer.main();
      const inputs = await peer.channel("inputs");
      await inputs.send(Migrate, { flags: 0 });
      await inputs.closes(500);
      await peer.mustNotCrash();
    },
  });

async function open(peer: ServerPeer, name: "main" | "inputs" | "cursor" | "display"): Promise<Talk> {
  if (name === "main") return await peer.open();
  const talk = await (await peer.session()).open(name);
  if (name === "display") await talk.send(DisplayInit, DISPLAY_INIT);
  return talk;
}
