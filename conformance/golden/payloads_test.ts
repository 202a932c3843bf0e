/**
 * What the captured messages carry: agent messages, usbredir packets, smartcard bodies and migration data, each decoded
 * without a byte left over and encoded again to the same bytes.
 */
import assert from "node:assert/strict";
import { type CapturedMessage, readCapture } from "../capture.ts";
import { agentAssembler, encodeAgentMessage } from "../../protocol/agent_stream.ts";
import { agentMessageBody, decodeAgentBody, type VDAgentMessage } from "../../protocol/messages/agent.ts";
import { ClientMigrateData, MigrateData } from "../../protocol/messages/base.ts";
import { ClientMainAgentData, MainAgentData } from "../../protocol/messages/main.ts";
import {
  decodeMigrateData,
  MigrateDataDisplay,
  MigrateDataInputs,
  MigrateDataMain,
} from "../../protocol/messages/migration_data.ts";
import { ClientSmartcardData, SmartcardData } from "../../protocol/messages/smartcard.ts";
import { SpicevmcCompressedData } from "../../protocol/messages/spicevmc.ts";
import { usbredirPacket } from "../../protocol/messages/usbredir_packets.ts";
import { decodeVscBody, vscMessageBody } from "../../protocol/messages/vscard.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message, Sender } from "../../protocol/schema/message.ts";
import type { Wire } from "../../protocol/schema/wire.ts";
import { text } from "../../protocol/text.ts";
import {
  decodeUsbredirBody,
  encodeUsbredirPacket,
  type UsbredirPacket,
  UsbredirStream,
} from "../../protocol/usbredir_stream.ts";

Deno.test("agent-and-port: 15 agent messages, and the 88 AGENT_DATA that carry them", () => {
  const main = channelsOf("agent-and-port", "main")[0]!;
  const bodies = {
    client: valuesOf(main.messages.client, ClientMainAgentData).map(({ data }) => data),
    server: valuesOf(main.messages.server, MainAgentData).map(({ data }) => data),
  };
  const messages = { client: assemble(bodies.client), server: assemble(bodies.server) };
  const caps = inBoth(announced(messages.client), announced(messages.server));
  const names: string[] = [];
  for (const side of ["client", "server"] as const) {
    const again = messages[side].flatMap((message) => {
      const { name, value } = decodeAgentBody(message, caps);
      const body = agentMessageBody(message.type, caps)!;
      names.push(`${side} ${name}`);
      assertSame(body.wire, message.data, name);
      return encodeAgentMessage(body, value);
    });
    assert.deepEqual(again, bodies[side]);
  }
  assert.equal(bodies.client.length + bodies.server.length, 88);
  assert.deepEqual(names, [
    "client VD_AGENT_ANNOUNCE_CAPABILITIES",
    "client VD_AGENT_MAX_CLIPBOARD",
    "client VD_AGENT_AUDIO_VOLUME_SYNC",
    "client VD_AGENT_AUDIO_VOLUME_SYNC",
    "client VD_AGENT_CLIPBOARD_GRAB",
    "client VD_AGENT_FILE_XFER_START",
    "client VD_AGENT_FILE_XFER_START",
    "client VD_AGENT_FILE_XFER_DATA",
    "client VD_AGENT_FILE_XFER_DATA",
    "client VD_AGENT_MONITORS_CONFIG",
    "client VD_AGENT_FILE_XFER_DATA",
    "server VD_AGENT_ANNOUNCE_CAPABILITIES",
    "server VD_AGENT_FILE_XFER_STATUS",
    "server VD_AGENT_FILE_XFER_STATUS",
    "server VD_AGENT_FILE_XFER_STATUS",
  ]);
});

Deno.test("agent-and-port: one byte at a time gives the same agent messages", () => {
  const main = channelsOf("agent-and-port", "main")[0]!;
  const bodies = valuesOf(main.messages.client, ClientMainAgentData).map(({ data }) => data);
  const assembler = agentAssembler();
  const messages: VDAgentMessage[] = [];
  for (const byte of concat(bodies)) messages.push(...assembler.receive(Uint8Array.of(byte)));
  assert.deepEqual(messages, assemble(bodies));
  assert.equal(assembler.idle, true);
});

