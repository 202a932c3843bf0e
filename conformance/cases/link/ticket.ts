/** The ticket: the password, encrypted for one connection. */
import { CommonCap, hasCap } from "../../../protocol/capabilities.ts";
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { AuthMechanism } from "../../../protocol/messages/link.ts";
import { nameOf } from "../../../protocol/schema/enumeration.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { accepts, refuses } from "../../suite/refusal.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
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
      await refuses(
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
        await refuses(await peer.link({ password: part }), LinkErr.PERMISSION_DENIED);
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
      await refuses(await peer.link({ password: "" }), LinkErr.PERMISSION_DENIED);
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
      await refuses(await peer.link({ password: expiredPassword }), LinkErr.PERMISSION_DENIED);
    },
  })
  .server("longest", {
    title: "takes a ticket of the longest password",
    requirement: "The server MUST take passwords of up to 60 bytes, and refuse those that it was not told",
    source: "spice-protocol protocol.h SPICE_MAX_PASSWORD_LENGTH, spice-server reds.cpp reds_handle_ticket",
    level: "must",
    run: async (peer) => {
      const long = "a".repeat(60);
      if (peer.target.password === null) return accepts(await peer.link({ password: long }));
      await refuses(await peer.link({ password: long }), LinkErr.PERMISSION_DENIED);
      accepts(await peer.link());
    },
  })
  .server("too-long", {
    title: "survives a ticket that is longer than any password",
    requirement: "The server MUST refuse a password of 86 bytes, the most that a ticket holds, and go on",
    source: "spice-server reds.cpp reds_handle_ticket (alloca of rsa_size + 1), CVE-2013-4282",
    level: "must",
    run: async (peer) => {
      // OAEP with SHA-1 leaves 128 - 42 bytes: these and no NUL.
      for (const length of [61, 85]) {
        const outcome = await peer.link({ password: "x".repeat(length) });
        if (peer.target.password === null) accepts(outcome);
        else await refuses(outcome, LinkErr.PERMISSION_DENIED);
        outcome.wire.close();
      }
      await mustServe(peer, "tickets that are too long");
    },
  })
  .server("split", {
    title: "waits for all of a ticket",
    requirement: "The server MUST read a ticket that comes in two parts, and answer nothing before the second",
    source: "spice-server reds.cpp reds_get_spice_ticket",
    level: "must",
    run: async (peer) => {
      let early: Uint8Array | null = null;
      const outcome = await peer.link({
        send: async (wire, bytes, what) => {
          if (what !== "SpiceLinkEncryptedTicket") return await wire.send(bytes, what);
          await wire.send(bytes.subarray(0, 127), "127 bytes of the ticket");
          early = await wire.take(1, "an early answer", 300);
          return await wire.send(bytes.subarray(127), "its last byte");
        },
      });
      must(early === null, "it answers before the ticket is whole");
      accepts(outcome);
    },
  })
  .server("of-another", {
    title: "refuses a ticket that was encrypted for another connection",
    requirement: "The server MUST decrypt tickets with the key of their own connection",
    source: "spice-server reds.cpp reds_handle_ticket (link->tiTicketing.rsa)",
    level: "must",
    run: async (peer) => {
      needsPassword(peer);
      let ticket = new Uint8Array(128);
      const first = await peer.link({
        send: (wire, bytes, what) => {
          if (what === "SpiceLinkEncryptedTicket") ticket = bytes.slice();
          return wire.send(bytes, what);
        },
      });
      first.wire.close();
      await refuses(await peer.link({ ticket }), LinkErr.PERMISSION_DENIED);
    },
  })
  .server("sasl-not-offered", {
    title: "refuses SASL where it did not offer it",
    requirement: "The server MUST NOT let a client in that chooses SASL where AUTH_SASL was not offered",
    source: "spice-server reds.cpp reds_handle_auth_mechanism",
    level: "must",
    run: async (peer) => {
      const { wire, reply, talk } = await peer.link({ authMechanism: AuthMechanism.SASL });
      if (hasCap(reply?.caps?.common ?? [], CommonCap.AUTH_SASL)) lacks("it offers SASL");
      must(talk === null, "it lets the client in");
      must(await wire.closes(), "the connection stays open");
      await mustServe(peer, "SASL that it did not offer");
    },
  })
  .server("garbage-mechanism", {
    title: "refuses a mechanism that nobody has defined",
    requirement: "The server MUST refuse unknown mechanisms, and SHOULD answer INVALID_DATA (3)",
    source: "spice-server reds.cpp reds_handle_auth_mechanism",
    level: "must",
    run: async (peer) => {
      for (const authMechanism of [0, 3, 0xffffffff]) {
        const { wire, talk } = await peer.link({ authMechanism });
        must(talk === null, `it lets a client in that chooses mechanism ${authMechanism}`);
        must(await wire.closes(), "the connection stays open");
      }
      await mustServe(peer, "unknown mechanisms");
    },
  })
  .server("no-choice", {
    title: "takes a ticket at once from a client without choice",
    requirement: "The server MUST NOT wait for a mechanism from a client without PROTOCOL_AUTH_SELECTION",
    source: "spice-server reds.cpp reds_handle_read_link_done",
    level: "must",
    covers: ["link/auth-selection=absent"],
    run: async (peer) => accepts(await peer.link({ commonCaps: [CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER] })),
  })
  .server("other-channels", {
    title: "asks for the ticket on every channel",
    requirement: "The server MUST refuse a wrong ticket on other channels than main, too",
    source: "spice-server reds.cpp reds_handle_ticket (before reds_handle_link)",
    level: "must",
    run: async (peer) => {
      needsPassword(peer);
      const { init } = await peer.session();
      const request = { channel: "inputs", connectionId: init.sessionId } as const;
      await refuses(await peer.link({ ...request, password: "wrong" }), LinkErr.PERMISSION_DENIED);
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
  .client("chooses-offered", {
    title: "chooses no mechanism that the server does not offer",
    requirement: "The client MUST choose SASL or close where SASL alone is offered, and MUST NOT send its ticket",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (No compatible AUTH mechanism)",
    level: "must",
    run: async (peer) => {
      await peer.start({ commonCaps: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SASL, CommonCap.MINI_HEADER] });
      const { authMechanism, password } = await peer.arrival("main");
      must(password === null, "it sends its ticket");
      must(authMechanism === null || authMechanism === AuthMechanism.SASL, `it chooses mechanism ${authMechanism}`);
      await peer.mustNotCrash();
    },
  })
  .client("no-mechanism", {
    title: "closes where the server offers no mechanism",
    requirement: "The client MUST NOT send a ticket to a server with PROTOCOL_AUTH_SELECTION and no mechanism",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg (No compatible AUTH mechanism)",
    level: "must",
    run: async (peer) => {
      await peer.start({ commonCaps: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.MINI_HEADER] });
      const { authMechanism, password, wire } = await peer.arrival("main");
      must(authMechanism === null && password === null, "it goes on with a mechanism that the server does not have");
      must(await wire.closes(), "the connection stays open");
      await peer.mustNotCrash();
    },
  })
  .client("each-channel", {
    title: "sends the password on every channel",
    requirement: "The client MUST send the password for the key of each channel's own reply",
    source: "spice-gtk spice-channel.c spice_channel_send_spice_ticket",
    level: "must",
    run: async (peer) => {
      if (!peer.target.command.some((word) => word.includes("{password}"))) lacks("its command takes no {password}");
      await peer.start({ password: "each of them" });
      mustEqual((await peer.arrival("main")).password, "each of them", "the password on main");
      mustEqual((await peer.arrival("display")).password, "each of them", "the password on display");
    },
  })
  .client("plain", {
    title: "sends the ticket at once where the server has no choice",
    requirement: "The client MUST send the ticket alone when the server lacks PROTOCOL_AUTH_SELECTION",
    source: "spice-gtk spice-channel.c spice_channel_recv_link_msg",
    level: "must",
    covers: ["link/auth-selection=absent"],
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
