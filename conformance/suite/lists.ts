/** Lists of messages within a message. */
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";

/** A message that goes into a list, with its value. */
// deno-lint-ignore no-explicit-any -- the pair is made where both types are known
export type Listed = readonly [Message<string, any>, unknown];

/**
 * A SpiceSubMessageList and its messages: u16 count, u32 offsets from the start of the body, then each as u16 type, u32
 * size, and its bytes. Source: spice-protocol protocol.h SpiceSubMessageList, SpiceSubMessage.
 *
 * @param messages In order.
 * @param before Bytes of the body before the list.
 */
export function lists(messages: readonly Listed[], before = 0): Uint8Array {
  const bodies = messages.map(([message, value]) => encodeBytes(message.wire, value));
  const head = new DataView(new ArrayBuffer(2 + 4 * messages.length)), parts: Uint8Array[] = [];
  head.setUint16(0, messages.length, true);
  let at = before + head.byteLength;
  for (const [i, body] of bodies.entries()) {
    head.setUint32(2 + 4 * i, at, true);
    const start = new DataView(new ArrayBuffer(6));
    start.setUint16(0, messages[i]![0].id, true);
    start.setUint32(2, body.length, true);
    parts.push(new Uint8Array(start.buffer), body);
    at += 6 + body.length;
  }
  return concat([new Uint8Array(head.buffer), ...parts]);
}
