/**
 * The guest agent's messages: bodies of VDAgentMessage, which travels in AGENT_DATA of the main channel.
 *
 *   VDAgentMessage  u32 protocol = 1 | u32 type | u64 opaque | u32 size | size bytes of body
 *
 * The layout of the clipboard messages depends on capabilities that both sides announced: there is one declaration for
 * each layout, and {@link agentMessageBody} chooses. Source: spice-protocol vd_agent.h.
 */
import { hasCap } from "../capabilities.ts";
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { decode } from "../schema/decode.ts";
import { enumeration, flags } from "../schema/enumeration.ts";
import { type Message, message, type MessageOf, type ValueOf } from "../schema/message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  i32,
  type Infer,
  REST,
  struct,
  textBytes,
  u16,
  u32,
  u64,
  u8,
  whenFlag,
} from "../schema/wire.ts";

/** The only version of the agent protocol. Source: vd_agent.h VD_AGENT_PROTOCOL. */
export const VD_AGENT_PROTOCOL = 1;
/** Most bytes of one AGENT_DATA, and of one chunk on the agent's port. Source: vd_agent.h VD_AGENT_MAX_DATA_SIZE. */
export const VD_AGENT_MAX_DATA_SIZE = 2048;
/** Bytes of {@link VDAgentMessage} before its body. */
export const AGENT_MESSAGE_HEADER_BYTES = 20;
/** Bytes of {@link VDIChunkHeader}. */
export const VDI_CHUNK_HEADER_BYTES = 8;

/** Whose stream a chunk on the agent's port belongs to. Source: vd_agent.h VDP_. */
export const VdpPort = enumeration("vdp_port", 32, { CLIENT_PORT: 1, SERVER_PORT: 2 });

/** Source: vd_agent.h VD_AGENT_. */
export const AgentMessageType = enumeration("vd_agent", 32, {
  MOUSE_STATE: 1,
  MONITORS_CONFIG: 2,
  REPLY: 3,
  CLIPBOARD: 4,
  DISPLAY_CONFIG: 5,
  ANNOUNCE_CAPABILITIES: 6,
  CLIPBOARD_GRAB: 7,
  CLIPBOARD_REQUEST: 8,
  CLIPBOARD_RELEASE: 9,
  FILE_XFER_START: 10,
  FILE_XFER_STATUS: 11,
  FILE_XFER_DATA: 12,
  CLIENT_DISCONNECTED: 13,
  MAX_CLIPBOARD: 14,
  AUDIO_VOLUME_SYNC: 15,
  GRAPHICS_DEVICE_INFO: 16,
});

/** Capabilities of client and agent, by bit number. Source: vd_agent.h VD_AGENT_CAP_. */
export const AgentCap = enumeration("vd_agent_cap", 32, {
  MOUSE_STATE: 0,
  MONITORS_CONFIG: 1,
  REPLY: 2,
  CLIPBOARD: 3,
  DISPLAY_CONFIG: 4,
  CLIPBOARD_BY_DEMAND: 5,
  CLIPBOARD_SELECTION: 6,
  SPARSE_MONITORS_CONFIG: 7,
  GUEST_LINEEND_LF: 8,
  GUEST_LINEEND_CRLF: 9,
  MAX_CLIPBOARD: 10,
  AUDIO_VOLUME_SYNC: 11,
  MONITORS_CONFIG_POSITION: 12,
  FILE_XFER_DISABLED: 13,
  FILE_XFER_DETAILED_ERRORS: 14,
  GRAPHICS_DEVICE_INFO: 15,
  CLIPBOARD_NO_RELEASE_ON_REGRAB: 16,
  CLIPBOARD_GRAB_SERIAL: 17,
});

