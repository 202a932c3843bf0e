/** Which images a drawing message carries. */
import type { display } from "../../protocol/messages/display.ts";
import type { Brush, QMask } from "../../protocol/messages/draw.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";

/** Where operations have their images. */
interface Operands {
  readonly srcBitmap?: SpiceImage | null;
  readonly brush?: Brush;
  readonly foreBrush?: Brush;
  readonly backBrush?: Brush;
  readonly mask?: QMask;
  readonly maskBitmap?: SpiceImage | null;
}

/**
 * The images of a drawing message, in the order in which the server encodes them: source, brushes, mask.
 *
 * @param message Any message of a display channel.
 * @returns None for messages that do not draw.
 */
export function drawImages(message: MessageOf<typeof display.server>): SpiceImage[] {
  switch (message.name) {
    case "DISPLAY_DRAW_FILL":
    case "DISPLAY_DRAW_OPAQUE":
    case "DISPLAY_DRAW_COPY":
    case "DISPLAY_DRAW_BLEND":
    case "DISPLAY_DRAW_BLACKNESS":
    case "DISPLAY_DRAW_WHITENESS":
    case "DISPLAY_DRAW_INVERS":
    case "DISPLAY_DRAW_ROP3":
    case "DISPLAY_DRAW_STROKE":
    case "DISPLAY_DRAW_TEXT":
    case "DISPLAY_DRAW_TRANSPARENT":
    case "DISPLAY_DRAW_ALPHA_BLEND":
    case "DISPLAY_DRAW_COMPOSITE": {
      const { srcBitmap, brush, foreBrush, backBrush, mask, maskBitmap }: Operands = message.value.data;
      const patterns = [brush, foreBrush, backBrush].map((one) => one?.paint.is === "PATTERN" && one.paint.value.pat);
      return [srcBitmap, ...patterns, mask?.bitmap, maskBitmap].filter((image) => image instanceof Object);
    }
    default:
      return [];
  }
}
