/**
 * MIGRATE_DATA: what the source server hands to the target server through the client, which must not look inside.
 *
 * Each channel has a layout of its own behind `u32 magic | u32 version`. Offsets count from the magic on, that is from
 * the start of the message body. Source: spice-server migration-protocol.h.
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { decode } from "../schema/decode.ts";
import {
  array,
  bytes,
  countOf,
  i32,
  i64,
  type Infer,
  pointer,
  struct,
  u16,
  u32,
  u64,
  u8,
  type Wire,
} from "../schema/wire.ts";
import { VDIChunkHeader } from "./agent.ts";

/** Version of the whole. Source: migration-protocol.h SPICE_MIGRATION_PROTOCOL_VERSION. */
export const SPICE_MIGRATION_PROTOCOL_VERSION = 1;
/** Version of every layout here, and of the device part inside them. Source: migration-protocol.h SPICE_MIGRATE_DATA_. */
export const MIGRATE_DATA_VERSION = 1;
/** `MNMD`, little-endian. Source: migration-protocol.h SPICE_MIGRATE_DATA_MAIN_MAGIC. */
export const MIGRATE_DATA_MAIN_MAGIC = 0x444d4e4d;
/** `DCMD`, little-endian. Source: migration-protocol.h SPICE_MIGRATE_DATA_DISPLAY_MAGIC. */
export const MIGRATE_DATA_DISPLAY_MAGIC = 0x444d4344;
/** `ICMD`, little-endian. Source: migration-protocol.h SPICE_MIGRATE_DATA_INPUTS_MAGIC. */
export const MIGRATE_DATA_INPUTS_MAGIC = 0x444d4349;
/** `SVMD`, little-endian: usbredir, port, webdav. Source: migration-protocol.h SPICE_MIGRATE_DATA_SPICEVMC_MAGIC. */
export const MIGRATE_DATA_SPICEVMC_MAGIC = 0x444d5653;
/** `SCMD`, little-endian. Source: migration-protocol.h SPICE_MIGRATE_DATA_SMARTCARD_MAGIC. */
export const MIGRATE_DATA_SMARTCARD_MAGIC = 0x444d4353;

/** Begins every layout. */
export const MigrateDataHeader = struct("SpiceMigrateDataHeader", { magic: u32, version: u32 }, {
  source: "migration-protocol.h SpiceMigrateDataHeader",
});

/** State of a character device. */
export const MigrateDataCharDevice = struct("SpiceMigrateDataCharDevice", {
  version: u32,
  connected: u8,
  numClientTokens: u32,
  numSendTokens: u32,
  writeSize: countOf("writeData"),
  writeNumClientTokens: u32,
  writeData: pointer(bytes("writeSize")),
}, {
  source: "migration-protocol.h SpiceMigrateDataCharDevice",
  notes: {
    connected: "0: the rest is 0 too",
    writeData: "bytes that the device has yet to take",
    writeNumClientTokens: "how many of the client's messages are part of writeData",
  },
  wire: { writeData: "write_data_ptr" },
});

/** Of the main channel: the state of the guest agent. */
export const MigrateDataMain = struct("SpiceMigrateDataMain", {
  ...MigrateDataHeader.fields,
  agentBase: MigrateDataCharDevice,
  clientAgentStarted: u8,
  agent2client: struct("SpiceMigrateDataMainAgent2client", {
    chunkHeaderSize: u32,
    chunkHeader: VDIChunkHeader,
    msgHeaderDone: u8,
    msgHeaderPartialLen: countOf("msgHeader"),
    msgHeader: pointer(bytes("msgHeaderPartialLen")),
    msgRemaining: u32,
    msgFilterResult: u8,
  }, {
    source: "migration-protocol.h SpiceMigrateDataMain",
    notes: {
      chunkHeaderSize: "bytes of chunkHeader that were read from the agent",
      msgHeader: "bytes of a VDAgentMessage that were read from the agent, less than its header",
      msgRemaining: "bytes of the message that is under way",
    },
    wire: { msgHeader: "msg_header_ptr" },
  }),
  client2agent: struct("SpiceMigrateDataMainClient2agent", {
    msgRemaining: u32,
    msgFilterResult: u8,
  }, { source: "migration-protocol.h SpiceMigrateDataMain" }),
}, { source: "migration-protocol.h SpiceMigrateDataMain, reds.cpp reds_marshall_migrate_data" });
/** Value of {@link MigrateDataMain}. */
export type MigrateDataMain = Infer<typeof MigrateDataMain>;

