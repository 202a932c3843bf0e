/** Data headers, sub-message lists, and the byte streams of the agent and of usbredir. */
import { decodeAgentBody } from "../../../protocol/messages/agent.ts";
import { agentAssembler, agentChunks } from "../../../protocol/agent_stream.ts";
import { Deframer, Framer, readSubMessages } from "../../../protocol/channel/framing.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { agentMessages } from "../../../protocol/messages/agent.ts";
import { usbredirPackets } from "../../../protocol/messages/usbredir_packets.ts";
import { arbitrary } from "../../../protocol/schema/arbitrary.ts";
import { concat, encode } from "../../../protocol/schema/encode.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { decodeUsbredirBody, encodeUsbredirPacket, UsbredirStream } from "../../../protocol/usbredir_stream.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { sameOutcome } from "../oracles.ts";
import { OF_A_DECODER, SMALL_LIMITS, type Target, Violation } from "../target.ts";

const LIST = 8;

/** A stream of messages. The first byte of an input chooses the header, the second the split. */
export const framing: Target = {
  name: "framing",
  weight: 14,
  ...OF_A_DECODER,
  generate: (random) => {
    const kind = below(random, 2), framer = new Framer(kind === 0 ? "mini" : "full");
    const chunks: Uint8Array[] = [];
    for (let left = below(random, 6); left >= 0; left--) {
      const list = below(random, 3) === 0 ? subList(random) : null;
      const body = list ?? randomBytes(random, below(random, 40));
      chunks.push(...framer.frame(list === null ? below(random, 400) : LIST, [body]));
    }
    const stream = below(random, 8) === 0 ? randomBytes(random, below(random, 100)) : mutate(concat(chunks), random);
    return concat([Uint8Array.of(kind, 1 + below(random, 30)), stream]);
  },
  run: (input) => {
    const kind = (input[0] ?? 0) % 2 === 0 ? "mini" : "full", bytes = input.subarray(2);
    const outcome = (step: number): string => {
      const deframer = new Deframer(kind, SMALL_LIMITS), frames: string[] = [];
      try {
        for (let at = 0; at < bytes.length; at += step) {
          deframer.push(bytes.subarray(at, at + step));
          for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) {
            frames.push(`${frame.serial} ${frame.type} ${frame.body.length} ${frame.subMessages.length}`);
          }
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return `${error.code}\n${error.message} ${frames}`;
      }
      return `value\n${deframer.atBoundary} ${deframer.waitingBytes} ${frames}`;
    };
    const whole = outcome(Math.max(1, bytes.length));
    sameOutcome("frames in another split", outcome(1 + (input[1] ?? 0)), whole);
    return whole.split("\n")[0]!;
  },
};

/** A body with a list of sub-messages. The first two bytes of an input are the offset of the list. */
export const subLists: Target = {
  name: "sub-lists",
  weight: 10,
  ...OF_A_DECODER,
  generate: (random) => {
    const before = below(random, 4) === 0 ? below(random, 10) : 0;
    const list = below(random, 8) === 0 ? randomBytes(random, below(random, 60)) : subList(random, before);
    return concat([Uint8Array.of(before, 0), mutate(concat([new Uint8Array(before), list]), random)]);
  },
  run: (input) => {
    const at = (input[0] ?? 0) | (input[1] ?? 0) << 8, body = input.subarray(2);
    const messages = readSubMessages(body, at, SMALL_LIMITS);
    const shown = messages.reduce((sum, message) => sum + message.body.length, 0);
    // The padding that spice-server counts into a size may show bytes twice, but no more of them.
    if (shown > body.length + 64 * messages.length) throw new Violation(`${shown} bytes from ${body.length}`);
    return "value";
  },
};

