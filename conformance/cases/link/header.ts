/** The link header of a client, and what a server takes for one. */
import { LinkErr } from "../../../protocol/messages/enums.ts";
import { SpiceLinkHeader, SpiceLinkMess } from "../../../protocol/messages/link.ts";
import { MainChannelsList } from "../../../protocol/messages/main.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { accepts, answerTo, refuses } from "../../suite/refusal.ts";
import { linkBytes, withHeader } from "../../suite/server_peer.ts";
import { must } from "../../suite/verdict.ts";

/** A link message without capabilities, for main. */
const MESS = encodeBytes(SpiceLinkMess, { connectionId: 0, channelType: 1, channelId: 0, caps: null });
const MAGIC = LinkErr.INVALID_MAGIC, VERSION = LinkErr.VERSION_MISMATCH, DATA = LinkErr.INVALID_DATA;

export const header = group("link/header", "Link handshake: header")
  .server("magic", {
    title: "sends a stranger away who does not begin with REDQ",
    requirement: "The server MUST answer INVALID_MAGIC (2) and close",
    source: "spice-server reds.cpp reds_handle_read_magic_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_MAGIC"],
    run: async (peer) => {
      await refuses(
        await answerTo(peer, withHeader(MESS, { magic: 0x51444553 }), "REDQ with another first byte"),
        MAGIC,
      );
      await mustServe(peer, "a wrong magic");
    },
  })
  .server("http", {
    title: "closes on a web browser",
    requirement: "The server MUST close the connection of a client that speaks HTTP",
    source: "spice-server reds.cpp reds_handle_read_magic_done, red-stream.cpp red_stream_is_websocket",
    level: "must",
    run: async (peer) => {
      const wire = await peer.connect();
      await wire.send(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "an HTTP request");
      must(await wire.closes(), "the connection stays open");
      await mustServe(peer, "an HTTP request");
    },
  })
  .server("newer-major", {
    title: "sends away who speaks a newer major version",
    requirement: "The server MUST answer VERSION_MISMATCH (4) to major version 3 and close",
    source: "spice-server reds.cpp reds_handle_read_header_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=VERSION_MISMATCH"],
    run: async (peer) => await refuses(await answerTo(peer, headOnly({ majorVersion: 3 }), "version 3.2"), VERSION),
  })
  .server("older-major", {
    title: "sends away who speaks an older major version",
    requirement: "The server MUST answer VERSION_MISMATCH (4) to major version 1 and close",
    source: "spice-server reds.cpp reds_handle_read_header_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=VERSION_MISMATCH"],
    run: async (peer) => await refuses(await answerTo(peer, headOnly({ majorVersion: 1 }), "version 1.2"), VERSION),
  })
  .server("other-minor", {
    title: "lets a client of another minor version in",
    requirement: "The server MUST NOT look at the minor version of its client",
    source: "spice-server reds.cpp reds_handle_read_header_done (compares major_version alone)",
    level: "must",
    run: async (peer) => {
      for (const minorVersion of [0, 1, 99]) {
        const outcome = await peer.link({
          send: (wire, bytes, what) => {
            if (what === "SpiceLinkMess") new DataView(bytes.buffer, bytes.byteOffset).setUint32(8, minorVersion, true);
            return wire.send(bytes, what);
          },
        });
        accepts(outcome);
        outcome.wire.close();
      }
    },
  })
  .server("size-zero", {
    title: "refuses a link message of no bytes",
    requirement: "The server MUST answer INVALID_DATA (3) to a size of 0 and close",
    source: "spice-server reds.cpp reds_handle_read_header_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => await refuses(await answerTo(peer, headOnly({ size: 0 }), "size 0"), DATA),
  })
  .server("size-small", {
    title: "refuses a link message that is a byte too short",
    requirement: "The server MUST answer INVALID_DATA (3) to a size below the 18 bytes of a SpiceLinkMess",
    source: "spice-server reds.cpp reds_handle_read_header_done",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => await refuses(await answerTo(peer, headOnly({ size: MESS.length - 1 }), "size 17"), DATA),
  })
  .server("size-most", {
    title: "takes a link message of 4096 bytes",
    requirement: "The server MUST take link messages of up to 4096 bytes, and pass over what stands behind the words",
    source: "spice-server reds.cpp reds_handle_read_header_done",
    level: "must",
    run: async (peer) => {
      accepts(
        await peer.link({
          send: (wire, bytes, what) => {
            if (what !== "SpiceLinkMess") return wire.send(bytes, what);
            const body = new Uint8Array(4096);
            body.set(bytes.subarray(SpiceLinkHeader.min));
            return wire.send(withHeader(body), "SpiceLinkMess with bytes behind it");
          },
        }),
      );
    },
  })
  .server("size-over", {
    title: "refuses a link message that is larger than any",
    requirement: "The server MUST answer INVALID_DATA (3) to sizes over its limit before it has read the message",
    source: "spice-server reds.cpp reds_handle_read_header_done (4096), CVE-2016-9578",
    level: "must",
    covers: ["link/server/SpiceLinkReply/error=INVALID_DATA"],
    run: async (peer) => {
      for (const size of [0x10000, 0x7fffffff, 0xffffffff]) {
        await refuses(await answerTo(peer, headOnly({ size }), `size ${size}`), DATA);
      }
      await mustServe(peer, "sizes over its limit");
    },
  })
  .server("bytes", {
    title: "reads a handshake that comes in single bytes",
    requirement: "The server MUST read link message, mechanism and ticket in any split",
    source: "spice-server red-stream.cpp red_stream_async_read",
    level: "must",
    run: async (peer) => {
      accepts(
        await peer.link({
          send: async (wire, bytes, what) => {
            for (const [i, byte] of bytes.entries()) await wire.send(Uint8Array.of(byte), `${what}, byte ${i}`);
          },
        }),
      );
    },
  })
  .server("at-once", {
    title: "reads what comes in one segment",
    requirement: "The server MUST read ticket and first messages that come behind each other at once",
    source: "spice-server reds.cpp reds_get_spice_ticket (reads the ticket's bytes, no more)",
    level: "must",
    run: async (peer) => {
      const held: Uint8Array[] = [];
      const { talk } = await peer.link({
        send: async (wire, bytes, what) => {
          if (what === "SpiceLinkMess") return await wire.send(bytes, what);
          held.push(bytes);
          if (what !== "SpiceLinkEncryptedTicket") return true;
          // MAIN_ATTACH_CHANNELS behind a mini header.
          return await wire.send(
            concat([...held, Uint8Array.of(104, 0, 0, 0, 0, 0)]),
            "mechanism, ticket and a message",
          );
        },
      });
      must(talk !== null, "the link does not come to its end");
      await talk.expect(MainChannelsList);
    },
  })
  .server("early-leaver", {
    title: "forgets a client that leaves in the middle of its words",
    requirement: "The server MUST serve the next client when one hangs up anywhere in its handshake",
    source: "spice-server reds.cpp reds_handle_link_error",
    level: "must",
    run: async (peer) => {
      const whole = linkBytes({});
      for (const count of [0, 1, 4, 15, 16, 17, whole.length - 1, whole.length]) {
        const wire = await peer.connect();
        await wire.send(whole.subarray(0, count), `the first ${count} bytes`);
        wire.close();
      }
      await mustServe(peer, "handshakes that are broken off");
    },
  })
  .server("silence", {
    title: "closes on clients that say nothing, half a header, or no ticket",
    requirement: "The server SHOULD close connections whose handshake does not come to its end within a minute",
    source: "spice-server reds.cpp reds_handle_new_link (which sets no time limit)",
    level: "should",
    timeoutMs: 40_000,
    run: async (peer) => {
      const whole = linkBytes({}), wires = [];
      for (const bytes of [whole.subarray(0, 0), whole.subarray(0, 9), whole]) {
        const wire = await peer.connect();
        await wire.send(bytes, `the first ${bytes.length} bytes`);
        wires.push(wire);
      }
      const closed = await Promise.all(wires.map((wire) => wire.closes(30_000)));
      must(
        closed.every((one) => one),
        `of silence, half a header and no ticket it bears ${closed.filter((one) => !one).length}`,
      );
    },
  });

function headOnly(wrong: Parameters<typeof withHeader>[1] = {}): Uint8Array {
  return withHeader(MESS, wrong).subarray(0, SpiceLinkHeader.min);
}