/** Of an inputs channel. */
export const MigrateDataInputs = struct("SpiceMigrateDataInputs", {
  ...MigrateDataHeader.fields,
  motionCount: u16,
}, {
  source: "migration-protocol.h SpiceMigrateDataInputs",
  notes: { motionCount: "motion messages since the last MOUSE_MOTION_ACK" },
});
/** Value of {@link MigrateDataInputs}. */
export type MigrateDataInputs = Infer<typeof MigrateDataInputs>;

/** Of a usbredir, port or webdav channel. */
export const MigrateDataSpicevmc = struct("SpiceMigrateDataSpiceVmc", {
  ...MigrateDataHeader.fields,
  base: MigrateDataCharDevice,
}, { source: "migration-protocol.h SpiceMigrateDataSpiceVmc" });
/** Value of {@link MigrateDataSpicevmc}. */
export type MigrateDataSpicevmc = Infer<typeof MigrateDataSpicevmc>;

/** Of a smartcard channel. */
export const MigrateDataSmartcard = struct("SpiceMigrateDataSmartcard", {
  ...MigrateDataHeader.fields,
  base: MigrateDataCharDevice,
  readerAdded: u8,
  readSize: countOf("readData"),
  readData: pointer(bytes("readSize")),
}, {
  source: "migration-protocol.h SpiceMigrateDataSmartcard",
  notes: { readData: "part of a message that was read from the device" },
  wire: { readData: "read_data_ptr" },
});
/** Value of {@link MigrateDataSmartcard}. */
export type MigrateDataSmartcard = Infer<typeof MigrateDataSmartcard>;

/** State of the GLZ dictionary. */
export const GlzEncDictRestoreData = struct("GlzEncDictRestoreData", {
  size: u32,
  maxEncoders: u32,
  lastImageId: u64,
}, { source: "glz-encoder-dict.h GlzEncDictRestoreData", notes: { size: "pixels of the window" } });

const displayFields = {
  ...MigrateDataHeader.fields,
  messageSerial: u64,
  lowBandwidthSetting: u8,
  pixmapCacheId: u8,
  pixmapCacheSize: i64,
  pixmapCacheFreezer: u8,
  pixmapCacheClients: array(u64, 4),
  glzDictId: u8,
  glzDictData: GlzEncDictRestoreData,
} as const;

const displayInfo = {
  source: "migration-protocol.h SpiceMigrateDataDisplay",
  notes: {
    messageSerial: "of the next message of this channel",
    pixmapCacheSize: "pixels",
    pixmapCacheFreezer: "1: this channel thaws the cache on the target",
    pixmapCacheClients: "serial of each display channel's last message that the cache has seen",
  },
  wire: { surfacesAtClient: "surfaces_at_client_ptr" },
} as const;

/** Of a display channel, when the server does not use JPEG. */
export const MigrateDataDisplay = struct("SpiceMigrateDataDisplay", {
  ...displayFields,
  surfacesAtClient: pointer(
    struct("MigrateDisplaySurfacesAtClientLossless", {
      numSurfaces: countOf("surfaces"),
      surfaces: array(struct("MigrateDisplaySurfaceLossless", { id: u32 }), "numSurfaces"),
    }, { source: "migration-protocol.h MigrateDisplaySurfacesAtClientLossless" }),
  ),
}, displayInfo);
/** Value of {@link MigrateDataDisplay}. */
export type MigrateDataDisplay = Infer<typeof MigrateDataDisplay>;