/** Buttons of {@link AgentMouseState}; the first bit is not used. Source: vd_agent.h VD_AGENT_LBUTTON_MASK. */
export const AgentMouseButtons = flags("vd_agent_buttons", 32, {
  LBUTTON: 1,
  MBUTTON: 2,
  RBUTTON: 3,
  UBUTTON: 4,
  DBUTTON: 5,
  SBUTTON: 6,
  EBUTTON: 7,
});

/** Source: vd_agent.h VD_AGENT_CONFIG_MONITORS_FLAG_. */
export const MonitorsConfigFlags = flags("vd_agent_config_monitors_flag", 32, { USE_POS: 0, PHYSICAL_SIZE: 1 });

/** Source: vd_agent.h VD_AGENT_DISPLAY_CONFIG_FLAG_. */
export const DisplayConfigFlags = flags("vd_agent_display_config_flag", 32, {
  DISABLE_WALLPAPER: 0,
  DISABLE_FONT_SMOOTH: 1,
  DISABLE_ANIMATION: 2,
  SET_COLOR_DEPTH: 3,
});

/** Outcome in {@link AgentReply}. Source: vd_agent.h VD_AGENT_SUCCESS, VD_AGENT_ERROR. */
export const AgentOutcome = enumeration("vd_agent_outcome", 32, { SUCCESS: 1, ERROR: 2 });

/** What a clipboard holds. Source: vd_agent.h VD_AGENT_CLIPBOARD_. */
export const ClipboardType = enumeration("vd_agent_clipboard", 32, {
  NONE: 0,
  UTF8_TEXT: 1,
  IMAGE_PNG: 2,
  IMAGE_BMP: 3,
  IMAGE_TIFF: 4,
  IMAGE_JPG: 5,
  FILE_LIST: 6,
});

/** Which clipboard; without the capability CLIPBOARD_SELECTION it is CLIPBOARD. */
export const ClipboardSelection = enumeration("vd_agent_clipboard_selection", 8, {
  CLIPBOARD: 0,
  PRIMARY: 1,
  SECONDARY: 2,
});

/** Source: vd_agent.h VD_AGENT_FILE_XFER_STATUS_. */
export const FileXferResult = enumeration("vd_agent_file_xfer_status", 32, {
  CAN_SEND_DATA: 0,
  CANCELLED: 1,
  ERROR: 2,
  SUCCESS: 3,
  NOT_ENOUGH_SPACE: 4,
  SESSION_LOCKED: 5,
  VDAGENT_NOT_CONNECTED: 6,
  DISABLED: 7,
});

/** Whose numbers the error code of {@link VDAgentFileXferStatusError} is from; GLIB_IO is GIOErrorEnum. */
export const FileXferErrorType = enumeration("vd_agent_file_xfer_status_error", 8, { GLIB_IO: 0 });

/** Precedes each chunk on the agent's port, between server and guest. */
export const VDIChunkHeader = struct("VDIChunkHeader", {
  port: enumOf(VdpPort),
  size: u32,
}, { source: "vd_agent.h VDIChunkHeader", notes: { size: "bytes of the chunk" } });
/** Value of {@link VDIChunkHeader}. */
export type VDIChunkHeader = Infer<typeof VDIChunkHeader>;

/** One message to or from the agent; its body is not decoded. */
export const VDAgentMessage = struct("VDAgentMessage", {
  protocol: u32,
  type: enumOf(AgentMessageType),
  opaque: u64,
  size: countOf("data"),
  data: bytes("size"),
}, {
  source: "vd_agent.h VDAgentMessage",
  notes: { protocol: "1", opaque: "0 in the reference; nobody reads it" },
});
/** Value of {@link VDAgentMessage}. */
export type VDAgentMessage = Infer<typeof VDAgentMessage>;

/** Server to agent: where the pointer is, in client mouse mode. */
export const AgentMouseState = message("VD_AGENT_MOUSE_STATE", AgentMessageType.MOUSE_STATE, {
  x: u32,
  y: u32,
  buttons: flagsOf(AgentMouseButtons),
  displayId: u8,
}, { source: "vd_agent.h VDAgentMouseState", notes: { x: "pixels", y: "pixels", displayId: "channel id" } });

