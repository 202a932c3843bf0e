/** The ticket: the password, encrypted for one connection. */
import { CommonCap } from "../../../protocol/capabilities.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { AuthMechanism } from "../../../protocol/messages/link.ts";
import { nameOf } from "../../../protocol/schema/enumeration.ts";
import { group } from "../../suite/case.ts";
import type { LinkOutcome, ServerPeer } from "../../suite/server_peer.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

export const ticket = group("link/ticket", "Link handshake: ticket")
  .server("right", {
    title: "lets a client in that knows the password",
    requirement: "The server MUST answer a right ticket with OK (0) and go on with messages",
    source: "spice-server reds.cpp reds_handle_ticket",
    level: "must",
    covers: ["link/server/SpiceLinkResult/error=OK"],
    run: async (peer) => {
      const { result, talk } = await peer.link();
      mustEqual(result, LinkErr.OK, "the result of the link");
      must(await talk!.next() !== null, "no message follows the link");
    },
  })
  .server("wrong", {
    title: "sends a wrong ticket away",
    requirement: "The server MUST answer PERMISSION_DENIED (7) and close",
    source: "spice-server reds.cpp reds_handle_ticket",
    level: "must",
    covers: ["link/server/SpiceLinkResult/error=PERMISSION_DENIED"],
    run: async (peer) => {
      needsPassword(peer);
      await refused(
        await peer.link({ password: `not ${peer.target.password}`.slice(0, 60) }),
        LinkErr.PERMISSION_DENIED,
      );
    },
  })
  .server("prefix", {
    title: "sends a ticket away that is the beginning of the right one",
    requirement: "The server MUST compare whole passwords",
    source: "spice-server reds.cpp reds_handle_ticket (strcmp)",
    level: "must",
    run: async (peer) => {
      const password = needsPassword(peer);
      for (const part of [password.slice(0, -1), `${password}x`.slice(0, 60)]) {
        await refused(await peer.link({ password: part }), LinkErr.PERMISSION_DENIED);
      }
    },
  })
  .server("empty", {
    title: "sends an empty password away where one is asked for",
    requirement: "The server MUST answer PERMISSION_DENIED (7) to an empty password",
    source: "spice-server reds.cpp reds_handle_ticket",
    level: "must",
    run: async (peer) => {
      needsPassword(peer);
      await refused(await peer.link({ password: "" }), LinkErr.PERMISSION_DENIED);
    },
  })
  .server("garbage", {
    title: "survives a ticket that does not decrypt",
    requirement: "The server MUST refuse 128 bytes that are no ciphertext, and serve the next client",
    source: "spice-server reds.cpp reds_handle_ticket (RSA_private_decrypt), CVE-2013-4282",
    level: "must",
    run: async (peer) => {
      needsPassword(peer);
      const { result, wire } = await peer.link({ ticket: new Uint8Array(128).fill(0xff) });
      if (result !== null) mustEqual(nameOf(LinkErr, result), "PERMISSION_DENIED", "the result of the link");
      must(await wire.closes(), "the connection stays open");
      mustEqual((await peer.link()).result, LinkErr.OK, "the result of the next link");
    },
  })
  .server("expired", {
    title: "sends an expired ticket away",
    requirement: "The server MUST answer PERMISSION_DENIED (7) and close",
    source: "spice-server reds.cpp reds_handle_ticket (taTicket.expiration_time)",
    level: "must",
    run: async (peer) => {
      const { expiredPassword } = peer.target;
      if (expiredPassword === undefined) lacks("no expired password was given: --expired-password");
      await refused(await peer.link({ password: expiredPassword }), LinkErr.PERMISSION_DENIED);
    },
  })
  .client("right", {
    title: "sends the password that it was given",
    requirement:
      "The client MUST send its password and a NUL, encrypted with RSA-OAEP (SHA-1) for the key of the reply",
    source: "spice-gtk spice-channel.c spice_channel_send_spice_ticket",
    level: "must",
    run: async (peer) => {
      if (!peer.target.command.some((word) => word.includes("{password}"))) lacks("its command takes no {password}");
      await peer.start({ password: "Tr0ub4dor&3" });
      const { password } = await peer.arrival("main");
      mustEqual(password, "Tr0ub4dor&3", "the password");
    },
  })
  .client("selects", {
    title: "chooses SPICE authentication where the server has the choice",
    requirement:
      "The client MUST send a mechanism of 4 bytes before the ticket when both sides have PROTOCOL_AUTH_SELECTION",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => {
      await peer.start();
      const { authMechanism, password } = await peer.arrival("main");
      if (authMechanism === null) lacks("it has no PROTOCOL_AUTH_SELECTION");
      mustEqual(authMechanism, AuthMechanism.SPICE, "the mechanism");
      must(password !== null, "the ticket does not decrypt");
    },
  })
  .client("plain", {
    title: "sends the ticket at once where the server has no choice",
    requirement: "The client MUST send the ticket alone when the server lacks PROTOCOL_AUTH_SELECTION",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    run: async (peer) => {
      await peer.start({ commonCaps: [CommonCap.MINI_HEADER] });
      const { password } = await peer.arrival("main");
      must(password !== null, "the ticket does not decrypt: the client sent something before it");
    },
  })
  .client("refused", {
    title: "gives up when its ticket is refused",
    requirement: "The client MUST close the connection after PERMISSION_DENIED and open no other channel",
    source: "spice-gtk spice-channel.c spice_channel_recv_auth",
    level: "must",
    run: async (peer) => {
      await peer.start({ refuse: (_, when) => when === "result" ? LinkErr.PERMISSION_DENIED : null });
      const { wire } = await peer.arrival("main");
      must(await wire.closes(), "the connection stays open");
      must(peer.arrivals.every(({ name }) => name === "main"), "it opens other channels all the same");
    },
  });

function needsPassword({ target }: ServerPeer): string {
  return target.password ?? lacks("the server asks for no password: --password");
}

async function refused({ reply, result, wire }: LinkOutcome, error: number): Promise<void> {
  const said = result ?? reply?.error;
  must(said !== undefined, "no answer");
  mustEqual(nameOf(LinkErr, said), nameOf(LinkErr, error), "the answer");
  must(await wire.closes(), "the connection stays open");
}
