/** The enumerations and flag sets of `spice.proto`, in its order. Members keep their wire names without `SPICE_X_`. */
import { enumeration, flags } from "../schema/enumeration.ts";

/** Answer to the link, to the ticket, and reason of a disconnect. Source: spice.proto link_err. */
export const LinkErr = enumeration("link_err", 32, {
  OK: 0,
  ERROR: 1,
  INVALID_MAGIC: 2,
  INVALID_DATA: 3,
  VERSION_MISMATCH: 4,
  NEED_SECURED: 5,
  NEED_UNSECURED: 6,
  PERMISSION_DENIED: 7,
  BAD_CONNECTION_ID: 8,
  CHANNEL_NOT_AVAILABLE: 9,
});

/** What a notification of severity WARN is about. Source: spice.proto warn_code. */
export const WarnCode = enumeration("warn_code", 32, { WARN_GENERAL: 0 });

/** What a notification of severity INFO is about. Source: spice.proto info_code. */
export const InfoCode = enumeration("info_code", 32, { INFO_GENERAL: 0 });

/** What a channel must do before it migrates. Source: spice.proto migrate_flags. */
export const MigrateFlags = flags("migrate_flags", 32, { NEED_FLUSH: 0, NEED_DATA_TRANSFER: 1 });

/**
 * Operator (bits 0 to 7), filters, repeats and parts of a composite. Source: spice.proto composite_flags, where
 * MASK_FILTER1 is spelt MASK_FITLER1.
 */
export const CompositeFlags = flags("composite_flags", 32, {
  OP0: 0,
  OP1: 1,
  OP2: 2,
  OP3: 3,
  OP4: 4,
  OP5: 5,
  OP6: 6,
  OP7: 7,
  SRC_FILTER0: 8,
  SRC_FILTER1: 9,
  SRC_FILTER2: 10,
  MASK_FILTER0: 11,
  MASK_FILTER1: 12,
  MASK_FILTER2: 13,
  SRC_REPEAT0: 14,
  SRC_REPEAT1: 15,
  MASK_REPEAT0: 16,
  MASK_REPEAT1: 17,
  COMPONENT_ALPHA: 18,
  HAS_MASK: 19,
  HAS_SRC_TRANSFORM: 20,
  HAS_MASK_TRANSFORM: 21,
  SOURCE_OPAQUE: 22,
  MASK_OPAQUE: 23,
  DEST_OPAQUE: 24,
});

/** How grave a notification is. Source: spice.proto notify_severity. */
export const NotifySeverity = enumeration("notify_severity", 32, { INFO: 0, WARN: 1, ERROR: 2 });

/** How loudly a notification should be shown. Source: spice.proto notify_visibility. */
export const NotifyVisibility = enumeration("notify_visibility", 32, { LOW: 0, MEDIUM: 1, HIGH: 2 });

/** Who draws the pointer: SERVER takes relative motion, CLIENT absolute positions. Source: spice.proto mouse_mode. */
export const MouseMode = flags("mouse_mode", 16, { SERVER: 0, CLIENT: 1 });

/** Compression of a spicevmc payload. Source: spice.proto data_compression_type. */
export const DataCompressionType = enumeration("data_compression_type", 8, { NONE: 0, LZ4: 1 });

/** Whether a clip has rectangles. Source: spice.proto clip_type. */
export const ClipType = enumeration("clip_type", 8, { NONE: 0, RECTS: 1 });

/** Role of a path segment. Source: spice.proto path_flags. */
export const PathFlags = flags("path_flags", 8, { BEGIN: 0, END: 1, CLOSE: 3, BEZIER: 4 });

/** Codec of a video stream. Source: spice.proto video_codec_type. */
export const VideoCodecType = enumeration("video_codec_type", 8, { MJPEG: 1, VP8: 2, H264: 3, VP9: 4, H265: 5 });

/** Row order of a video stream. Source: spice.proto stream_flags. */
export const StreamFlags = flags("stream_flags", 8, { TOP_DOWN: 0 });

