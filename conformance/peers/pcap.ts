/** Writes a capture as packets, so that programs which read networks can read it. */

import type { Capture, CapturedConnection, CapturedMessage } from "../capture.ts";
import type { Sender } from "../../protocol/schema/message.ts";

/** A structure of the link. */
export type LinkPart = "link message" | "link reply" | "authentication mechanism" | "ticket" | "link result";

/** What one packet ends. */
export interface PcapUnit {
  readonly connection: CapturedConnection;
  readonly from: Sender;
  /** A message, or a structure of the link. */
  readonly is: CapturedMessage | LinkPart;
  /** Number of the packet that holds its last byte, from 1. */
  readonly frame: number;
}

/** A file for `tshark -r`. */
export interface Pcap {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In the order of their packets. */
  readonly units: readonly PcapUnit[];
}

/** TCP payload of one packet: what fits in an IPv4 packet. */
const SEGMENT_BYTES = 60_000;
/** Of IPv4 and TCP, without options. */
const HEADER_BYTES = 40;
const FIN = 1, SYN = 2, PSH = 8, ACK = 16;

/**
 * Lay out every connection of a capture as TCP on loopback, each message and each structure of the link in packets of
 * its own, in the order of the reads. Bytes of a message that the capture does not hold whole are left out.
 *
 * Where the bytes were cut into reads is lost on purpose: tshark 4.0 never leaves the link when the choice of an
 * authentication mechanism and the ticket share a packet.
 *
 * The packets are bare IPv4 (link type 101), with neither Ethernet headers nor checksums.
 *
 * @param capture One scenario.
 * @param port Of the server; clients count from 40000.
 * @param endsCount Tells after which messages the reader loses count of the bytes: there a new TCP connection begins,
 * with the same link, and the rest follows in it.
 */
export function pcapOf(capture: Capture, port: number, endsCount: (message: CapturedMessage) => boolean): Pcap {
  const packets: Uint8Array[] = [fileHeader()];
  const units: PcapUnit[] = [];
  let clientPort = 40_000;
  for (const connection of capture.connections) {
    const all = unitsOf(connection);
    const link = all.filter(({ is }) => typeof is === "string");
    let tcp = openTcp(packets, clientPort++, port, connection.reads[0]?.time ?? 0);
    for (const unit of all) {
      putUnit(tcp, connection, unit);
      units.push({ connection, from: unit.from, is: unit.is, frame: packets.length - 1 });
      if (typeof unit.is === "string" || !endsCount(unit.is)) continue;
      closeTcp(tcp, unit.time);
      tcp = openTcp(packets, clientPort++, port, unit.time);
      for (const part of link) putUnit(tcp, connection, { ...part, time: unit.time });
    }
    closeTcp(tcp, all.at(-1)?.time ?? 0);
  }
  return { bytes: joined(packets), units };
}

/** Writes one packet. */
type PutPacket = (time: number, from: Sender, flags: number, data?: Uint8Array) => void;

function openTcp(packets: Uint8Array[], clientPort: number, serverPort: number, time: number): PutPacket {
  const ports = { client: clientPort, server: serverPort };
  const sent = { client: 0, server: 0 };
  const put: PutPacket = (time, from, flags, data = new Uint8Array(0)) => {
    const to = otherOf(from);
    packets.push(packet(time, ports[from], ports[to], sent[from], flags & ACK ? sent[to] : 0, flags, data));
    sent[from] += data.length + (flags & (SYN | FIN) ? 1 : 0);
  };
  put(time, "client", SYN);
  put(time, "server", SYN | ACK);
  put(time, "client", ACK);
  return put;
}

function putUnit(put: PutPacket, connection: CapturedConnection, { from, start, end, time }: StreamUnit): void {
  for (let at = start; at < end; at += SEGMENT_BYTES) {
    // An acknowledgement before each further packet keeps within the window.
    if (at > start) put(time, otherOf(from), ACK);
    put(time, from, PSH | ACK, connection.streams[from].subarray(at, Math.min(at + SEGMENT_BYTES, end)));
  }
}

function closeTcp(put: PutPacket, time: number): void {
  put(time, "client", FIN | ACK);
  put(time, "server", FIN | ACK);
  put(time, "client", ACK);
}

interface StreamUnit {
  readonly from: Sender;
  readonly is: CapturedMessage | LinkPart;
  /** Offsets in the sender's stream. */
  readonly start: number;
  readonly end: number;
  /** Seconds. */
  readonly time: number;
}

/** All that a connection says, in the order in which the last bytes came. */
function unitsOf(connection: CapturedConnection): StreamUnit[] {
  const waiting = { client: sideUnits(connection, "client"), server: sideUnits(connection, "server") };
  const passed = { client: 0, server: 0 };
  const units: StreamUnit[] = [];
  for (const { from, length, time } of connection.reads) {
    passed[from] += length;
    while (waiting[from].length > 0 && waiting[from][0]!.end <= passed[from]) {
      units.push({ ...waiting[from].shift()!, time });
    }
  }
  return units;
}

function sideUnits({ link, messages, streams }: CapturedConnection, from: Sender): Omit<StreamUnit, "time">[] {
  const parts: LinkPart[] = from === "server"
    ? ["link reply", "link result"]
    : link.authMechanism === null
    ? ["link message", "ticket"]
    : ["link message", "authentication mechanism", "ticket"];
  const stream = streams[from];
  // Sizes of the first part, whose header tells it, and of those that have one size only.
  const first = 16 + new DataView(stream.buffer, stream.byteOffset).getUint32(12, true);
  const sizes = {
    "link message": first,
    "link reply": first,
    "authentication mechanism": 4,
    ticket: 128,
    "link result": 4,
  };
  let start = 0;
  const linkUnits = parts.map((is) => ({ from, is, start, end: start += sizes[is] }));
  return [...linkUnits, ...messages[from].map((is) => ({ from, is, start: is.offset, end: is.end }))];
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SEGMENT_BYTES + HEADER_BYTES, true);
  view.setUint32(20, 101, true);
  return new Uint8Array(view.buffer);
}

function packet(
  time: number,
  fromPort: number,
  toPort: number,
  sequence: number,
  acknowledged: number,
  flags: number,
  data: Uint8Array,
): Uint8Array {
  const length = HEADER_BYTES + data.length;
  const view = new DataView(new ArrayBuffer(16 + length));
  const seconds = Math.floor(time);
  view.setUint32(0, seconds, true);
  view.setUint32(4, Math.floor((time - seconds) * 1e6), true);
  view.setUint32(8, length, true);
  view.setUint32(12, length, true);
  const ip = 16, tcp = ip + 20, loopback = 0x7f000001;
  view.setUint8(ip, 0x45);
  view.setUint16(ip + 2, length);
  view.setUint8(ip + 8, 64);
  view.setUint8(ip + 9, 6);
  view.setUint32(ip + 12, loopback);
  view.setUint32(ip + 16, loopback);
  view.setUint16(tcp, fromPort);
  view.setUint16(tcp + 2, toPort);
  view.setUint32(tcp + 4, sequence);
  view.setUint32(tcp + 8, acknowledged);
  view.setUint8(tcp + 12, 0x50);
  view.setUint8(tcp + 13, flags);
  view.setUint16(tcp + 14, 0xffff);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(data, 16 + HEADER_BYTES);
  return bytes;
}

function otherOf(from: Sender): Sender {
  return from === "client" ? "server" : "client";
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
