import assert from "node:assert/strict";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { Wire } from "../schema/wire.ts";
import { ProtocolError } from "../errors.ts";
import {
  DATA_HEADER_BYTES,
  LINK_HEADER_BYTES,
  MINI_DATA_HEADER_BYTES,
  SaslClientStep,
  SaslMechanism,
  SaslMechanisms,
  SaslReject,
  SaslServerStep,
  SPICE_MAGIC,
  SpiceDataHeader,
  SpiceLinkEncryptedTicket,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceMiniDataHeader,
  SpiceSubMessageList,
} from "./link.ts";

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
const ascii = (text: string) => new TextEncoder().encode(text);

/** Bytes to value to bytes. */
function roundTrip<T>(wire: Wire<T>, body: Uint8Array, value: T): void {
  assert.deepEqual(decode(wire, body, { exact: true }), value);
  assert.deepEqual(encodeBytes(wire, value), body);
}

Deno.test("link header and message as spice-gtk sends them for a main channel", () => {
  const stream = hex("5245445102000000020000001a000000 000000000100010000000100000012000000 0d000000 0f000000");
  roundTrip(SpiceLinkHeader, stream.subarray(0, LINK_HEADER_BYTES), {
    magic: SPICE_MAGIC,
    majorVersion: 2,
    minorVersion: 2,
    size: 26,
  });
  roundTrip(SpiceLinkMess, stream.subarray(LINK_HEADER_BYTES), {
    connectionId: 0,
    channelType: 1,
    channelId: 0,
    caps: { common: [13], channel: [15] },
  });
});

Deno.test("link message with common capabilities only, as spice-gtk sends it for an inputs channel", () => {
  roundTrip(SpiceLinkMess, hex("275aa20f 03 00 01000000 00000000 12000000 0d000000"), {
    connectionId: 0x0fa25a27,
    channelType: 3,
    channelId: 0,
    caps: { common: [13], channel: [] },
  });
});

Deno.test("link message without capabilities keeps both forms of its offset", () => {
  const link = { connectionId: 1, channelType: 2, channelId: 3 };
  roundTrip(SpiceLinkMess, hex("01000000 02 03 00000000 00000000 12000000"), {
    ...link,
    caps: { common: [], channel: [] },
  });
  roundTrip(SpiceLinkMess, hex("01000000 02 03 00000000 00000000 00000000"), { ...link, caps: null });
});

Deno.test("link message finds its capabilities where the offset says", () => {
  const body = hex("01000000 02 03 01000000 01000000 14000000 ffff 07000000 09000000");
  assert.deepEqual(decode(SpiceLinkMess, body).caps, { common: [7], channel: [9] });
});

Deno.test("link message with a hostile capability count is refused before anything is allocated", () => {
  for (const caps of ["ffffffff 00000000", "00000000 ffffffff", "00000080 00000080"]) {
    const body = hex(`01000000 02 03 ${caps} 12000000 0d000000`);
    assert.throws(() => decode(SpiceLinkMess, body), (error) => {
      return error instanceof ProtocolError && error.code === "bad-count";
    });
  }
  const body = hex("01000000 02 03 01000000 00000000 17000000 0d000000");
  assert.throws(() => decode(SpiceLinkMess, body), (error) => {
    return error instanceof ProtocolError && error.code === "bad-pointer";
  });
});

Deno.test("link reply, with capabilities and as an error", () => {
  const pubKey = Uint8Array.from({ length: 162 }, (_, i) => i);
  const head = encodeBytes(SpiceLinkReply, { error: 0, pubKey, caps: { common: [11], channel: [9] } });
  assert.equal(head.length, 186);
  assert.deepEqual(head.subarray(166), hex("01000000 01000000 b2000000 0b000000 09000000"));
  roundTrip(SpiceLinkReply, head, { error: 0, pubKey, caps: { common: [11], channel: [9] } });

  const refused = new Uint8Array(178);
  refused[0] = 7;
  roundTrip(SpiceLinkReply, refused, { error: 7, pubKey: new Uint8Array(162), caps: null });
});

Deno.test("ticket takes exactly 128 bytes", () => {
  const encryptedData = new Uint8Array(128).fill(5);
  roundTrip(SpiceLinkEncryptedTicket, encryptedData, { encryptedData });
  assert.throws(() => encodeBytes(SpiceLinkEncryptedTicket, { encryptedData: new Uint8Array(127) }), ProtocolError);
});

Deno.test("data headers and sub-message list", () => {
  const full = hex("0100000000000000 6700 20000000 00000000");
  assert.equal(full.length, DATA_HEADER_BYTES);
  roundTrip(SpiceDataHeader, full, { serial: 1n, type: 103, size: 32, subList: 0 });
  const mini = hex("6700 20000000");
  assert.equal(mini.length, MINI_DATA_HEADER_BYTES);
  roundTrip(SpiceMiniDataHeader, mini, { type: 103, size: 32 });
  roundTrip(SpiceSubMessageList, hex("0200 0a000000 20000000"), { subMessages: [10, 32] });
});

Deno.test("SASL exchange", () => {
  roundTrip(SaslMechanisms, hex("07000000 2c504c41494e2c"), { mechlist: ascii(",PLAIN,") });
  roundTrip(SaslMechanism, hex("05000000 504c41494e"), { mechname: ascii("PLAIN") });
  roundTrip(SaslClientStep, hex("00000000"), { data: new Uint8Array(0) });
  roundTrip(SaslClientStep, hex("01000000 00"), { data: new Uint8Array(1) });
  roundTrip(SaslServerStep, hex("02000000 4100 01"), { data: ascii("A\0"), complete: 1 });
  roundTrip(SaslReject, hex("03000000 6e6f00"), { reason: ascii("no\0") });
});
