import assert from "node:assert/strict";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { arbitrary } from "../schema/arbitrary.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import {
  decodeMigrateData,
  MIGRATE_DATA_DISPLAY_MAGIC,
  MIGRATE_DATA_INPUTS_MAGIC,
  MIGRATE_DATA_MAIN_MAGIC,
  MIGRATE_DATA_SMARTCARD_MAGIC,
  MIGRATE_DATA_SPICEVMC_MAGIC,
  MigrateDataDisplay,
  MigrateDataDisplayLossy,
  MigrateDataInputs,
  MigrateDataMain,
  MigrateDataSmartcard,
  MigrateDataSpicevmc,
} from "./migration_data.ts";

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
const ascii = (text: string) => new TextEncoder().encode(text);
const LAYOUTS = [
  MigrateDataMain,
  MigrateDataDisplay,
  MigrateDataDisplayLossy,
  MigrateDataInputs,
  MigrateDataSpicevmc,
  MigrateDataSmartcard,
];

function assertRefused(run: () => unknown, code: ProtocolErrorCode): void {
  assert.throws(run, (error) => error instanceof ProtocolError && error.code === code && error.by === "remote");
}

Deno.test("every layout of migration data comes back from its own encoding", () => {
  for (const wire of LAYOUTS) {
    for (let seed = 0; seed < 40; seed++) {
      const value: unknown = arbitrary<unknown>(wire, seed);
      assert.deepEqual(decode<unknown>(wire, encodeBytes<unknown>(wire, value), { exact: true }), value, wire.name);
    }
  }
});

Deno.test("migration data have the sizes of the reference's packed structs behind the header", () => {
  assert.deepEqual(LAYOUTS.map(({ min }) => min - 8), [57, 72, 72, 2, 25, 34]);
});

Deno.test("data yet to be written follow the body, and offsets count from the magic", () => {
  const bytes = hex(`
    53564d44 01000000
    01000000 01 0a000000 ffffffff 02000000 01000000 21000000
    6869`);
  const value = {
    magic: MIGRATE_DATA_SPICEVMC_MAGIC,
    version: 1,
    base: {
      version: 1,
      connected: 1,
      numClientTokens: 10,
      numSendTokens: 0xffffffff,
      writeNumClientTokens: 1,
      writeData: ascii("hi"),
    },
  };
  assert.deepEqual(decodeMigrateData(bytes), { is: "SPICEVMC", value });
  assert.deepEqual(encodeBytes(MigrateDataSpicevmc, value), bytes);
});

Deno.test("a partial message header of the agent comes after the data yet to be written", () => {
  const value = {
    magic: MIGRATE_DATA_MAIN_MAGIC,
    version: 1,
    agentBase: {
      version: 1,
      connected: 1,
      numClientTokens: 9,
      numSendTokens: 4,
      writeNumClientTokens: 1,
      writeData: ascii("write"),
    },
    clientAgentStarted: 1,
    agent2client: {
      chunkHeaderSize: 8,
      chunkHeader: { port: 1, size: 100 },
      msgHeaderDone: 0,
      msgHeader: ascii("half"),
      msgRemaining: 0,
      msgFilterResult: 0,
    },
    client2agent: { msgRemaining: 77, msgFilterResult: 1 },
  };
  const bytes = encodeBytes(MigrateDataMain, value);
  assert.equal(new TextDecoder().decode(bytes.subarray(65)), "writehalf");
  assert.deepEqual(decodeMigrateData(bytes), { is: "MAIN", value });
});

Deno.test("surfaces carry their lossy part when the caller says so", () => {
  const lossy: MigrateDataDisplayLossy = {
    ...arbitrary(MigrateDataDisplayLossy, 1),
    magic: MIGRATE_DATA_DISPLAY_MAGIC,
    version: 1,
    surfacesAtClient: { surfaces: [{ id: 3, lossyRect: { left: 0, top: -1, right: 640, bottom: 480 } }] },
  };
  const bytes = encodeBytes(MigrateDataDisplayLossy, lossy);
  assert.equal(bytes.length, 80 + 4 + 20);
  assert.deepEqual(decodeMigrateData(bytes, { lossy: true }), { is: "DISPLAY_LOSSY", value: lossy });
  const read = decodeMigrateData(bytes);
  assert.deepEqual(read.is === "DISPLAY" && read.value.surfacesAtClient, { surfaces: [{ id: 3 }] });
});

Deno.test("decodeMigrateData() tells the layouts apart by their magic", () => {
  const filled = (magic: number) => {
    const bytes = new Uint8Array(200);
    new DataView(bytes.buffer).setUint32(0, magic, true);
    new DataView(bytes.buffer).setUint32(76, 80, true);
    return decodeMigrateData(bytes).is;
  };
  assert.equal(filled(MIGRATE_DATA_MAIN_MAGIC), "MAIN");
  assert.equal(filled(MIGRATE_DATA_DISPLAY_MAGIC), "DISPLAY");
  assert.equal(filled(MIGRATE_DATA_INPUTS_MAGIC), "INPUTS");
  assert.equal(filled(MIGRATE_DATA_SPICEVMC_MAGIC), "SPICEVMC");
  assert.equal(filled(MIGRATE_DATA_SMARTCARD_MAGIC), "SMARTCARD");
});

Deno.test("decodeMigrateData() refuses unknown magics, later versions and offsets outside", () => {
  assertRefused(() => decodeMigrateData(hex("00000000 01000000")), "bad-tag");
  assertRefused(() => decodeMigrateData(hex("49434d44 02000000 0000")), "bad-version");
  assertRefused(() => decodeMigrateData(hex("49434d44 01000000 00")), "truncated");
  const device = "01000000 01 0a000000 0a000000";
  assertRefused(() => decodeMigrateData(hex(`53564d44 01000000 ${device} 02000000 00000000 ff000000`)), "bad-pointer");
  assertRefused(() => decodeMigrateData(hex(`53564d44 01000000 ${device} ffffffff 00000000 21000000`)), "truncated");
});
