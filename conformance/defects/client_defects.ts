/** Defects of clients: what our client sends is changed, or what it is sent, as if it had understood it wrongly. */
import { Ack, AckSync, Ping, Pong, SetAck, WaitForChannels } from "../../protocol/messages/base.ts";
import { DisplayInit, DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { CursorHide, CursorSet } from "../../protocol/messages/cursor.ts";
import { DisplayDrawCopy, DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { BitmapFlags, BitmapFmt } from "../../protocol/messages/enums.ts";
import { InputsKeyModifiers, InputsMousePosition, InputsMousePress } from "../../protocol/messages/inputs.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { MainAttachChannels, MainMouseMode } from "../../protocol/messages/main.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";
import { CODEC_DEFECTS } from "./codec_defects.ts";
import type { Defect } from "./defect.ts";
import {
  COPY_BITS_SOURCE,
  defect,
  FILL_COLOUR_ORDER,
  KEY_ORDER,
  patched,
  PLACE_SWAPPED,
  RECT_ORDER,
  SURFACE_SIZE_SWAPPED,
} from "./mistakes.ts";
import { change, type Tampering } from "./tamper.ts";

/** All of them. */
export const CLIENT_DEFECTS: readonly Defect[] = [
  defect("link-version", "asks for SPICE 1", { mess: (_, bytes) => patched(bytes, 4, 1) }),
  defect("connection-zero", "opens every channel as a new session", {
    mess: (_, bytes) => Uint8Array.from(bytes, (byte, i) => i >= 16 && i < 20 ? 0 : byte),
  }),
  defect("connection-order", "gives the session's number in the other byte order", {
    mess: (_, bytes) => Uint8Array.from(bytes, (byte, i) => i >= 16 && i < 20 ? bytes[35 - i]! : byte),
  }),
  defect("ticket-plain", "sends the password without encryption", {
    ticket: (bytes) => Uint8Array.from(bytes, (_, i) => i < 6 ? 0x61 + i : 0),
  }),
  defect(
    "pong-id",
    "answers PING with another number",
    change("client", Pong, (pong) => ({ ...pong, id: pong.id + 1 >>> 0 })),
  ),
  defect(
    "pong-time",
    "answers PING with its own clock",
    change("client", Pong, (pong) => ({ ...pong, timestamp: 7n })),
  ),
  defect("pong-never", "does not answer PING", change("server", Ping, () => null)),
  defect(
    "ack-sync-generation",
    "answers SET_ACK with the generation before",
    change("client", AckSync, ({ generation }) => {
      return { generation: generation - 1 >>> 0 };
    }),
  ),
  defect("ack-sync-never", "does not answer SET_ACK", change("client", AckSync, () => null)),
  defect(
    "ack-late",
    "acknowledges one message too late",
    change("server", SetAck, (value) => ({ ...value, window: value.window + 1 })),
  ),
  defect(
    "ack-early",
    "acknowledges one message too early",
    change("server", SetAck, (value) => {
      return { ...value, window: Math.max(1, value.window - 1) };
    }),
  ),
  defect("ack-never", "never acknowledges", change("client", Ack, () => null)),
  defect("attach-never", "does not ask for the channels", change("client", MainAttachChannels, () => null)),
  defect(
    "attach-twice",
    "asks for the channels twice",
    change("client", MainAttachChannels, (value) => [value, value]),
  ),
  defect("mouse-mode-ignored", "does not hear of another mouse mode", change("server", MainMouseMode, () => null)),
  defect("no-display-init", "does not begin the display channel", change("client", DisplayInit, () => null)),
  defect("wait-ignored", "does not wait for other channels", change("server", WaitForChannels, () => null)),
  defect("sub-list-ignored", "passes over lists of sub-messages", {
    message: (passing) => {
      if (passing.from !== "server") return [passing];
      return passing.name === "LIST" ? [] : [{ ...passing, subList: 0 }];
    },
  }),
  defect("key-order", "writes an extended key's code in the wrong order", KEY_ORDER),
  defect("place-swapped", "takes x for y", PLACE_SWAPPED),
  defect(
    "place-display",
    "names another display",
    change("client", InputsMousePosition, (value) => {
      return { ...value, displayId: value.displayId + 1 };
    }),
  ),
  defect(
    "buttons-state",
    "presses buttons without telling the state",
    change("client", InputsMousePress, (value) => {
      return { ...value, buttonsState: 0 };
    }),
  ),
  defect("motion-flood", "sends places without waiting", {
    message: (passing) => passing.name === InputsMousePosition.name ? [passing, passing, passing] : [passing],
  }),
  defect("leds-ignored", "does not hear of LEDs", change("server", InputsKeyModifiers, () => null)),
  defect("rect-order", "reads left, top, right, bottom", RECT_ORDER),
  defect(
    "clip-ignored",
    "draws outside the clip",
    change("server", DisplayDrawFill, (value) => {
      return { ...value, base: { ...value.base, clip: NO_CLIP } };
    }),
  ),
  defect("fill-colour-order", "reads the brush's colour as BGR", FILL_COLOUR_ORDER),
  defect("copy-bits-source", "moves from one row too low", COPY_BITS_SOURCE),
  defect(
    "source-area-ignored",
    "draws the whole image",
    change("server", DisplayDrawCopy, (value) => {
      const { srcBitmap: image } = value.data;
      if (image === null) return value;
      return {
        ...value,
        data: { ...value.data, srcArea: { top: 0, left: 0, bottom: image.height, right: image.width } },
      };
    }),
  ),
  defect(
    "rows-unflipped",
    "takes every bitmap as top-down",
    bitmap((data) => ({ ...data, flags: data.flags | BitmapFlags.TOP_DOWN })),
  ),
  defect(
    "bits-reversed",
    "takes 1BIT_BE for 1BIT_LE and 4BIT_BE for 4BIT_LE",
    bitmap((data) => {
      const other = new Map<number, number>([
        [BitmapFmt["1BIT_BE"], BitmapFmt["1BIT_LE"]],
        [BitmapFmt["4BIT_BE"], BitmapFmt["4BIT_LE"]],
      ]);
      return { ...data, format: other.get(data.format) ?? data.format };
    }),
  ),
  defect(
    "rgb16-order",
    "reads 16-bit pixels in the other byte order",
    bitmap((data) => {
      if (data.format !== BitmapFmt["16BIT"]) return data;
      return { ...data, data: Uint8Array.from(data.data, (_, i) => data.data[i ^ 1]!) };
    }),
  ),
  defect(
    "palette-order",
    "reads the palette from its end",
    bitmap((data) => {
      const { palette } = data;
      if (palette.is !== "otherwise" || palette.value === null) return data;
      const ents = palette.value.ents.toReversed() as typeof palette.value.ents;
      return { ...data, palette: { is: "otherwise", value: { ...palette.value, ents } } };
    }),
  ),
  defect(
    "rgb24-order",
    "reads 24-bit pixels as R, G, B",
    bitmap((data) => {
      if (data.format !== BitmapFmt["24BIT"]) return data;
      return { ...data, data: Uint8Array.from(data.data, (byte, i) => data.data[i - i % 3 + 2 - i % 3] ?? byte) };
    }),
  ),
  defect("cache-forgotten", "does not keep images that it is told to keep", image((value) => ({ ...value, flags: 0 }))),
  defect(
    "palette-forgotten",
    "does not keep palettes that it is told to keep",
    bitmap((data) => ({ ...data, flags: data.flags & ~BitmapFlags.PAL_CACHE_ME })),
  ),
  defect("surface-size-swapped", "takes width for height", SURFACE_SIZE_SWAPPED),
  defect("second-size-ignored", "keeps the first size of the screen", {
    message: (passing) => {
      if (passing.from !== "server" || passing.name !== DisplaySurfaceCreate.name) return [passing];
      const seen = passing.memory.get("created") === true;
      passing.memory.set("created", true);
      return seen ? [] : [passing];
    },
  }),
  defect(
    "cursor-hot-spot",
    "takes the hot spot's x for its y",
    change("server", CursorSet, (value) => {
      const { header } = value.cursor;
      if (header === null) return value;
      const { hotSpotX, hotSpotY } = header;
      return { ...value, cursor: { ...value.cursor, header: { ...header, hotSpotX: hotSpotY, hotSpotY: hotSpotX } } };
    }),
  ),
  defect("cursor-shown", "does not hide the pointer", change("server", CursorHide, () => null)),
  ...CODEC_DEFECTS,
];

const NO_CLIP = { shape: { is: "NONE", value: null } } as const;

type Image = Infer<typeof SpiceImage>;
type Bitmap = Extract<Image["body"], { is: "BITMAP" }>["value"];

/** Changes the images of DRAW_COPY. */
function image(to: (image: Image) => Image): Tampering {
  return change("server", DisplayDrawCopy, (value: ValueOf<typeof DisplayDrawCopy>) => {
    const { srcBitmap } = value.data;
    return srcBitmap === null ? value : { ...value, data: { ...value.data, srcBitmap: to(srcBitmap) } };
  });
}

/** Changes the bitmaps of DRAW_COPY. */
function bitmap(to: (data: Bitmap) => Bitmap): Tampering {
  return image((value) => {
    return value.body.is === "BITMAP" ? { ...value, body: { is: "BITMAP", value: to(value.body.value) } } : value;
  });
}
