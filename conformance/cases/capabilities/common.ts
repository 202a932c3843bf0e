/** Common capabilities: what is advertised is honoured, and nothing else is used. */
import { capsOfWords, CommonCap, hasCap } from "../../../protocol/capabilities.ts";
import { AuthMechanism } from "../../../protocol/messages/link.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { accepts } from "../../suite/refusal.ts";
import { lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER } = CommonCap;

export const common = group("capabilities/common", "Capabilities: common")
  .server("auth-selection", {
    title: "reads a mechanism where it has PROTOCOL_AUTH_SELECTION",
    requirement: "The server MUST read a mechanism before the ticket when both sides have PROTOCOL_AUTH_SELECTION",
    source: "spice-server reds.cpp reds_handle_read_link_done",
    level: "must",
    covers: ["caps/common/PROTOCOL_AUTH_SELECTION/server"],
    run: async (peer) => {
      const outcome = await peer.link({ commonCaps: [PROTOCOL_AUTH_SELECTION, AUTH_SPICE] });
      if (!hasCap(outcome.reply?.caps?.common ?? [], PROTOCOL_AUTH_SELECTION)) {
        lacks("it has no PROTOCOL_AUTH_SELECTION");
      }
      accepts(outcome);
    },
  })
  .server("auth-spice", {
    title: "takes tickets where it has AUTH_SPICE",
    requirement: "The server MUST take the mechanism SPICE (1) when it has AUTH_SPICE",
    source: "spice-server reds.cpp reds_handle_auth_mechanism",
    level: "must",
    covers: ["caps/common/AUTH_SPICE/*"],
    run: async (peer) => {
      const outcome = await peer.link({ authMechanism: AuthMechanism.SPICE });
      if (!hasCap(outcome.reply?.caps?.common ?? [], AUTH_SPICE)) lacks("it has no AUTH_SPICE");
      accepts(outcome);
    },
  })
  .server("auth-sasl", {
    title: "begins SASL where it has AUTH_SASL",
    requirement: "The server MUST send its list of mechanisms when the client chooses SASL and it has AUTH_SASL",
    source: "spice-server red-stream.cpp red_sasl_start_auth",
    level: "must",
    covers: ["caps/common/AUTH_SASL/server"],
    run: async (peer) => {
      let list: Uint8Array | null = null;
      const { reply } = await peer.link({
        commonCaps: [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER],
        ticket: new Uint8Array(128),
        send: async (wire, bytes, what) => {
          if (what === "SpiceLinkEncryptedTicket") {
            list = await wire.take(4, "mechlistlen", 1000);
            return wire.close();
          }
          const choice = what === "SpiceLinkAuthMechanism" ? Uint8Array.of(AUTH_SASL, 0, 0, 0) : bytes;
          return await wire.send(choice, what);
        },
      });
      if (!hasCap(reply?.caps?.common ?? [], AUTH_SASL)) lacks("it has no AUTH_SASL");
      must(list !== null, "no list of mechanisms comes");
    },
  })
  .server("same-everywhere", {
    title: "says the same on every channel",
    requirement: "The server SHOULD have the same common capabilities on all channels",
    source: "spice-server red-channel.cpp RedChannel::RedChannel, reds.cpp reds_channel_init_auth_caps",
    level: "should",
    run: async (peer) => {
      const session = await peer.session(), inputs = await session.open("inputs");
      mustEqual(
        capsOfWords(inputs.options.commonCaps),
        capsOfWords(session.main.options.commonCaps),
        "the common capabilities of inputs",
      );
    },
  })
  .server("no-sasl-key", {
    title: "sends a key to a client that has SASL where SASL is not asked for",
    requirement: "The server MUST send a ticket key to a client with AUTH_SASL unless it asks for SASL",
    source: "spice-server reds.cpp reds_send_link_ack (sasl_enabled)",
    level: "must",
    run: async (peer) => {
      accepts(await peer.link({ commonCaps: [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER] }));
    },
  })
  .client("auth-selection", {
    title: "chooses a mechanism where it has PROTOCOL_AUTH_SELECTION",
    requirement: "The client MUST send a mechanism of 4 bytes when both sides have PROTOCOL_AUTH_SELECTION",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    covers: ["caps/common/PROTOCOL_AUTH_SELECTION/client"],
    run: async (peer) => {
      await peer.start();
      const { request, authMechanism, password } = await peer.arrival("main");
      if (!hasCap(request.caps?.common ?? [], PROTOCOL_AUTH_SELECTION)) lacks("it has no PROTOCOL_AUTH_SELECTION");
      must(authMechanism !== null && password !== null, "its ticket is not where it belongs");
    },
  })
  .client("none", {
    title: "speaks with a server without capabilities",
    requirement: "The client MUST speak with a server without capabilities: no mechanism, and full headers",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => await mustAnswer(peer, await peer.main({ commonCaps: [] }), "a link without capabilities"),
  })
  .client("both-mechanisms", {
    title: "gets in where tickets and SASL are offered",
    requirement: "The client MUST choose a mechanism of the server's; SPICE is enough",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => {
      await peer.start({ commonCaps: [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER] });
      const { request, authMechanism } = await peer.arrival("main");
      if (authMechanism === AuthMechanism.SASL) {
        if (!hasCap(request.caps?.common ?? [], AUTH_SASL)) lax("it chooses SASL, which it does not claim to have");
        return;
      }
      mustEqual(authMechanism, AuthMechanism.SPICE, "the mechanism");
    },
  });
