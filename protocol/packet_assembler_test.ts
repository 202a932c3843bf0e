import assert from "node:assert/strict";
import { PacketAssembler } from "./packet_assembler.ts";

/** Packets of one length byte and a body. */
function assembler(most = 255): PacketAssembler<string> {
  return new PacketAssembler({
    headerBytes: () => 1,
    bodyBytes: (header) => {
      if (header[0]! > most) throw new RangeError("too large");
      return header[0]!;
    },
    finish: (header, body) => `${header[0]}:${new TextDecoder().decode(body)}`,
  });
}

const STREAM = Uint8Array.of(2, 97, 98, 0, 0, 3, 99, 100, 101);

Deno.test("PacketAssembler gives the same packets for every split in two", () => {
  const whole = assembler().receive(STREAM);
  assert.deepEqual(whole, ["2:ab", "0:", "0:", "3:cde"]);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parts = assembler();
    assert.deepEqual([...parts.receive(STREAM.subarray(0, cut)), ...parts.receive(STREAM.subarray(cut))], whole);
    assert.equal(parts.idle, true);
  }
});

Deno.test("PacketAssembler gives a packet with its last byte, not later", () => {
  const parts = assembler();
  const counts = Array.from(STREAM, (byte) => parts.receive(Uint8Array.of(byte)).length);
  assert.deepEqual(counts, [0, 0, 1, 1, 1, 0, 0, 0, 1]);
});

Deno.test("PacketAssembler is idle only between packets", () => {
  const parts = assembler();
  assert.equal(parts.idle, true);
  parts.receive(Uint8Array.of(2));
  assert.equal(parts.idle, false);
  parts.receive(Uint8Array.of(97, 98));
  assert.equal(parts.idle, true);
});

Deno.test("PacketAssembler throws what the format throws", () => {
  assert.throws(() => assembler(2).receive(STREAM), /too large/);
});

Deno.test("PacketAssembler asks for the header's length again after each packet, and keeps long bodies whole", () => {
  let long = false;
  const parts = new PacketAssembler({
    headerBytes: () => long ? 8 : 4,
    bodyBytes: (header) => new DataView(header.buffer).getUint32(0, true),
    finish: (header, body) => {
      long = true;
      return { header, body };
    },
  });
  const stream = new Uint8Array(4 + 1 + 8 + 100_000).map((_, i) => i * 7);
  new DataView(stream.buffer).setUint32(0, 1, true);
  new DataView(stream.buffer).setUint32(5, 100_000, true);
  const packets = [];
  for (let at = 0; at < stream.length; at += 999) packets.push(...parts.receive(stream.subarray(at, at + 999)));
  assert.deepEqual(packets.map(({ header, body }) => [header.length, body.length]), [[4, 1], [8, 100_000]]);
  assert.deepEqual(packets[1]!.body, stream.subarray(13));
});