Deno.test("qemu-usbredir: 57 packets, 2 of them compressed", () => {
  const counts = new Map<string, number>();
  let packets = 0, compressed = 0;
  for (const { messages } of channelsOf("qemu-usbredir", "usbredir")) {
    const parts = { client: usbredirParts(messages.client), server: usbredirParts(messages.server) };
    compressed += parts.client.compressed + parts.server.compressed;
    // Both sides say hello first, and what follows depends on both hellos.
    const hellos = { client: hello(parts.client.parts[0]!), server: hello(parts.server.parts[0]!) };
    for (const [side, other] of [["client", "server"], ["server", "client"]] as const) {
      const stream = new UsbredirStream(hellos[other]);
      for (const part of parts[side].parts) {
        const received = stream.receive(part);
        assert.equal(received.length, 1, "spice-gtk and QEMU send one packet in each message");
        for (const packet of received) {
          const { name, value } = decodeUsbredirBody(packet, stream.caps);
          const declaration = usbredirPacket(packet.type, stream.caps)!;
          assertSame(declaration.wire, packet.body, name);
          assert.deepEqual(concat(encodeUsbredirPacket(declaration, value, packet.id, stream.caps)), part);
          counts.set(`${side} ${name}`, (counts.get(`${side} ${name}`) ?? 0) + 1);
          packets++;
        }
      }
      assert.equal(stream.idle, true);
    }
  }
  assert.deepEqual(Object.fromEntries(counts), {
    "client usb_redir_hello": 4,
    "client usb_redir_ep_info": 1,
    "client usb_redir_interface_info": 1,
    "client usb_redir_device_connect": 1,
    "client usb_redir_configuration_status": 1,
    "client usb_redir_control_packet": 4,
    "client usb_redir_bulk_packet": 16,
    "server usb_redir_hello": 4,
    "server usb_redir_reset": 4,
    "server usb_redir_control_packet": 4,
    "server usb_redir_set_configuration": 1,
    "server usb_redir_bulk_packet": 16,
  });
  assert.equal(packets, 57);
  assert.equal(compressed, 2);
});

Deno.test("qemu-smartcard-idle: 4 smartcard messages", () => {
  const { client, server } = channelsOf("qemu-smartcard-idle", "smartcard")[0]!.messages;
  const read = [...valuesOf(client, ClientSmartcardData), ...valuesOf(server, SmartcardData)].map((message) => {
    const body = decodeVscBody(message);
    assertSame(vscMessageBody(message.type)!.wire, message.data, body.name);
    return [message.readerId, body] as const;
  });
  const ascii = (value: string) => new TextEncoder().encode(value);
  const none = 0xffffffff;
  assert.deepEqual(read, [
    [none, { name: "VSC_ReaderAdd", value: { name: ascii("Spice Software Smartcard") } }],
    [0, { name: "VSC_ATR", value: { atr: Uint8Array.of(0x3b, 0x7a, 0x18, 0, 0, ...ascii("sfte cd144")) } }],
    [0, { name: "VSC_Error", value: { code: 0 } }],
    [0, { name: "VSC_Error", value: { code: 0 } }],
  ]);
});

