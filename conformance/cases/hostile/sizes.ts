/** Clients that announce more than they have, and servers that do. */
import { InputsKeyScancode } from "../../../protocol/messages/inputs.ts";
import { ClientMainAgentData, MainMouseModeRequest } from "../../../protocol/messages/main.ts";
import { mustAnswer, mustServe } from "../../suite/alive.ts";
import { type ClientCase, group, type ServerCase } from "../../suite/case.ts";
import { frameHead } from "../../suite/frame_head.ts";
import { lax, must } from "../../suite/verdict.ts";

const MEGABYTE = 1024 * 1024;

export const sizes = group("hostile/sizes", "Hostile peers: sizes")
  .server(
    "main",
    announces(
      "main",
      100 * MEGABYTE,
      MainMouseModeRequest.id,
      "main-channel-client.cpp MainChannelClient::alloc_recv_buf",
    ),
  )
  .server(
    "inputs",
    announces(
      "inputs",
      100 * MEGABYTE,
      InputsKeyScancode.id,
      "inputs-channel-client.cpp InputsChannelClient::alloc_recv_buf",
    ),
  )
  .server(
    "display",
    announces(
      "display",
      100 * MEGABYTE,
      101,
      "common-graphics-channel.cpp CommonGraphicsChannelClient::alloc_recv_buf",
    ),
  )
  .server(
    "cursor",
    announces("cursor", 100 * MEGABYTE, 1, "common-graphics-channel.cpp CommonGraphicsChannelClient::alloc_recv_buf"),
  )
  .server(
    "most",
    announces(
      "inputs",
      0xffffffff,
      InputsKeyScancode.id,
      "inputs-channel-client.cpp InputsChannelClient::alloc_recv_buf",
    ),
  )
  .server(
    "negative",
    announces("main", 0x80000000, MainMouseModeRequest.id, "main-channel-client.cpp MainChannelClient::alloc_recv_buf"),
  )
  .server("agent-data", {
    title: "refuses an agent message of 4 GiB",
    requirement: "The server SHOULD close on agent data that is larger than any, and MUST serve the next client",
    source: "spice-server reds.cpp reds_get_agent_data_buffer (g_malloc of any size while no agent is started)",
    level: "should",
    run: async (peer) => {
      const { main } = await peer.session();
      await main.wire.send(frameHead(ClientMainAgentData.id, 0xffffffff), "MAIN_AGENT_DATA of 4 GiB");
      const closed = await main.closes(2000);
      await mustServe(peer, "agent data of 4 GiB");
      must(closed, "it waits for 4 GiB");
    },
  })
  .server("limit", {
    title: "takes as many scancodes as the reference does",
    requirement: "The server SHOULD take an INPUTS_KEY_SCANCODE of 1000 bytes",
    source: "spice-server inputs-channel-client.h RECEIVE_BUF_SIZE (4096)",
    level: "info",
    run: async (peer) => {
      const talk = await (await peer.session()).open("inputs");
      // Releases of a key that nobody has pressed.
      await talk.send(InputsKeyScancode, { data: new Uint8Array(1000).fill(0x9e) });
      must(!await talk.closes(700), "it closes the connection");
    },
  })
  .client("most", waits(0xffffffff))
  .client("negative", waits(0x80000000))
  .client("gigabyte", waits(1024 * MEGABYTE))
  .client("honest", {
    title: "takes a picture of some megabytes",
    requirement: "The client MUST take a message of 8 MiB, which an uncompressed picture has",
    source: "spice-gtk spice-channel.c spice_channel_recv_msg",
    level: "must",
    run: async (peer) => {
      const main = await peer.main(), body = new Uint8Array(8 * MEGABYTE);
      await main.sendBody(4, body, "PING of 8 MiB");
      await mustAnswer(peer, main, "a PING of 8 MiB");
    },
  });

/** A case of a client that announces a body, and sends none of it. */
function announces(
  name: "main" | "inputs" | "display" | "cursor",
  size: number,
  type: number,
  where: string,
): ServerCase {
  return {
    title: `refuses a message of ${size} bytes on ${name}`,
    requirement: `The server MUST close when a client announces ${size} bytes on ${name}, without waiting for them`,
    source: `spice-server ${where}, CVE-2016-9577`,
    level: "must",
    run: async (peer) => {
      const session = await peer.session(), talk = name === "main" ? session.main : await session.open(name);
      if (name === "display") await talk.sendBody(101, new Uint8Array(14), "DISPLAY_INIT");
      await talk.drain(200, 1000);
      await talk.wire.send(frameHead(type, size), `message ${type} of ${size} bytes`);
      const closed = await talk.closes();
      await mustServe(peer, `a message of ${size} bytes on ${name}`);
      must(closed, `it waits for ${size} bytes`);
    },
  };
}

/** A case of a server that announces a body, and sends some of it. */
function waits(size: number): ClientCase {
  return {
    title: `bears a message of ${size} bytes`,
    requirement: `The client SHOULD close when a server announces ${size} bytes, and MUST NOT crash`,
    source: "spice-gtk spice-channel.c spice_channel_recv_msg (g_malloc0 of msg_size, an int)",
    level: "must",
    run: async (peer) => {
      const main = await peer.main();
      await main.wire.send(frameHead(4, size), `PING of ${size} bytes`);
      await main.wire.send(new Uint8Array(MEGABYTE), "a megabyte of it");
      const closed = await main.closes(2000);
      await peer.mustNotCrash();
      // A client that waits for the rest has not hung: it does what it was told.
      if (!closed) lax(`it waits for ${size} bytes`);
    },
  };
}
