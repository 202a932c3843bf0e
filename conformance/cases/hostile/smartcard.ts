/** Lengths and readers that do not hold, from a client of the smartcard channel. */
import { SmartcardData } from "../../../protocol/messages/smartcard.ts";
import { VscMessageType } from "../../../protocol/messages/enums.ts";
import { encodeBytes } from "../../../protocol/schema/encode.ts";
import { mustServe } from "../../suite/alive.ts";
import { group, type ServerCase } from "../../suite/case.ts";

export const smartcard = group("hostile/smartcard", "Hostile peers: the smartcard channel")
  .server(
    "length",
    bears("an APDU whose length is not that of the message", "smartcard.cpp smartcard_channel_write_to_reader", [
      vscMessage(VscMessageType.ReaderAdd, 0, new Uint8Array(0)),
      vscMessage(VscMessageType.APDU, 0, new Uint8Array(4), 0x7fffffff),
    ]),
  )
  .server(
    "short",
    bears("a message that ends within its header", "smartcard-channel-client.cpp handle_message", [
      vscMessage(VscMessageType.ReaderAdd, 0, new Uint8Array(0)).subarray(0, 6),
    ]),
  )
  .server(
    "long",
    bears("an APDU of 60,000 bytes", "smartcard.cpp smartcard_read_buf_prepare, CVE-2016-0749", [
      vscMessage(VscMessageType.ReaderAdd, 0, new Uint8Array(0)),
      vscMessage(VscMessageType.APDU, 0, new Uint8Array(60_000).fill(0x41)),
    ]),
  )
  .server(
    "reader",
    bears("messages for readers that there are not", "smartcard-channel-client.cpp remove_reader, handle_message", [
      vscMessage(VscMessageType.ReaderRemove, 9, new Uint8Array(0)),
      vscMessage(VscMessageType.APDU, 0xffffffff, new Uint8Array(4)),
    ]),
  );

/** A case of SMARTCARD_DATA bodies after which the server may do with this client as it likes. */
function bears(what: string, source: string, bodies: readonly Uint8Array[]): ServerCase {
  return {
    title: `bears ${what}`,
    requirement: `The server MUST bear ${what}, and serve the next client`,
    source: `spice-server ${source}`,
    level: "must",
    run: async (peer) => {
      const channel = await (await peer.session()).open("smartcard");
      for (const body of bodies) await channel.sendBody(SmartcardData.id, body, "SMARTCARD_DATA");
      await channel.closes(400);
      await mustServe(peer, what);
    },
  };
}

/** A SMARTCARD_DATA body. @param length What it says of its data, when that is wrong. */
function vscMessage(type: number, readerId: number, data: Uint8Array, length = data.length): Uint8Array {
  const body = encodeBytes(SmartcardData.wire, { type, readerId, data });
  new DataView(body.buffer, body.byteOffset).setUint32(8, length, true);
  return body;
}
