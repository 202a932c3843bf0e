import assert from "node:assert/strict";
import { type CapturedMessage, readCapture } from "../capture.ts";
import { pcapOf } from "./pcap.ts";

Deno.test("pcapOf() writes every byte of whole messages once, in TCP's order, each unit in packets of its own", () => {
  const capture = readCapture("libspice-heads");
  const { bytes, units } = pcapOf(capture, 5930, () => false);
  const packets = readPackets(bytes);
  const connections = capture.connections.length;
  for (let i = 0; i < connections; i++) {
    const { streams, cutOff } = capture.connections[i]!;
    assert.deepEqual(
      joinedData(packets, 40_000 + i, 5930),
      streams.client.subarray(0, streams.client.length - cutOff.client),
    );
    assert.deepEqual(
      joinedData(packets, 5930, 40_000 + i),
      streams.server.subarray(0, streams.server.length - cutOff.server),
    );
  }
  const messages = capture.connections.flatMap(({ messages }) => [...messages.client, ...messages.server]);
  assert.equal(units.filter(({ is }) => typeof is !== "string").length, messages.length);
  for (const { is, frame, from, connection } of units) {
    const last = typeof is === "string" ? null : connection.streams[from].subarray(is.offset, is.end);
    const { data } = packets[frame - 1]!;
    if (last !== null) assert.deepEqual(data, last.subarray(last.length - data.length));
    assert.ok(data.length > 0 && data.length <= 60_000);
  }
});

Deno.test("pcapOf() begins a new connection with the same link where the reader loses count", () => {
  const { connections: [main] } = readCapture("surfaces");
  const losing = main!.messages.client[0]!;
  const endsCount = (message: CapturedMessage) => message === losing;
  const packets = readPackets(pcapOf({ name: "one", connections: [main!], handshakes: [] }, 5930, endsCount).bytes);
  const { streams, link } = main!;
  const first = joinedData(packets, 40_000, 5930), second = joinedData(packets, 40_001, 5930);
  assert.deepEqual(first, streams.client.subarray(0, losing.end));
  assert.deepEqual(second.subarray(0, link.bytes.client), streams.client.subarray(0, link.bytes.client));
  assert.deepEqual(second.subarray(link.bytes.client), streams.client.subarray(losing.end));
  const servers = [joinedData(packets, 5930, 40_000), joinedData(packets, 5930, 40_001)];
  assert.equal(servers[0]!.length + servers[1]!.length, streams.server.length + link.bytes.server);
});

interface Packet {
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

function readPackets(file: Uint8Array): Packet[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  assert.equal(view.getUint32(0, true), 0xa1b2c3d4);
  assert.equal(view.getUint32(20, true), 101);
  const packets: Packet[] = [];
  for (let at = 24; at < file.length;) {
    const length = view.getUint32(at + 8, true);
    assert.ok(length <= view.getUint32(16, true), "no packet beyond the snapshot length");
    const ip = at + 16, tcp = ip + 20;
    assert.equal(view.getUint16(ip + 2), length);
    packets.push({
      fromPort: view.getUint16(tcp),
      toPort: view.getUint16(tcp + 2),
      sequence: view.getUint32(tcp + 4),
      data: file.subarray(tcp + 20, ip + length),
    });
    at = ip + length;
  }
  return packets;
}

/** What one side said, placed by sequence numbers. */
function joinedData(packets: readonly Packet[], fromPort: number, toPort: number): Uint8Array {
  const said = packets.filter((packet) => packet.fromPort === fromPort && packet.toPort === toPort);
  const all = new Uint8Array(said.reduce((sum, { data }) => sum + data.length, 0));
  // The SYN takes number 0.
  for (const { sequence, data } of said) if (data.length > 0) all.set(data, sequence - 1);
  return all;
}