/** One monitor of {@link AgentMonitorsConfig}. */
export const VDAgentMonConfig = struct("VDAgentMonConfig", {
  height: u32,
  width: u32,
  depth: u32,
  x: i32,
  y: i32,
}, {
  source: "vd_agent.h VDAgentMonConfig",
  notes: { height: "pixels", width: "pixels; 0 × 0 is a monitor turned off", depth: "bits per pixel" },
});

/** Physical size of one monitor of {@link AgentMonitorsConfig}. */
export const VDAgentMonitorMM = struct("VDAgentMonitorMM", {
  height: u16,
  width: u16,
}, { source: "vd_agent.h VDAgentMonitorMM", notes: { height: "millimetres", width: "millimetres; 0 × 0 is unknown" } });

/** Client to agent, or to the server when its display device takes it: the monitors that the client has. */
export const AgentMonitorsConfig = message("VD_AGENT_MONITORS_CONFIG", AgentMessageType.MONITORS_CONFIG, {
  numOfMonitors: countOf("monitors"),
  flags: flagsOf(MonitorsConfigFlags),
  monitors: array(VDAgentMonConfig, "numOfMonitors"),
  physicalSizes: whenFlag("flags", "PHYSICAL_SIZE", array(VDAgentMonitorMM, "numOfMonitors")),
}, { source: "vd_agent.h VDAgentMonitorsConfig", notes: { physicalSizes: "as many as monitors" } });

/** Agent to client: whether a message was carried out. */
export const AgentReply = message("VD_AGENT_REPLY", AgentMessageType.REPLY, {
  type: enumOf(AgentMessageType),
  error: enumOf(AgentOutcome),
}, { source: "vd_agent.h VDAgentReply", notes: { type: "the message that is answered" } });

/** What the messages about one clipboard begin with, when both sides have CLIPBOARD_SELECTION. */
const selection = { selection: enumOf(ClipboardSelection), reserved: bytes(3) } as const;

/** Both ways: what the clipboard holds, in answer to a request. */
export const AgentClipboard = message("VD_AGENT_CLIPBOARD", AgentMessageType.CLIPBOARD, {
  ...selection,
  type: enumOf(ClipboardType),
  data: bytes(REST),
}, { source: "vd_agent.h VDAgentClipboard", notes: { type: "NONE: the request cannot be met" } });

/** {@link AgentClipboard} without CLIPBOARD_SELECTION. */
export const AgentClipboardPlain = message("VD_AGENT_CLIPBOARD_PLAIN", AgentMessageType.CLIPBOARD, {
  type: enumOf(ClipboardType),
  data: bytes(REST),
}, { source: "vd_agent.h VDAgentClipboard" });

/** Client to agent: effects of the desktop to turn off, and its colour depth. */
export const AgentDisplayConfig = message("VD_AGENT_DISPLAY_CONFIG", AgentMessageType.DISPLAY_CONFIG, {
  flags: flagsOf(DisplayConfigFlags),
  depth: u32,
}, { source: "vd_agent.h VDAgentDisplayConfig", notes: { depth: "bits per pixel, read with SET_COLOR_DEPTH" } });

/** Both ways: what the sender can do. Once each has sent it, the capabilities of both hold. */
export const AgentAnnounceCapabilities = message(
  "VD_AGENT_ANNOUNCE_CAPABILITIES",
  AgentMessageType.ANNOUNCE_CAPABILITIES,
  { request: u32, caps: array(u32, REST) },
  { source: "vd_agent.h VDAgentAnnounceCapabilities", notes: { request: "not 0: announce yours too" } },
);

