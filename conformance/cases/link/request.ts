/** The link messages of a client. */
import { capsOfWords, CommonCap, hasCap } from "../../../protocol/capabilities.ts";
import { SPICE_MAGIC, SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR } from "../../../protocol/messages/link.ts";
import { pause } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { Arrival } from "../../suite/client_peer.ts";
import { lax, must, mustEqual } from "../../suite/verdict.ts";

const SESSION_ID = 0x7e57ab1e;

export const request = group("link/request", "Link handshake: what a client asks for")
  .client("header", {
    title: "begins with REDQ and version 2.2",
    requirement: "The client MUST begin with REDQ and major version 2, and SHOULD say minor version 2",
    source: "spice-gtk spice-channel.c spice_channel_send_link",
    level: "must",
    run: async (peer) => {
      await peer.start();
      const { header } = await peer.arrival("main");
      mustEqual(header.magic, SPICE_MAGIC, "the magic");
      mustEqual(header.majorVersion, SPICE_VERSION_MAJOR, "the major version");
      if (header.minorVersion !== SPICE_VERSION_MINOR) lax(`its minor version is ${header.minorVersion}`);
    },
  })
  .client("size", {
    title: "sends messages as long as they say, with their words behind the fields",
    requirement: "The client MUST NOT let caps_offset and counts lead out of its link message, or into its fields",
    source: "spice-server reds.cpp reds_handle_read_link_done, spice-gtk spice-channel.c spice_channel_send_link",
    level: "must",
    run: async (peer) => {
      await peer.start();
      for (const name of ["main", "display"] as const) {
        const { header, body } = await peer.arrival(name);
        const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
        const words = view.getUint32(6, true) + view.getUint32(10, true), offset = view.getUint32(14, true);
        mustEqual(header.size, body.length, "the size");
        must(words === 0 || offset >= 18, `the words of ${name} stand at ${offset}, in its fields`);
        must(words === 0 || offset + 4 * words <= body.length, `${words} words at ${offset} of ${body.length} bytes`);
        if (body.length > 18 + 4 * words) lax(`${body.length} bytes hold ${words} words`);
      }
    },
  })
  .client("no-session", {
    title: "asks for main without a session",
    requirement: "The client MUST link main channel 0 first, with connection id 0",
    source: "spice-gtk spice-channel.c spice_channel_send_link, spice-server reds.cpp reds_handle_main_link",
    level: "must",
    run: async (peer) => {
      await peer.main();
      const first = peer.arrivals[0]!;
      mustEqual(first.name, "main", "the first channel");
      mustEqual(first.request.connectionId, 0, "its connection id");
      mustEqual(first.request.channelId, 0, "its channel id");
    },
  })
  .client("session-id", {
    title: "asks for other channels under the session's id",
    requirement: "The client MUST name the session id of MAIN_INIT in every further link",
    source: "spice-server reds.cpp reds_handle_other_links",
    level: "must",
    run: async (peer) => {
      await peer.main({ init: { sessionId: SESSION_ID } });
      await peer.arrival("display");
      await pause(200);
      for (const { name, request } of peer.arrivals.slice(1)) {
        mustEqual(request.connectionId, SESSION_ID, `the connection id of ${name}`);
      }
    },
  })
  .client("high-session-id", {
    title: "keeps a session id with its highest bit",
    requirement: "The client MUST give back all 32 bits of the session id",
    source: "spice-server reds.cpp reds_handle_main_link (g_random_int)",
    level: "must",
    run: async (peer) => {
      await peer.main({ init: { sessionId: 0xfffffff0 } });
      mustEqual((await peer.arrival("display")).request.connectionId, 0xfffffff0, "the connection id of display");
    },
  })
  .client("listed", {
    title: "asks for no channel that is not listed",
    requirement: "The client MUST link channels of MAIN_CHANNELS_LIST alone, each once",
    source: "spice-gtk channel-main.c main_handle_channels_list",
    level: "must",
    run: async (peer) => {
      await peer.main({ channels: [{ name: "display" }, { name: "inputs" }] });
      await peer.arrival("display");
      await pause(500);
      const others = peer.arrivals.map(nameOf).filter((name) => name !== "main 0");
      const stray = others.filter((name) => name !== "display 0" && name !== "inputs 0");
      must(stray.length === 0, `it links ${stray.join(", ")}, which are not listed`);
      must(new Set(others).size === others.length, `it links ${others.join(", ")}`);
    },
  })
  .client("second-display", {
    title: "asks for channels by their number",
    requirement: "The client MUST link a second display channel by its id",
    source: "spice-gtk channel-main.c main_handle_channels_list",
    level: "must",
    run: async (peer) => {
      await peer.main({ channels: [{ name: "display" }, { name: "display", id: 1 }] });
      await peer.arrival("display", 0);
      mustEqual((await peer.arrival("display", 1)).request.channelId, 1, "the channel id");
    },
  })
  .client("only-number", {
    title: "asks for a display whose number is not 0",
    requirement: "The client MUST link a display channel by its id where there is no display 0",
    source: "spice-gtk channel-main.c main_handle_channels_list",
    level: "must",
    run: async (peer) => {
      await peer.main({ channels: [{ name: "display", id: 3 }] });
      mustEqual((await peer.arrival("display", 3)).request.channelId, 3, "the channel id");
    },
  })
  .client("capabilities", {
    title: "says what it can do on each channel",
    requirement: "The client MUST send the same common capabilities on all channels",
    source: "spice-gtk spice-channel.c spice_channel_init, spice_channel_send_link",
    level: "should",
    run: async (peer) => {
      await peer.start();
      const main = capsOfWords((await peer.arrival("main")).request.caps?.common ?? []);
      const display = capsOfWords((await peer.arrival("display")).request.caps?.common ?? []);
      mustEqual(display, main, "the common capabilities of display");
    },
  })
  .client("known-capabilities", {
    title: "claims no common capability that nobody has defined",
    requirement: "The client SHOULD leave the bits of unknown common capabilities 0",
    source: "spice-protocol protocol.h SPICE_COMMON_CAP_",
    level: "should",
    run: async (peer) => {
      await peer.start();
      const caps = capsOfWords((await peer.arrival("main")).request.caps?.common ?? []);
      must(caps.every((cap) => cap <= CommonCap.MINI_HEADER), `its common capabilities are ${caps.join(", ")}`);
    },
  })
  .client("says-mechanism", {
    title: "can say how it authenticates",
    requirement: "The client SHOULD have PROTOCOL_AUTH_SELECTION, and AUTH_SPICE or AUTH_SASL beside it",
    source: "spice-gtk spice-channel.c spice_channel_init",
    level: "should",
    run: async (peer) => {
      await peer.start();
      const words = (await peer.arrival("main")).request.caps?.common ?? [];
      must(hasCap(words, CommonCap.PROTOCOL_AUTH_SELECTION), "it has no PROTOCOL_AUTH_SELECTION");
      const { AUTH_SPICE, AUTH_SASL } = CommonCap;
      if (!hasCap(words, AUTH_SPICE) && !hasCap(words, AUTH_SASL)) lax("it names no mechanism");
    },
  });

function nameOf({ name, request: { channelType, channelId } }: Arrival): string {
  return `${name ?? channelType} ${channelId}`;
}
