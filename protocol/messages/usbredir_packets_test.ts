import assert from "node:assert/strict";
import { wordsOfCaps } from "../capabilities.ts";
import { arbitrary } from "../schema/arbitrary.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { Message } from "../schema/message.ts";
import {
  UsbredirBufferedBulkPacket,
  UsbredirBulkPacket,
  UsbredirBulkPacket16,
  UsbredirCap,
  UsbredirControlPacket,
  UsbredirDeviceConnect,
  UsbredirDeviceConnectNoVersion,
  UsbredirEpInfo,
  UsbredirEpInfoNoStreams,
  UsbredirEpInfoPlain,
  UsbredirHeader32,
  UsbredirHeader64,
  usbredirPacket,
  usbredirPackets,
  UsbredirType,
} from "./usbredir_packets.ts";

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
const ALL = wordsOfCaps(Object.values(UsbredirCap));

/** Asserts what `text` means, and that the meaning gives `text` again. */
function assertWire<T>(packet: Message<string, T>, text: string, value: T): void {
  assert.deepEqual(decode(packet.wire, hex(text), { exact: true }), value);
  assert.deepEqual(encodeBytes(packet.wire, value), hex(text));
}

Deno.test("every usbredir packet comes back from its own encoding", () => {
  for (const { wire, name } of usbredirPackets) {
    for (let seed = 0; seed < 40; seed++) {
      const value: unknown = arbitrary<unknown>(wire, seed);
      assert.deepEqual(decode<unknown>(wire, encodeBytes<unknown>(wire, value), { exact: true }), value, name);
    }
  }
});

Deno.test("usbredir packets have the sizes of the reference's packed structs", () => {
  const sizes = Object.fromEntries(usbredirPackets.map(({ name, wire }) => [name.replace("usb_redir_", ""), wire.min]));
  assert.deepEqual(sizes, {
    hello: 64,
    device_connect_no_device_version: 8,
    device_connect: 10,
    device_disconnect: 0,
    reset: 0,
    interface_info: 132,
    ep_info_no_max_pktsz: 96,
    ep_info_no_max_streams: 160,
    ep_info: 288,
    set_configuration: 1,
    get_configuration: 0,
    configuration_status: 2,
    set_alt_setting: 2,
    get_alt_setting: 1,
    alt_setting_status: 3,
    start_iso_stream: 3,
    stop_iso_stream: 1,
    iso_stream_status: 2,
    start_interrupt_receiving: 1,
    stop_interrupt_receiving: 1,
    interrupt_receiving_status: 2,
    alloc_bulk_streams: 8,
    free_bulk_streams: 4,
    bulk_streams_status: 9,
    cancel_data_packet: 0,
    filter_reject: 0,
    filter_filter: 0,
    device_disconnect_ack: 0,
    start_bulk_receiving: 10,
    stop_bulk_receiving: 5,
    bulk_receiving_status: 6,
    control_packet: 10,
    bulk_packet_16bit_length: 8,
    bulk_packet: 10,
    iso_packet: 4,
    interrupt_packet: 4,
    buffered_bulk_packet: 10,
  });
  assert.deepEqual([UsbredirHeader32.min, UsbredirHeader64.min], [12, 16]);
});

Deno.test("usbredirPacket() chooses by the capabilities of both sides", () => {
  const chosen = (type: number, ...caps: number[]) => usbredirPacket(type, wordsOfCaps(caps));
  const { BULK_STREAMS, CONNECT_DEVICE_VERSION, EP_INFO_MAX_PACKET_SIZE } = UsbredirCap;
  assert.equal(chosen(UsbredirType.DEVICE_CONNECT), UsbredirDeviceConnectNoVersion);
  assert.equal(chosen(UsbredirType.DEVICE_CONNECT, CONNECT_DEVICE_VERSION), UsbredirDeviceConnect);
  assert.equal(chosen(UsbredirType.EP_INFO), UsbredirEpInfoPlain);
  assert.equal(chosen(UsbredirType.EP_INFO, EP_INFO_MAX_PACKET_SIZE), UsbredirEpInfoNoStreams);
  assert.equal(chosen(UsbredirType.EP_INFO, BULK_STREAMS), UsbredirEpInfo);
  assert.equal(chosen(UsbredirType.BULK_PACKET), UsbredirBulkPacket16);
  assert.equal(chosen(UsbredirType.BULK_PACKET, UsbredirCap["32BITS_BULK_LENGTH"]), UsbredirBulkPacket);
});

Deno.test("usbredirPacket() finds a layout of the right type for every type, and none for others", () => {
  const reached = new Set<string>();
  for (const caps of [[], ALL, wordsOfCaps([UsbredirCap.EP_INFO_MAX_PACKET_SIZE])]) {
    for (const type of Object.values(UsbredirType)) {
      const packet = usbredirPacket(type, caps);
      assert.equal(packet?.id, type);
      reached.add(packet!.name);
    }
    for (const type of [28, 99, 105, 0xffffffff]) assert.equal(usbredirPacket(type, caps), undefined);
  }
  assert.deepEqual([...reached].sort(), usbredirPackets.map(({ name }) => name).sort());
});

Deno.test("control and bulk packets as spice-gtk and QEMU send them", () => {
  assertWire(UsbredirControlPacket, "80 06 80 00 0001 0000 0800 12 01 10 02 00 00 00 40", {
    endpoint: 0x80,
    request: 6,
    requesttype: 0x80,
    status: 0,
    value: 0x100,
    index: 0,
    length: 8,
    data: hex("1201100200000040"),
  });
  assertWire(UsbredirBulkPacket, "81 00 0008 00000000 0100", {
    endpoint: 0x81,
    status: 0,
    length: 0x800,
    streamId: 0,
    lengthHigh: 1,
    data: hex(""),
  });
});

Deno.test("BUFFERED_BULK_PACKET derives its length from its data", () => {
  assertWire(UsbredirBufferedBulkPacket, "01000000 02000000 82 00 6869", {
    streamId: 1,
    endpoint: 0x82,
    status: 0,
    data: hex("6869"),
  });
});