/** AGENT_DATA bodies in any split, then the messages in them. */
export const agentStream: Target = {
  name: "agent-stream",
  weight: 10,
  ...OF_A_DECODER,
  generate: (random) => {
    const chunks = Array.from({ length: 1 + below(random, 3) }, () => {
      const body = agentMessages[below(random, agentMessages.length)]!;
      const data = concat(encode<unknown>(body.wire, arbitrary<unknown>(body.wire, random)));
      return concat(agentChunks({ protocol: 1, type: body.id, opaque: 0n, data }));
    });
    return concat([randomBytes(random, 2), mutate(concat(chunks), random)]);
  },
  run: (input) => {
    const caps = [(input[0] ?? 0) * 0x01010101 >>> 0], bytes = input.subarray(2);
    const outcome = (step: number): string => {
      const assembler = agentAssembler(SMALL_LIMITS), names: string[] = [];
      let broken = "value";
      try {
        for (let at = 0; at < bytes.length; at += step) {
          for (const message of assembler.receive(bytes.subarray(at, at + step))) {
            names.push(codeOf(() => decodeAgentBody(message, caps, SMALL_LIMITS).name));
          }
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        broken = error.code;
      }
      // A broken stream is of no use, the messages before the break included.
      return broken === "value" ? names.at(-1) ?? "value" : broken;
    };
    const whole = outcome(Math.max(1, bytes.length));
    sameOutcome("agent messages in another split", outcome(1 + (input[1] ?? 0) % 40), whole);
    return whole;
  },
};

/** A usbredir channel's bytes in any split, then the packets in them. */
export const usbredirStream: Target = {
  name: "usbredir-stream",
  weight: 6,
  ...OF_A_DECODER,
  generate: (random) => {
    const chunks = Array.from({ length: 1 + below(random, 4) }, (_, i) => {
      const packet = usbredirPackets[i === 0 ? 0 : below(random, usbredirPackets.length)]!;
      return concat(encodeUsbredirPacket<unknown>(packet, arbitrary<unknown>(packet.wire, random), 1n, []));
    });
    return concat([randomBytes(random, 2), mutate(concat(chunks), random)]);
  },
  run: (input) => {
    const own = [(input[0] ?? 0) * 0x01010101 >>> 0], bytes = input.subarray(2);
    const outcome = (step: number): string => {
      const stream = new UsbredirStream(own, SMALL_LIMITS);
      let last = "value";
      try {
        for (let at = 0; at < bytes.length; at += step) {
          for (const packet of stream.receive(bytes.subarray(at, at + step))) {
            last = codeOf(() => decodeUsbredirBody(packet, stream.caps, SMALL_LIMITS).name);
          }
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return error.code;
      }
      return last;
    };
    const whole = outcome(Math.max(1, bytes.length));
    sameOutcome("usbredir packets in another split", outcome(1 + (input[1] ?? 0) % 40), whole);
    return whole;
  },
};

function codeOf(run: () => string): string {
  try {
    run();
    return "value";
  } catch (error) {
    if (error instanceof ProtocolError && error.by === "remote") return error.code;
    throw error;
  }
}

/** A list that is right, at `start` of its body. */
function subList(random: Prng, start = 0): Uint8Array {
  const bodies = Array.from({ length: below(random, 5) }, () => randomBytes(random, below(random, 20)));
  if (below(random, 6) === 0) return sameAgain(random, start);
  const head = new Uint8Array(2 + 4 * bodies.length), view = new DataView(head.buffer);
  view.setUint16(0, bodies.length, true);
  let at = start + head.length;
  const parts = bodies.map((body, i) => {
    view.setUint32(2 + 4 * i, at, true);
    at += 6 + body.length;
    return concat([Uint8Array.of(below(random, 256), 1, body.length, 0, 0, 0), body]);
  });
  return concat([head, ...parts]);
}

/** A list that shows one message again and again. */
function sameAgain(random: Prng, start: number): Uint8Array {
  const count = 2 + below(random, 60), size = below(random, 250);
  const head = new Uint8Array(2 + 4 * count), view = new DataView(head.buffer);
  view.setUint16(0, count, true);
  for (let i = 0; i < count; i++) view.setUint32(2 + 4 * i, start + head.length, true);
  return concat([head, Uint8Array.of(101, 0, size, 0, 0, 0), randomBytes(random, size)]);
}