/** Both ways: the sender's side has new clipboard contents, in these types. With selection and grab serial. */
export const AgentClipboardGrab = message("VD_AGENT_CLIPBOARD_GRAB", AgentMessageType.CLIPBOARD_GRAB, {
  ...selection,
  serial: u32,
  types: array(enumOf(ClipboardType), REST),
}, {
  source: "vd_agent.h VDAgentClipboardGrab",
  notes: { serial: "counts the grabs of one selection by either side, from 0: a grab with another number is dropped" },
});

/** {@link AgentClipboardGrab} with CLIPBOARD_SELECTION and without CLIPBOARD_GRAB_SERIAL. */
export const AgentClipboardGrabNoSerial = message(
  "VD_AGENT_CLIPBOARD_GRAB_NO_SERIAL",
  AgentMessageType.CLIPBOARD_GRAB,
  { ...selection, types: array(enumOf(ClipboardType), REST) },
  { source: "vd_agent.h VDAgentClipboardGrab" },
);

/** {@link AgentClipboardGrab} with CLIPBOARD_GRAB_SERIAL and without CLIPBOARD_SELECTION. */
export const AgentClipboardGrabNoSelection = message(
  "VD_AGENT_CLIPBOARD_GRAB_NO_SELECTION",
  AgentMessageType.CLIPBOARD_GRAB,
  { serial: u32, types: array(enumOf(ClipboardType), REST) },
  { source: "vd_agent.h VDAgentClipboardGrab" },
);

/** {@link AgentClipboardGrab} with neither. */
export const AgentClipboardGrabPlain = message("VD_AGENT_CLIPBOARD_GRAB_PLAIN", AgentMessageType.CLIPBOARD_GRAB, {
  types: array(enumOf(ClipboardType), REST),
}, { source: "vd_agent.h VDAgentClipboardGrab" });

/** Both ways: asks for the contents that the other side grabbed, in one of its types. */
export const AgentClipboardRequest = message("VD_AGENT_CLIPBOARD_REQUEST", AgentMessageType.CLIPBOARD_REQUEST, {
  ...selection,
  type: enumOf(ClipboardType),
}, { source: "vd_agent.h VDAgentClipboardRequest" });

/** {@link AgentClipboardRequest} without CLIPBOARD_SELECTION. */
export const AgentClipboardRequestPlain = message(
  "VD_AGENT_CLIPBOARD_REQUEST_PLAIN",
  AgentMessageType.CLIPBOARD_REQUEST,
  { type: enumOf(ClipboardType) },
  { source: "vd_agent.h VDAgentClipboardRequest" },
);

/** Both ways: the sender's side no longer has what it grabbed. */
export const AgentClipboardRelease = message(
  "VD_AGENT_CLIPBOARD_RELEASE",
  AgentMessageType.CLIPBOARD_RELEASE,
  selection,
  { source: "vd_agent.h VDAgentClipboardRelease" },
);

/** {@link AgentClipboardRelease} without CLIPBOARD_SELECTION. */
export const AgentClipboardReleasePlain = message(
  "VD_AGENT_CLIPBOARD_RELEASE_PLAIN",
  AgentMessageType.CLIPBOARD_RELEASE,
  {},
  { source: "vd_agent.h VDAgentClipboardRelease" },
);

/** Client to agent: wants to send a file. */
export const AgentFileXferStart = message("VD_AGENT_FILE_XFER_START", AgentMessageType.FILE_XFER_START, {
  id: u32,
  data: textBytes(REST),
}, {
  source: "vd_agent.h VDAgentFileXferStartMessage, spice-gtk channel-main.c file_xfer_init_task_async_cb",
  notes: {
    id: "the client's number for this file",
    data: "GKeyFile [vdagent-file-xfer] with name and size, and a NUL",
  },
});