/** What a brush paints with. Source: spice.proto brush_type. */
export const BrushType = enumeration("brush_type", 8, { NONE: 0, SOLID: 1, PATTERN: 2 });

/** Sense of a mask. Source: spice.proto mask_flags. */
export const MaskFlags = flags("mask_flags", 8, { INVERS: 0 });

/** How an image is encoded. Source: spice.proto image_type. */
export const ImageType = enumeration("image_type", 8, {
  BITMAP: 0,
  QUIC: 1,
  RESERVED: 2,
  LZ_PLT: 100,
  LZ_RGB: 101,
  GLZ_RGB: 102,
  FROM_CACHE: 103,
  SURFACE: 104,
  JPEG: 105,
  FROM_CACHE_LOSSLESS: 106,
  ZLIB_GLZ_RGB: 107,
  JPEG_ALPHA: 108,
  LZ4: 109,
});

/** Compression that a client prefers. Source: spice.proto image_compression. */
export const ImageCompression = enumeration("image_compression", 8, {
  INVALID: 0,
  OFF: 1,
  AUTO_GLZ: 2,
  AUTO_LZ: 3,
  QUIC: 4,
  GLZ: 5,
  LZ: 6,
  LZ4: 7,
});

/** What to do with an image beside drawing it. Source: spice.proto image_flags. */
export const ImageFlags = flags("image_flags", 8, { CACHE_ME: 0, HIGH_BITS_SET: 1, CACHE_REPLACE_ME: 2 });

/** Pixel format of a raw bitmap. Source: spice.proto bitmap_fmt. */
export const BitmapFmt = enumeration("bitmap_fmt", 8, {
  INVALID: 0,
  "1BIT_LE": 1,
  "1BIT_BE": 2,
  "4BIT_LE": 3,
  "4BIT_BE": 4,
  "8BIT": 5,
  "16BIT": 6,
  "24BIT": 7,
  "32BIT": 8,
  RGBA: 9,
  "8BIT_A": 10,
});

/** Palette caching and row order of a bitmap. Source: spice.proto bitmap_flags. */
export const BitmapFlags = flags("bitmap_flags", 8, { PAL_CACHE_ME: 0, PAL_FROM_CACHE: 1, TOP_DOWN: 2 });

/** Row order of the alpha part of a JPEG image. Source: spice.proto jpeg_alpha_flags. */
export const JpegAlphaFlags = flags("jpeg_alpha_flags", 8, { TOP_DOWN: 0 });

/** Filter for scaling an image. Source: spice.proto image_scale_mode. */
export const ImageScaleMode = enumeration("image_scale_mode", 8, { INTERPOLATE: 0, NEAREST: 1 });

/** Raster operation as inversions and one operator. Source: spice.proto ropd. */
export const Ropd = flags("ropd", 16, {
  INVERS_SRC: 0,
  INVERS_BRUSH: 1,
  INVERS_DEST: 2,
  OP_PUT: 3,
  OP_OR: 4,
  OP_AND: 5,
  OP_XOR: 6,
  OP_BLACKNESS: 7,
  OP_WHITENESS: 8,
  OP_INVERS: 9,
  INVERS_RES: 10,
});

/** Dashes of a line. Source: spice.proto line_flags. */
export const LineFlags = flags("line_flags", 8, { START_WITH_GAP: 2, STYLED: 3 });

/** Depth of the glyphs of a string; exactly one of the first three is set. Source: spice.proto string_flags. */
export const StringFlags = flags("string_flags", 8, {
  RASTER_A1: 0,
  RASTER_A4: 1,
  RASTER_A8: 2,
  RASTER_TOP_DOWN: 3,
});

/** Role of a surface. Source: spice.proto surface_flags. */
export const SurfaceFlags = flags("surface_flags", 32, { PRIMARY: 0, STREAMING_MODE: 1 });

