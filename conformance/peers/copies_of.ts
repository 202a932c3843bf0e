/** The pictures that a display channel of a capture was told to copy. */
import type { Rect } from "../../protocol/messages/geometry.ts";
import { DisplayDrawCopy } from "../../protocol/messages/draw.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Capture } from "../capture.ts";

/** A DRAW_COPY with an image of its own. */
export interface Copy {
  /** Where it is drawn. */
  readonly box: Rect;
  readonly image: SpiceImage;
}

/** What a display channel was told to copy, in order. */
export function copiesOf(capture: Capture, display = 0): Copy[] {
  const copies: Copy[] = [];
  for (const { channel, channelId, messages } of capture.connections) {
    if (channel.name !== "display" || channelId !== display) continue;
    for (const { declaration, body } of messages.server) {
      if (declaration?.name !== DisplayDrawCopy.name) continue;
      const { base: { box }, data: { srcBitmap } } = decode(DisplayDrawCopy.wire, body);
      if (srcBitmap !== null) copies.push({ box, image: srcBitmap });
    }
  }
  return copies;
}
