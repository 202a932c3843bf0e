/** Every declared message and struct: bytes to value, and what a value must be good for. */
import { ProtocolError } from "../../../protocol/errors.ts";
import { agentMessages } from "../../../protocol/messages/agent.ts";
import { channels } from "../../../protocol/messages/channels.ts";
import * as link from "../../../protocol/messages/link.ts";
import * as migration from "../../../protocol/messages/migration_data.ts";
import { usbredirPackets } from "../../../protocol/messages/usbredir_packets.ts";
import { vscMessages } from "../../../protocol/messages/vscard.ts";
import { arbitrary } from "../../../protocol/schema/arbitrary.ts";
import { decode } from "../../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import { print } from "../../../protocol/schema/print.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import type { StructNode, Wire } from "../../../protocol/schema/wire.ts";
import type { Corpus } from "../corpus.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { partsPaidFor } from "../oracles.ts";
import { OF_A_DECODER, SMALL_LIMITS, type Target, Violation } from "../target.ts";

/** Every declaration once, in an order that stays: crash files name them by number. */
const WIRES: readonly StructNode[] = wires();

/** Messages of all channels and both directions. The first two bytes of an input choose the declaration. */
export const messages: Target = {
  name: "messages",
  weight: 100,
  ...OF_A_DECODER,
  generate: (random, corpus) => {
    if (below(random, 3) === 0) {
      const { declaration, body } = corpus.messages[below(random, corpus.messages.length)]!;
      const which = WIRES.findIndex((wire) => wire === declaration.wire);
      return input(which, mutate(body, random, other(random, corpus)));
    }
    const which = below(random, WIRES.length);
    if (below(random, 8) === 0) return input(which, randomBytes(random, below(random, 200)));
    const wire = WIRES[which]!;
    return input(
      which,
      mutate(encodeBytes<unknown>(wire, arbitrary<unknown>(wire, random)), random, other(random, corpus)),
    );
  },
  run: (bytes) => {
    const wire: Wire<unknown> | undefined = WIRES[((bytes[0] ?? 0) | (bytes[1] ?? 0) << 8) % WIRES.length];
    if (wire === undefined) return "value";
    const body = bytes.subarray(2), value = decodePlaced(wire, body);
    partsPaidFor(value, body.length);
    print(wire, value);
    againTheSame(wire, value);
    return "value";
  },
};

/** @returns A value; an error must say where in the body it broke. */
function decodePlaced(wire: Wire<unknown>, body: Uint8Array): unknown {
  try {
    return decode(wire, body, { limits: SMALL_LIMITS });
  } catch (error) {
    if (
      error instanceof ProtocolError && !(error.offset !== null && error.offset >= 0 && error.offset <= body.length)
    ) {
      throw new Violation(`An error has no place in ${body.length} bytes: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** What was decoded can be encoded, and is then read and written the same for ever. */
function againTheSame(wire: Wire<unknown>, value: unknown): void {
  const once = encodeBytes(wire, value);
  // Targets that were shared are written once for each pointer, so that it may have become too long.
  if (once.length > SMALL_LIMITS.messageBytes) return;
  const twice = encodeBytes(wire, decode(wire, once, { limits: { ...SMALL_LIMITS, pointers: 1 << 20 } }));
  if (once.length !== twice.length || !once.every((byte, at) => byte === twice[at])) {
    throw new Violation(`${wire.kind === "struct" ? wire.name : wire.kind} is written in two ways`);
  }
}

function input(which: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(which & 255, which >> 8), body]);
}

function other(random: Prng, corpus: Corpus): Uint8Array {
  return corpus.messages[below(random, corpus.messages.length)]!.body;
}

function wires(): StructNode[] {
  const all = Object.values(channels).flatMap(({ server, client }) => [...server, ...client]);
  const bodies = [...agentMessages, ...usbredirPackets, ...vscMessages];
  const structs = [...Object.values(link), ...Object.values(migration)];
  const nodes = [...all.map(({ wire }) => wire), ...bodies.map(({ wire }) => wire), ...structs];
  return [...new Set(nodes)]
    .filter((node): node is StructNode =>
      typeof node === "object" && node !== null && "kind" in node && node.kind === "struct"
    )
    // Those that refer to fields around them cannot be read alone.
    .filter(({ plan }) => plan.free.length === 0);
}