/** Both ways: the transfer may go on, or is over. {@link fileXferDetail} reads `data`. */
export const AgentFileXferStatus = message("VD_AGENT_FILE_XFER_STATUS", AgentMessageType.FILE_XFER_STATUS, {
  id: u32,
  result: enumOf(FileXferResult),
  data: bytes(REST),
}, {
  source: "vd_agent.h VDAgentFileXferStatusMessage",
  notes: { data: "by result, with FILE_XFER_DETAILED_ERRORS; may be missing even then" },
});

/** Detail of the result NOT_ENOUGH_SPACE. */
export const VDAgentFileXferStatusNotEnoughSpace = struct("VDAgentFileXferStatusNotEnoughSpace", {
  diskFreeSpace: u64,
}, { source: "vd_agent.h VDAgentFileXferStatusNotEnoughSpace", notes: { diskFreeSpace: "bytes" } });

/** Detail of the result ERROR. */
export const VDAgentFileXferStatusError = struct("VDAgentFileXferStatusError", {
  errorType: enumOf(FileXferErrorType),
  errorCode: u32,
}, { source: "vd_agent.h VDAgentFileXferStatusError" });

/** Client to agent: the next bytes of a file. */
export const AgentFileXferData = message("VD_AGENT_FILE_XFER_DATA", AgentMessageType.FILE_XFER_DATA, {
  id: u32,
  size: u64,
  data: bytes(REST),
}, { source: "vd_agent.h VDAgentFileXferDataMessage", notes: { size: "bytes of data in this message" } });

/** Server to agent: no client is left. */
export const AgentClientDisconnected = message(
  "VD_AGENT_CLIENT_DISCONNECTED",
  AgentMessageType.CLIENT_DISCONNECTED,
  {},
  { source: "vd_agent.h VD_AGENT_CLIENT_DISCONNECTED" },
);

/** Client to agent: send no more clipboard data than this at once. */
export const AgentMaxClipboard = message("VD_AGENT_MAX_CLIPBOARD", AgentMessageType.MAX_CLIPBOARD, {
  max: i32,
}, { source: "vd_agent.h VDAgentMaxClipboard", notes: { max: "bytes; -1 for no bound" } });

/** Client to agent: the volume of the client's playback or record stream. */
export const AgentAudioVolumeSync = message("VD_AGENT_AUDIO_VOLUME_SYNC", AgentMessageType.AUDIO_VOLUME_SYNC, {
  isPlayback: u8,
  mute: u8,
  nchannels: countOf("volume", u8),
  volume: array(u16, "nchannels"),
}, { source: "vd_agent.h VDAgentAudioVolumeSync", notes: { volume: "0 to 65535, by channel" } });

/** One display of {@link AgentGraphicsDeviceInfo}. */
export const VDAgentDeviceDisplayInfo = struct("VDAgentDeviceDisplayInfo", {
  channelId: u32,
  monitorId: u32,
  deviceDisplayId: u32,
  deviceAddressLen: countOf("deviceAddress"),
  deviceAddress: textBytes("deviceAddressLen"),
}, {
  source: "vd_agent.h VDAgentDeviceDisplayInfo",
  notes: { deviceAddress: "as pci/0000/02.0, with NUL", deviceDisplayId: "output of that device" },
});

/** Server to agent: which guest device and output is behind each display. */
export const AgentGraphicsDeviceInfo = message("VD_AGENT_GRAPHICS_DEVICE_INFO", AgentMessageType.GRAPHICS_DEVICE_INFO, {
  count: countOf("displayInfo"),
  displayInfo: array(VDAgentDeviceDisplayInfo, "count"),
}, { source: "vd_agent.h VDAgentGraphicsDeviceInfo" });

