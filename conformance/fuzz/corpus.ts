/** What real peers said: seeds that random numbers would not find. */
import { captureNames, readCapture } from "../capture.ts";
import type { Channel, Message, Sender } from "../../protocol/schema/message.ts";
import { type CodecSeeds, readCodecSeeds } from "./codec_seeds.ts";

/** A captured message that our schema knows. */
export interface Seed {
  readonly channel: Channel;
  readonly from: Sender;
  readonly declaration: Message;
  readonly body: Uint8Array;
}

/** All seeds. */
export interface Corpus {
  readonly messages: readonly Seed[];
  /** Bytes of the handshake by who sent them. */
  readonly links: Readonly<Record<Sender, readonly Uint8Array[]>>;
  /** Image streams. */
  readonly codecs: CodecSeeds;
}

/** Longer messages say nothing new and cost time. */
const MOST_BYTES = 4096;
/** Messages of one kind that are kept. */
const MOST_OF_A_KIND = 40;

/** Reads the captures and the image streams that are kept with the source. */
export function readCorpus(): Corpus {
  const messages: Seed[] = [], links: Record<Sender, Uint8Array[]> = { client: [], server: [] };
  const kept = new Map<Message, number>();
  for (const name of captureNames()) {
    const { connections, handshakes } = readCapture(name);
    for (const { link, streams } of handshakes) {
      for (const from of ["client", "server"] as const) links[from].push(streams[from].slice(0, link.bytes[from]));
    }
    for (const { channel, link, messages: said, streams } of connections) {
      for (const from of ["client", "server"] as const) {
        links[from].push(streams[from].slice(0, link.bytes[from]));
        for (const { declaration, body } of said[from]) {
          if (declaration === undefined || body.length > MOST_BYTES) continue;
          const count = kept.get(declaration) ?? 0;
          if (count >= MOST_OF_A_KIND) continue;
          kept.set(declaration, count + 1);
          messages.push({ channel, from, declaration, body: body.slice() });
        }
      }
    }
  }
  return { messages, links, codecs: readCodecSeeds() };
}
