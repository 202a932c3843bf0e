/** Defects of servers: what our server sends is changed, or what it is sent, as if it had understood it wrongly. */
import { SetAck } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { CursorInit, CursorSet } from "../../protocol/messages/cursor.ts";
import { DisplayMark, DisplayMonitorsConfig, DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { DisplayDrawCopy } from "../../protocol/messages/draw.ts";
import { BitmapFlags, LinkErr } from "../../protocol/messages/enums.ts";
import { InputsInit, InputsKeyModifiers, InputsMouseMotionAck } from "../../protocol/messages/inputs.ts";
import {
  MainAttachChannels,
  MainChannelsList,
  MainInit,
  MainMouseMode,
  MainName,
} from "../../protocol/messages/main.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
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
import { change, type Passing } from "./tamper.ts";

/** All of them. */
export const SERVER_DEFECTS: readonly Defect[] = [
  defect("wrong-magic", "writes REDQ in the other byte order", {
    reply: (_, bytes) => Uint8Array.of(...bytes.subarray(0, 4).toReversed(), ...bytes.subarray(4)),
  }),
  defect("wrong-version", "answers with the major version of SPICE 1", { reply: (_, bytes) => patched(bytes, 4, 1) }),
  defect("any-ticket", "says OK to every ticket", { result: () => new Uint8Array(4) }),
  defect("wrong-refusal", "refuses wrong tickets with the error of unknown connections", {
    result: (bytes) =>
      bytes[0] === LinkErr.PERMISSION_DENIED ? Uint8Array.of(LinkErr.BAD_CONNECTION_ID, 0, 0, 0) : bytes,
  }),
  defect("fixed-key", "sends a public key of zeros", {
    reply: (_, bytes) => Uint8Array.from(bytes, (byte, i) => i >= 20 && i < 182 ? 0 : byte),
  }),
  defect("caps-offset", "counts the offset of the capabilities from the link header", {
    reply: (_, bytes) => patched(bytes, 190, bytes[190]! + 16),
  }),
  defect("full-headers", "announces MINI_HEADER and sends full headers", {
    message: (passing) => {
      if (passing.from !== "server" || passing.serial !== 0n) return [passing];
      return [fullFrame(passing)];
    },
  }),
  defect(
    "session-zero",
    "gives the session number 0",
    change("server", MainInit, (init) => ({ ...init, sessionId: 0 })),
  ),
  defect(
    "mouse-mode-not-supported",
    "begins in a mouse mode that it does not list",
    change("server", MainInit, (init) => {
      return { ...init, supportedMouseModes: 1, currentMouseMode: 2 };
    }),
  ),
  defect(
    "no-agent-tokens",
    "grants no agent tokens",
    change("server", MainInit, (init) => ({ ...init, agentTokens: 0, agentConnected: 1 })),
  ),
  defect("list-unasked", "sends the list of channels before it is asked", {
    message: (passing) => {
      if (passing.name !== MainInit.name || passing.from !== "server") return [passing];
      return [passing, made(passing, MainChannelsList, { channels: [] })];
    },
  }),
  defect(
    "list-phantom",
    "lists a channel that cannot be linked",
    change("server", MainChannelsList, ({ channels: list }) => {
      return { channels: [...list, { type: channels.display.type, id: 7 }] };
    }),
  ),
  defect("list-never", "does not hear ATTACH_CHANNELS", change("client", MainAttachChannels, () => null)),
  defect("name-unasked", "sends NAME to clients that did not ask for it", {
    message: (passing) => {
      if (passing.name !== MainInit.name || passing.from !== "server") return [passing];
      return [passing, made(passing, MainName, { name: new Uint8Array(2) })];
    },
  }),
  defect("mouse-mode-silent", "changes the mouse mode and does not tell", change("server", MainMouseMode, () => null)),
  defect(
    "mouse-mode-flags",
    "tells the mouse mode as a number from 0",
    change("server", MainMouseMode, (value) => {
      return { ...value, currentMode: value.currentMode >> 1 };
    }),
  ),
  defect(
    "inputs-no-init",
    "does not begin the inputs channel with INPUTS_INIT",
    change("server", InputsInit, () => null),
  ),
  defect("motion-ack-late", "acknowledges every eighth motion", {
    message: (passing) => {
      if (passing.from !== "server" || passing.name !== InputsMouseMotionAck.name) return [passing];
      return every(passing, 2) ? [passing] : [];
    },
  }),
  defect("motion-ack-early", "acknowledges twice", change("server", InputsMouseMotionAck, (value) => [value, value])),
  defect("leds-silent", "does not tell other LEDs", change("server", InputsKeyModifiers, () => null)),
  defect("key-order", "reads the code of an extended key in the wrong order", KEY_ORDER),
  defect("place-swapped", "takes x for y", PLACE_SWAPPED),
  defect(
    "surface-not-primary",
    "forgets the flag of the primary surface",
    change("server", DisplaySurfaceCreate, (value) => {
      return { ...value, flags: 0 };
    }),
  ),
  defect("surface-size-swapped", "takes width for height", SURFACE_SIZE_SWAPPED),
  defect("no-mark", "never marks the picture", change("server", DisplayMark, () => null)),
  defect("rect-order", "writes left, top, right, bottom", RECT_ORDER),
  defect("fill-colour-order", "writes the brush's colour as RGB", FILL_COLOUR_ORDER),
  defect("copy-bits-source", "moves from one row too low", COPY_BITS_SOURCE),
  defect(
    "rows-unflipped",
    "sends rows from the bottom up and says that the top comes first, or the other way round",
    change("server", DisplayDrawCopy, (value) => {
      const { srcBitmap } = value.data;
      if (srcBitmap?.body.is !== "BITMAP") return value;
      const { flags } = srcBitmap.body.value;
      const body = { is: "BITMAP", value: { ...srcBitmap.body.value, flags: flags ^ BitmapFlags.TOP_DOWN } } as const;
      return { ...value, data: { ...value.data, srcBitmap: { ...srcBitmap, body } } };
    }),
  ),
  defect(
    "image-size",
    "tells another width in the image descriptor than the image has",
    change("server", DisplayDrawCopy, (value) => {
      const { srcBitmap } = value.data;
      if (srcBitmap === null) return value;
      return { ...value, data: { ...value.data, srcBitmap: { ...srcBitmap, width: srcBitmap.width + 1 } } };
    }),
  ),
  defect(
    "monitors-too-many",
    "tells more heads than it allows",
    change("server", DisplayMonitorsConfig, (value) => {
      return { ...value, maxAllowed: 0 };
    }),
  ),
  defect(
    "ack-generation",
    "waits for another generation of ACKs than it asks for",
    change("server", SetAck, (value) => ({ ...value, generation: value.generation + 1 })),
  ),
  defect(
    "cursor-no-init",
    "does not begin the cursor channel with CURSOR_INIT",
    change("server", CursorInit, () => null),
  ),
  defect(
    "cursor-short",
    "sends half of the pointer's pixels",
    change("server", CursorSet, (value) => {
      return {
        ...value,
        cursor: { ...value.cursor, data: value.cursor.data.subarray(0, value.cursor.data.length >> 1) },
      };
    }),
  ),
];

/** A message of the same channel and sender. */
function made<T>(passing: Passing, message: Message<string, T>, value: T): Passing {
  return { ...passing, type: message.id, name: message.name, body: encodeBytes(message.wire, value) };
}

/** True for every nth message of a name. */
function every({ memory, name }: Passing, nth: number): boolean {
  const count = Number(memory.get(name) ?? 0) + 1;
  memory.set(name, count);
  return count % nth === 0;
}

/** A message under a full header, its serial counted. */
function fullFrame({ type, body, index }: Passing): Uint8Array {
  const bytes = new Uint8Array(18 + body.length), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(index + 1), true);
  view.setUint16(8, type, true);
  view.setUint32(10, body.length, true);
  bytes.set(body, 18);
  return bytes;
}