/** Pixel format of a surface. Source: spice.proto surface_fmt. */
export const SurfaceFmt = enumeration("surface_fmt", 32, {
  INVALID: 0,
  "1_A": 1,
  "8_A": 8,
  "16_555": 16,
  "16_565": 80,
  "32_xRGB": 32,
  "32_ARGB": 96,
});

/** Which side of an alpha blend has an alpha channel. Source: spice.proto alpha_flags. */
export const AlphaFlags = flags("alpha_flags", 8, { DEST_HAS_ALPHA: 0, SRC_SURFACE_HAS_ALPHA: 1 });

/** What a resource id names. Source: spice.proto resource_type. */
export const ResourceType = enumeration("resource_type", 8, { INVALID: 0, PIXMAP: 1 });

/** Row order of a GL scanout. Source: spice.proto gl_scanout_flags. */
export const GlScanoutFlags = flags("gl_scanout_flags", 32, { Y0TOP: 0 });

/** Lock keys that are on. Source: spice.proto keyboard_modifier_flags. */
export const KeyboardModifierFlags = flags("keyboard_modifier_flags", 16, {
  SCROLL_LOCK: 0,
  NUM_LOCK: 1,
  CAPS_LOCK: 2,
});

/** A mouse button; UP and DOWN are wheel steps. Source: spice.proto mouse_button. */
export const MouseButton = enumeration("mouse_button", 8, {
  INVALID: 0,
  LEFT: 1,
  MIDDLE: 2,
  RIGHT: 3,
  UP: 4,
  DOWN: 5,
  SIDE: 6,
  EXTRA: 7,
});

/** Mouse buttons that are down. Source: spice.proto mouse_button_mask. */
export const MouseButtonMask = flags("mouse_button_mask", 16, {
  LEFT: 0,
  MIDDLE: 1,
  RIGHT: 2,
  UP: 3,
  DOWN: 4,
  SIDE: 5,
  EXTRA: 6,
});

/** Pixel format of a cursor. Source: spice.proto cursor_type. */
export const CursorType = enumeration("cursor_type", 8, {
  ALPHA: 0,
  MONO: 1,
  COLOR4: 2,
  COLOR8: 3,
  COLOR16: 4,
  COLOR24: 5,
  COLOR32: 6,
});

/** Caching of a cursor; NONE means that there is no cursor. Source: spice.proto cursor_flags. */
export const CursorFlags = flags("cursor_flags", 16, { NONE: 0, CACHE_ME: 1, FROM_CACHE: 2 });

/** Codec of audio data. Source: spice.proto audio_data_mode. */
export const AudioDataMode = enumeration("audio_data_mode", 16, { INVALID: 0, RAW: 1, CELT_0_5_1: 2, OPUS: 3 });

/** Sample format of audio. Source: spice.proto audio_fmt. */
export const AudioFmt = enumeration("audio_fmt", 16, { INVALID: 0, S16: 1 });

/** Kind of a smartcard message. Source: spice.proto vsc_message_type. */
export const VscMessageType = enumeration("vsc_message_type", 32, {
  Init: 1,
  Error: 2,
  ReaderAdd: 3,
  ReaderRemove: 4,
  ATR: 5,
  CardRemove: 6,
  APDU: 7,
  Flush: 8,
  FlushComplete: 9,
});

/** Channel type in the link message. Source: spice.proto protocol Spice; spice/enums.h SPICE_CHANNEL_MAIN. */
export const ChannelType = enumeration("SPICE_CHANNEL", 8, {
  MAIN: 1,
  DISPLAY: 2,
  INPUTS: 3,
  CURSOR: 4,
  PLAYBACK: 5,
  RECORD: 6,
  TUNNEL: 7,
  SMARTCARD: 8,
  USBREDIR: 9,
  PORT: 10,
  WEBDAV: 11,
});

/** What happened to a port. Source: spice/protocol.h SPICE_PORT_EVENT_OPENED. */
export const PortEventType = enumeration("SPICE_PORT_EVENT", 8, { OPENED: 0, CLOSED: 1, BREAK: 2 });