/** All layouts, by type and then by how many capabilities they need. */
export const agentMessages = [
  AgentMouseState,
  AgentMonitorsConfig,
  AgentReply,
  AgentClipboardPlain,
  AgentClipboard,
  AgentDisplayConfig,
  AgentAnnounceCapabilities,
  AgentClipboardGrabPlain,
  AgentClipboardGrabNoSelection,
  AgentClipboardGrabNoSerial,
  AgentClipboardGrab,
  AgentClipboardRequestPlain,
  AgentClipboardRequest,
  AgentClipboardReleasePlain,
  AgentClipboardRelease,
  AgentFileXferStart,
  AgentFileXferStatus,
  AgentFileXferData,
  AgentClientDisconnected,
  AgentMaxClipboard,
  AgentAudioVolumeSync,
  AgentGraphicsDeviceInfo,
] as const;

/** A decoded body: `name` tells the layout and narrows `value`. */
export type AgentBody = MessageOf<typeof agentMessages>;

/**
 * Which layout a message has.
 *
 * @param type A value of {@link AgentMessageType}.
 * @param caps Capability words that both sides announced, see {@link AgentCap}; none before the announcements.
 * @returns `undefined` for a type that is not known.
 */
export function agentMessageBody(type: number, caps: readonly number[]): Message | undefined {
  const bySelection = hasCap(caps, AgentCap.CLIPBOARD_SELECTION);
  const bySerial = hasCap(caps, AgentCap.CLIPBOARD_GRAB_SERIAL);
  switch (type) {
    case AgentMessageType.CLIPBOARD:
      return bySelection ? AgentClipboard : AgentClipboardPlain;
    case AgentMessageType.CLIPBOARD_GRAB:
      if (bySelection) return bySerial ? AgentClipboardGrab : AgentClipboardGrabNoSerial;
      return bySerial ? AgentClipboardGrabNoSelection : AgentClipboardGrabPlain;
    case AgentMessageType.CLIPBOARD_REQUEST:
      return bySelection ? AgentClipboardRequest : AgentClipboardRequestPlain;
    case AgentMessageType.CLIPBOARD_RELEASE:
      return bySelection ? AgentClipboardRelease : AgentClipboardReleasePlain;
    default:
      return agentMessages.find((message) => message.id === type);
  }
}

/**
 * Decodes the body of a message.
 *
 * @param caps Capability words that both sides announced.
 * @throws {ProtocolError} `unknown-message`, and what {@link decode} throws.
 */
export function decodeAgentBody(
  { type, data }: Pick<VDAgentMessage, "type" | "data">,
  caps: readonly number[],
  limits?: Limits,
): AgentBody {
  const body = agentMessageBody(type, caps);
  if (body === undefined) {
    throw new ProtocolError({ code: "unknown-message", message: "VDAgentMessage", detail: `type ${type}` });
  }
  const value = decode(body.wire, data, limits === undefined ? {} : { limits });
  // The name and the value come from one declaration of the list that AgentBody is made of.
  return { name: body.name, value } as AgentBody;
}

/** What `data` of a {@link AgentFileXferStatus} says. */
export type FileXferDetail =
  | { readonly is: "NOT_ENOUGH_SPACE"; readonly value: Infer<typeof VDAgentFileXferStatusNotEnoughSpace> }
  | { readonly is: "ERROR"; readonly value: Infer<typeof VDAgentFileXferStatusError> };

/**
 * Reads the detail behind a file transfer's status.
 * Source: spice-gtk channel-main.c main_agent_handle_xfer_status.
 *
 * @returns `null` when the result has no detail or the sender gave none.
 */
export function fileXferDetail(
  { result, data }: Pick<ValueOf<typeof AgentFileXferStatus>, "result" | "data">,
): FileXferDetail | null {
  if (result === FileXferResult.NOT_ENOUGH_SPACE && data.length >= VDAgentFileXferStatusNotEnoughSpace.min) {
    return { is: "NOT_ENOUGH_SPACE", value: decode(VDAgentFileXferStatusNotEnoughSpace, data) };
  }
  if (result === FileXferResult.ERROR && data.length >= VDAgentFileXferStatusError.min) {
    return { is: "ERROR", value: decode(VDAgentFileXferStatusError, data) };
  }
  return null;
}