Deno.test("migration-seamless: migration data of 3 channels at the source, the same at the target", () => {
  const bodies = (name: string, side: Sender, message: Message<string, { readonly data: Uint8Array }>) => {
    const found = readCapture(name).connections
      .flatMap(({ channel, messages }) => {
        return valuesOf(messages[side], message).map(({ data }) => [channel.name, data] as const);
      });
    return new Map(found);
  };
  const left = bodies("migration-seamless-source", "server", MigrateData);
  const came = bodies("migration-seamless-target", "client", ClientMigrateData);
  assert.deepEqual([...left.keys()].sort(), ["display", "inputs", "main"]);
  for (const [channel, body] of left) assert.deepEqual(came.get(channel), body, channel);

  const main = left.get("main")!, display = left.get("display")!, inputs = left.get("inputs")!;
  assertSame(MigrateDataMain, main, "main");
  assertSame(MigrateDataDisplay, display, "display");
  assertSame(MigrateDataInputs, inputs, "inputs");
  assert.deepEqual(decodeMigrateData(inputs), {
    is: "INPUTS",
    value: { magic: 0x444d4349, version: 1, motionCount: 0 },
  });
  const told = decodeMigrateData(display);
  assert.equal(told.is, "DISPLAY");
  assert.deepEqual(told.value, {
    magic: 0x444d4344,
    version: 1,
    messageSerial: 10n,
    lowBandwidthSetting: 0,
    pixmapCacheId: 1,
    pixmapCacheSize: 20971520n,
    pixmapCacheFreezer: 1,
    pixmapCacheClients: [0n, 0n, 0n, 0n],
    glzDictId: 1,
    glzDictData: { size: 6290432, maxEncoders: 4, lastImageId: 0n },
    surfacesAtClient: { surfaces: [{ id: 0 }] },
  });
});

function channelsOf(capture: string, channel: string) {
  return readCapture(capture).connections.filter((connection) => connection.channel.name === channel);
}

function valuesOf<T>(messages: readonly CapturedMessage[], message: Message<string, T>): T[] {
  return messages.filter(({ type }) => type === message.id).map(({ body }) => decode(message.wire, body));
}

function assemble(bodies: readonly Uint8Array[]): VDAgentMessage[] {
  const assembler = agentAssembler();
  return bodies.flatMap((body) => assembler.receive(body));
}

function announced(messages: readonly VDAgentMessage[]): readonly number[] {
  for (const message of messages) {
    const { name, value } = decodeAgentBody(message, []);
    if (name === "VD_AGENT_ANNOUNCE_CAPABILITIES") return value.caps;
  }
  return assert.fail("no capabilities announced");
}

function inBoth(one: readonly number[], other: readonly number[]): number[] {
  return one.map((word, i) => (word & (other[i] ?? 0)) >>> 0);
}

function hello(part: Uint8Array): readonly number[] {
  const packets: UsbredirPacket[] = new UsbredirStream([]).receive(part);
  const { name, value } = decodeUsbredirBody(packets[0]!, []);
  if (name !== "usb_redir_hello") return assert.fail(`${name} before the hello`);
  assert.match(text(value.version), /^(spice-gtk 0\.42|qemu usb-redir guest 7\.2\.22)$/);
  return value.capabilities;
}

/** The stream of a channel, as the messages cut it, after decompression. */
function usbredirParts(messages: readonly CapturedMessage[]): { parts: Uint8Array[]; compressed: number } {
  const parts: Uint8Array[] = [];
  let compressed = 0;
  for (const { type, body } of messages) {
    if (type === 101) parts.push(body);
    if (type === SpicevmcCompressedData.id) {
      const { compression, compressedData } = decode(SpicevmcCompressedData.wire, body);
      if (compression.is !== "LZ4") return assert.fail(compression.is);
      parts.push(unLz4(compressedData, compression.value));
      compressed++;
    }
  }
  return { parts, compressed };
}

/** Expands one LZ4 block. Only for the two messages here: it trusts its input. */
function unLz4(block: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0, used = 0;
  const longer = (length: number): number => {
    if (length < 15) return length;
    for (let more = 255; more === 255; length += more) more = block[at++]!;
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = longer(token >> 4);
    out.set(block.subarray(at, at + literals), used);
    at += literals;
    used += literals;
    if (at >= block.length) break;
    const distance = block[at]! | block[at + 1]! << 8;
    at += 2;
    for (let left = longer(token & 15) + 4; left > 0; left--, used++) out[used] = out[used - distance]!;
  }
  assert.equal(used, size);
  return out;
}

function assertSame<T>(wire: Wire<T>, body: Uint8Array, where: string): void {
  const value = decode(wire, body, { exact: true });
  assert.deepEqual(encodeBytes(wire, value), body, where);
}