/** Of a display channel, when the server uses JPEG. Nothing in the bytes says which: the target knows its own setting. */
export const MigrateDataDisplayLossy = struct("SpiceMigrateDataDisplayLossy", {
  ...displayFields,
  surfacesAtClient: pointer(
    struct("MigrateDisplaySurfacesAtClientLossy", {
      numSurfaces: countOf("surfaces"),
      surfaces: array(
        struct("MigrateDisplaySurfaceLossy", {
          id: u32,
          lossyRect: struct("SpiceMigrateDataRect", { left: i32, top: i32, right: i32, bottom: i32 }),
        }),
        "numSurfaces",
      ),
    }, { source: "migration-protocol.h MigrateDisplaySurfacesAtClientLossy" }),
  ),
}, displayInfo);
/** Value of {@link MigrateDataDisplayLossy}. */
export type MigrateDataDisplayLossy = Infer<typeof MigrateDataDisplayLossy>;

/** The body of a MIGRATE_DATA message: `is` names the layout. */
export type MigrateDataContents =
  | { readonly is: "MAIN"; readonly value: MigrateDataMain }
  | { readonly is: "DISPLAY"; readonly value: MigrateDataDisplay }
  | { readonly is: "DISPLAY_LOSSY"; readonly value: MigrateDataDisplayLossy }
  | { readonly is: "INPUTS"; readonly value: MigrateDataInputs }
  | { readonly is: "SPICEVMC"; readonly value: MigrateDataSpicevmc }
  | { readonly is: "SMARTCARD"; readonly value: MigrateDataSmartcard };

/** How to read a MIGRATE_DATA body. */
export interface MigrateDataOptions {
  /** Bounds for the decoder. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Does the server that reads use JPEG? The source is expected to be set alike. Default: false. */
  readonly lossy?: boolean;
}

/**
 * Decodes the body of MIGRATE_DATA by its magic.
 *
 * @param body The whole message body, the magic included.
 * @throws {ProtocolError} `bad-tag` (unknown magic), `bad-version`, and what {@link decode} throws.
 */
export function decodeMigrateData(body: Uint8Array, options: MigrateDataOptions = {}): MigrateDataContents {
  const { magic, version } = decode(MigrateDataHeader, body);
  if (version > MIGRATE_DATA_VERSION) {
    throw refuse("bad-version", "version", `${version}, at most ${MIGRATE_DATA_VERSION} is known`);
  }
  const read = <T>(wire: Wire<T>): T => {
    return decode(wire, body, options.limits === undefined ? {} : { limits: options.limits });
  };
  switch (magic) {
    case MIGRATE_DATA_MAIN_MAGIC:
      return { is: "MAIN", value: read(MigrateDataMain) };
    case MIGRATE_DATA_DISPLAY_MAGIC:
      if (options.lossy) return { is: "DISPLAY_LOSSY", value: read(MigrateDataDisplayLossy) };
      return { is: "DISPLAY", value: read(MigrateDataDisplay) };
    case MIGRATE_DATA_INPUTS_MAGIC:
      return { is: "INPUTS", value: read(MigrateDataInputs) };
    case MIGRATE_DATA_SPICEVMC_MAGIC:
      return { is: "SPICEVMC", value: read(MigrateDataSpicevmc) };
    case MIGRATE_DATA_SMARTCARD_MAGIC:
      return { is: "SMARTCARD", value: read(MigrateDataSmartcard) };
    default:
      throw refuse("bad-tag", "magic", `0x${magic.toString(16)} is of no channel`);
  }
}

function refuse(code: "bad-tag" | "bad-version", path: string, detail: string): ProtocolError {
  return new ProtocolError({ code, message: "SpiceMigrateDataHeader", path, detail });
}
