import assert from "node:assert/strict";
import { wordsOfCaps } from "./capabilities.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import {
  UsbredirBulkPacket,
  UsbredirCap,
  UsbredirDeviceConnect,
  UsbredirHello,
  UsbredirReset,
  UsbredirType,
} from "./messages/usbredir_packets.ts";
import { concat } from "./schema/encode.ts";
import { decodeUsbredirBody, encodeUsbredirPacket, UsbredirStream } from "./usbredir_stream.ts";

const ALL = wordsOfCaps(Object.values(UsbredirCap));
const SHORT_IDS = wordsOfCaps([UsbredirCap.CONNECT_DEVICE_VERSION]);
const BULK = { endpoint: 1, status: 0, length: 5000, streamId: 0, lengthHigh: 0, data: new Uint8Array(5000).fill(7) };

const hello = (capabilities: readonly number[]) => {
  return concat(encodeUsbredirPacket(UsbredirHello, { version: new Uint8Array(64), capabilities }, 0n, ALL));
};

function assertRefused(run: () => unknown, code: ProtocolErrorCode, by = "remote"): void {
  assert.throws(run, (error) => error instanceof ProtocolError && error.code === code && error.by === by);
}

Deno.test("UsbredirStream changes to 64-bit ids after the peer's hello, in any split", () => {
  const id = 0x123456789abcn;
  const stream = concat([
    hello(ALL),
    ...encodeUsbredirPacket(UsbredirBulkPacket, BULK, id, ALL),
    ...encodeUsbredirPacket(UsbredirReset, {}, 0n, ALL),
  ]);
  assert.equal(stream.length, 12 + 68 + 16 + 5010 + 16);
  for (const size of [1, 11, 80, 81, stream.length]) {
    const peer = new UsbredirStream(ALL);
    assert.deepEqual(peer.caps, []);
    const got = [];
    for (let at = 0; at < stream.length; at += size) got.push(...peer.receive(stream.subarray(at, at + size)));
    assert.deepEqual(got.map(({ type, id }) => [type, id]), [
      [UsbredirType.HELLO, 0n],
      [UsbredirType.BULK_PACKET, id],
      [UsbredirType.RESET, 0n],
    ]);
    assert.deepEqual(peer.caps, ALL);
    assert.deepEqual(decodeUsbredirBody(got[1]!, peer.caps), { name: "usb_redir_bulk_packet", value: BULK });
    assert.equal(peer.idle, true);
  }
});

Deno.test("UsbredirStream keeps 32-bit ids when one side lacks the capability", () => {
  const reset = concat(encodeUsbredirPacket(UsbredirReset, {}, 9n, SHORT_IDS));
  assert.equal(reset.length, 12);
  for (const [own, theirs] of [[ALL, SHORT_IDS], [SHORT_IDS, ALL]] as const) {
    const peer = new UsbredirStream(own);
    const got = peer.receive(concat([hello(theirs), reset]));
    assert.deepEqual(got[1], { type: UsbredirType.RESET, id: 9n, body: new Uint8Array(0) });
    assert.deepEqual(peer.caps, SHORT_IDS);
  }
});

Deno.test("UsbredirStream takes a hello without capabilities", () => {
  const peer = new UsbredirStream(ALL);
  peer.receive(hello([]));
  assert.deepEqual(peer.caps, []);
});

Deno.test("UsbredirStream refuses a packet over the limit and a damaged hello", () => {
  const limits = { ...DEFAULT_LIMITS, messageBytes: 100 };
  const bulk = concat(encodeUsbredirPacket(UsbredirBulkPacket, BULK, 0n, []));
  assertRefused(() => new UsbredirStream(ALL, limits).receive(bulk), "too-large");
  const short = Uint8Array.from([0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
  assertRefused(() => new UsbredirStream(ALL).receive(short), "truncated");
});

Deno.test("decodeUsbredirBody() refuses unknown types and short bodies", () => {
  assertRefused(() => decodeUsbredirBody({ type: 99, id: 0n, body: new Uint8Array(4) }, ALL), "unknown-message");
  const connect = { type: UsbredirType.DEVICE_CONNECT, id: 0n, body: new Uint8Array(8) };
  assertRefused(() => decodeUsbredirBody(connect, ALL), "truncated");
  assert.equal(decodeUsbredirBody(connect, []).name, "usb_redir_device_connect_no_device_version");
});

Deno.test("encodeUsbredirPacket() refuses an id that 32 bits cannot hold", () => {
  const value = { speed: 2, deviceClass: 0, deviceSubclass: 0, deviceProtocol: 0, vendorId: 1, productId: 2 };
  const packet = { ...value, deviceVersionBcd: 0x200 };
  assertRefused(
    () => encodeUsbredirPacket(UsbredirDeviceConnect, packet, 1n << 32n, SHORT_IDS),
    "bad-value",
    "local",
  );
});
