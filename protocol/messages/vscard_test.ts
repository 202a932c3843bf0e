import assert from "node:assert/strict";
import { ProtocolError } from "../errors.ts";
import { arbitrary } from "../schema/arbitrary.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { Wire } from "../schema/wire.ts";
import { VscMessageType } from "./enums.ts";
import { SmartcardData } from "./smartcard.ts";
import {
  decodeVscBody,
  VSC_HEADER_BYTES,
  VSCARD_MAGIC,
  VSCARD_UNDEFINED_READER_ID,
  VSCARD_VERSION,
  VscDeviceError,
  VscDeviceHeader,
  VscError,
  VscErrorCode,
  VscInit,
  vscMessageBody,
  vscMessages,
} from "./vscard.ts";

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));

/** Asserts what `text` means, and that the meaning gives `text` again. */
function assertWire<T>(wire: Wire<T>, text: string, value: T): void {
  assert.deepEqual(decode(wire, hex(text), { exact: true }), value);
  assert.deepEqual(encodeBytes(wire, value), hex(text));
}

Deno.test("every smartcard body comes back from its own encoding", () => {
  for (const { wire, name } of [...vscMessages, VscDeviceError]) {
    for (let seed = 0; seed < 20; seed++) {
      const value: unknown = arbitrary<unknown>(wire, seed);
      assert.deepEqual(decode<unknown>(wire, encodeBytes<unknown>(wire, value), { exact: true }), value, name);
    }
  }
});

Deno.test("the same header is little-endian on the channel and big-endian at the device", () => {
  const message = { type: VscMessageType.APDU, readerId: 1, data: hex("00a40400") };
  assertWire(SmartcardData.wire, "07000000 01000000 04000000 00a40400", message);
  assertWire(VscDeviceHeader, "00000007 00000001 00000004 00a40400", message);
  assert.equal(VscDeviceHeader.min, VSC_HEADER_BYTES);
});

Deno.test("errors are little-endian from server and client, big-endian from the device", () => {
  const value = { code: VscErrorCode.CANNOT_ADD_MORE_READERS };
  assertWire(VscError.wire, "02000000", value);
  assertWire(VscDeviceError.wire, "00000002", value);
});

Deno.test("Init is magic, then big-endian numbers, as QEMU sends it", () => {
  assertWire(VscInit.wire, "56534344 00000002 00000000", {
    magic: VSCARD_MAGIC,
    version: VSCARD_VERSION,
    capabilities: [0],
  });
});

Deno.test("decodeVscBody() knows the 9 types and refuses others", () => {
  for (let type = 1; type <= 9; type++) assert.equal(vscMessageBody(type)?.id, type);
  const added = { type: VscMessageType.ReaderAdd, readerId: VSCARD_UNDEFINED_READER_ID, data: hex("6869") };
  assert.deepEqual(decodeVscBody(added), { name: "VSC_ReaderAdd", value: { name: hex("6869") } });
  assert.throws(() => decodeVscBody({ type: 10, data: hex("") }), (error) => {
    return error instanceof ProtocolError && error.code === "unknown-message";
  });
});
