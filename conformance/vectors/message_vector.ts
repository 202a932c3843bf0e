/** A message vector, as its file holds it. `message.schema.json` is the same for other languages. */
import type { Sender } from "../../protocol/schema/message.ts";
import type { Json } from "../value_json.ts";

/** Bytes of a message and what they mean. */
export interface MessageVector {
  /** Wire name, as `DISPLAY_DRAW_COPY`. */
  readonly name: string;
  /** Name of the channel; `base` for what every channel has; `link`, `framing`, `agent`. */
  readonly channel: string;
  /** Who sends it. */
  readonly direction: `${Sender}-to-${Sender}`;
  /** Which header stood before the bytes; `null` for what has none. A derived message may stand behind either. */
  readonly header: "mini" | "full" | "sub-message" | null;
  /** Message type; `null` for a structure that is no message. */
  readonly type: number | null;
  /** The body, in hexadecimal. */
  readonly bytes: string;
  /** What it decodes to; see `value_json.ts`. */
  readonly value: Json;
  readonly origin: VectorOrigin;
}

/** Where a vector comes from. */
export type VectorOrigin =
  | {
    readonly kind: "captured";
    /** Name of the capture in `streams`. */
    readonly capture: string;
    /** As `00`. */
    readonly connection: string;
    /** Where it begins in the sender's stream, its header included. */
    readonly offset: number;
    /** Who said it. */
    readonly peer: string;
    readonly version: string;
  }
  | {
    readonly kind: "derived";
    /** Where the layout is defined: values are made up from the declaration. */
    readonly clause: string;
  };
