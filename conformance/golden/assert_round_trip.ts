/** That what real peers sent is what our schema says: decoded without a byte left over, and encoded to the same bytes. */
import assert from "node:assert/strict";
import { type Capture, type CapturedConnection, type CapturedMessage, inOrder } from "../capture.ts";
import { List } from "../../protocol/messages/base.ts";
import {
  LINK_HEADER_BYTES,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceSubMessage,
  SpiceSubMessageList,
} from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { Wire } from "../../protocol/schema/wire.ts";

/** How many messages went through. */
export interface RoundTripCounts {
  readonly client: number;
  readonly server: number;
  /** Messages inside LIST messages. */
  readonly inLists: number;
}

/**
 * Decodes and encodes the link messages and every message of a capture.
 *
 * @param capture One scenario.
 * @returns Whole messages of each side.
 * @throws {AssertionError} Naming connection, offset and message whose bytes differ.
 * @throws {ProtocolError} Bytes that the schema refuses.
 */
export function assertRoundTrip({ name, connections }: Capture): RoundTripCounts {
  const counts = { client: 0, server: 0, inLists: 0 };
  for (const connection of connections) {
    assertSameLink(connection);
    for (const message of inOrder(connection)) {
      const where = `${name} ${connection.name} ${connection.channel.name} byte ${message.offset}`;
      counts[message.from]++;
      assertSameMessage(message.declaration, message.body, `${where}, type ${message.type}`);
      if (message.declaration === List) counts.inLists += assertSameList(connection, message, where);
    }
  }
  return counts;
}

function assertSameMessage(declaration: Message | undefined, body: Uint8Array, where: string): void {
  assert.ok(declaration, `${where}: no declaration`);
  assertSame(declaration.wire, body, `${where}, ${declaration.name}`);
}

function assertSame<T>(wire: Wire<T>, body: Uint8Array, where: string): void {
  const again = encodeBytes(wire, decode(wire, body, { exact: true }));
  const differs = body.findIndex((byte, i) => byte !== again[i]);
  assert.equal(differs, -1, `${where}: differs from body byte ${differs}`);
  assert.equal(again.length, body.length, `${where}: length`);
}

function assertSameLink({ name, streams }: CapturedConnection): void {
  const bodyOf = (stream: Uint8Array): Uint8Array => {
    const size = new DataView(stream.buffer, stream.byteOffset).getUint32(12, true);
    return stream.subarray(LINK_HEADER_BYTES, LINK_HEADER_BYTES + size);
  };
  assertSame(SpiceLinkMess, bodyOf(streams.client), `${name} link message`);
  assertSame(SpiceLinkReply, bodyOf(streams.server), `${name} link reply`);
}

/**
 * Takes a LIST apart and builds it again: the offsets, and at each of them a message.
 *
 * The size in a sub-message's header is too large: spice-server counts the bytes of its C structs, padding included, so
 * that a sub-message seems to run over the next one and past the end of the body. Only the message itself knows where
 * it ends. Source: spice-server dcc-send.cpp marshal_sub_msg_inval_list.
 *
 * @returns How many messages it holds.
 */
function assertSameList({ channel }: CapturedConnection, { body, from }: CapturedMessage, where: string): number {
  const list = decode(SpiceSubMessageList, body);
  const built = new Uint8Array(body.length);
  let covered = 0;
  const put = (at: number, bytes: Uint8Array): void => {
    built.set(bytes, at);
    covered += bytes.length;
  };
  put(0, encodeBytes(SpiceSubMessageList, list));
  for (const offset of list.subMessages) {
    const header = decode(SpiceSubMessage, body.subarray(offset));
    const headerBytes = encodeBytes(SpiceSubMessage, header);
    const start = offset + headerBytes.length;
    const declaration = channel.byId[from].get(header.type);
    assert.ok(declaration, `${where}: no declaration of sub-message ${header.type}`);
    const content = encodeBytes(declaration.wire, decode(declaration.wire, body.subarray(start)));
    assert.ok(header.size >= content.length, `${where}: sub-message size ${header.size}, content ${content.length}`);
    put(offset, headerBytes);
    put(start, content);
  }
  assert.deepEqual(built, body, `${where}: LIST`);
  assert.equal(covered, body.length, `${where}: LIST has bytes outside its messages`);
  return list.subMessages.length;
}
