/** The display channel: surfaces, streams, caches, monitors; the draw messages are in draw.ts. */
import { channel, message, sameAs } from "../schema/message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i32,
  i64,
  type Infer,
  REST,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../schema/wire.ts";
import { baseClient, baseServer, WaitForChannels } from "./base.ts";
import {
  DisplayCopyBits,
  DisplayDrawAlphaBlend,
  DisplayDrawBlackness,
  DisplayDrawBlend,
  DisplayDrawComposite,
  DisplayDrawCopy,
  DisplayDrawFill,
  DisplayDrawInvers,
  DisplayDrawOpaque,
  DisplayDrawRop3,
  DisplayDrawStroke,
  DisplayDrawText,
  DisplayDrawTransparent,
  DisplayDrawWhiteness,
} from "./draw.ts";
import {
  ChannelType,
  GlScanoutFlags,
  ImageCompression,
  ResourceType,
  StreamFlags,
  SurfaceFlags,
  SurfaceFmt,
  VideoCodecType,
} from "./enums.ts";
import { Clip, Rect } from "./geometry.ts";

/** A cached thing. Source: spice.proto ResourceID. */
export const ResourceID = struct("ResourceID", { type: enumOf(ResourceType), id: u64 }, {
  source: "spice.proto ResourceID",
});
/** Value of {@link ResourceID}. */
export type ResourceID = Infer<typeof ResourceID>;

/** Which stream, and when to show. Source: spice.proto StreamDataHeader. */
export const StreamDataHeader = struct("StreamDataHeader", { id: u32, multiMediaTime: u32 }, {
  source: "spice.proto StreamDataHeader",
  notes: { id: "below 64", multiMediaTime: "milliseconds, wrapping" },
});
/** Value of {@link StreamDataHeader}. */
export type StreamDataHeader = Infer<typeof StreamDataHeader>;

/** A monitor: a part of a surface. Source: spice.proto Head. */
export const Head = struct("Head", {
  monitorId: u32,
  surfaceId: u32,
  width: u32,
  height: u32,
  x: u32,
  y: u32,
  flags: u32,
}, {
  source: "spice.proto Head",
});
/** Value of {@link Head}. */
export type Head = Infer<typeof Head>;

/** Screen size of old servers. Source: spice.proto DisplayChannel.mode. */
export const DisplayMode = message("DISPLAY_MODE", 101, { xRes: u32, yRes: u32, bits: u32 }, {
  source: "spice.proto DisplayChannel.mode",
});

/** The picture is complete and can be shown. Source: spice.proto DisplayChannel.mark. */
export const DisplayMark = message("DISPLAY_MARK", 102, {}, { source: "spice.proto DisplayChannel.mark" });

/** The screen and the palette cache are void. Source: spice.proto DisplayChannel.reset. */
export const DisplayReset = message("DISPLAY_RESET", 103, {}, { source: "spice.proto DisplayChannel.reset" });

/** Drop cached images. Source: spice.proto DisplayChannel.inval_list. */
export const DisplayInvalList = message("DISPLAY_INVAL_LIST", 105, {
  count: countOf("resources", u16),
  resources: array(ResourceID, "count"),
}, { source: "spice.proto DisplayChannel.inval_list" });

/** Drop all cached images once other channels are done. Source: spice.proto DisplayChannel.inval_all_pixmaps. */
export const DisplayInvalAllPixmaps = sameAs("DISPLAY_INVAL_ALL_PIXMAPS", 106, WaitForChannels);

/** Drop a cached palette. Source: spice.proto DisplayChannel.inval_palette. */
export const DisplayInvalPalette = message("DISPLAY_INVAL_PALETTE", 107, { id: u64 }, {
  source: "spice.proto DisplayChannel.inval_palette",
});

/** Drop all cached palettes. Source: spice.proto DisplayChannel.inval_all_palettes. */
export const DisplayInvalAllPalettes = message("DISPLAY_INVAL_ALL_PALETTES", 108, {}, {
  source: "spice.proto DisplayChannel.inval_all_palettes",
});

/** A video stream begins. Source: spice.proto DisplayChannel.stream_create. */
export const DisplayStreamCreate = message("DISPLAY_STREAM_CREATE", 122, {
  surfaceId: u32,
  id: u32,
  flags: flagsOf(StreamFlags),
  codecType: enumOf(VideoCodecType),
  stamp: u64,
  streamWidth: u32,
  streamHeight: u32,
  srcWidth: u32,
  srcHeight: u32,
  dest: Rect,
  clip: Clip,
}, { source: "spice.proto DisplayChannel.stream_create", notes: { id: "below 64" } });

/** A frame of a stream. Source: spice.proto DisplayChannel.stream_data. */
export const DisplayStreamData = message("DISPLAY_STREAM_DATA", 123, {
  base: StreamDataHeader,
  dataSize: countOf("data"),
  data: bytes("dataSize"),
}, { source: "spice.proto DisplayChannel.stream_data" });

/** A stream's clip changed. Source: spice.proto DisplayChannel.stream_clip. */
export const DisplayStreamClip = message("DISPLAY_STREAM_CLIP", 124, { id: u32, clip: Clip }, {
  source: "spice.proto DisplayChannel.stream_clip",
});

/** A stream ends. Source: spice.proto DisplayChannel.stream_destroy. */
export const DisplayStreamDestroy = message("DISPLAY_STREAM_DESTROY", 125, { id: u32 }, {
  source: "spice.proto DisplayChannel.stream_destroy",
});

/** All streams end. Source: spice.proto DisplayChannel.stream_destroy_all. */
export const DisplayStreamDestroyAll = message("DISPLAY_STREAM_DESTROY_ALL", 126, {}, {
  source: "spice.proto DisplayChannel.stream_destroy_all",
});

/** A surface begins. Source: spice.proto DisplayChannel.surface_create. */
export const DisplaySurfaceCreate = message("DISPLAY_SURFACE_CREATE", 314, {
  surfaceId: u32,
  width: u32,
  height: u32,
  format: enumOf(SurfaceFmt),
  flags: flagsOf(SurfaceFlags),
}, { source: "spice.proto DisplayChannel.surface_create" });

/** A surface ends. Source: spice.proto DisplayChannel.surface_destroy. */
export const DisplaySurfaceDestroy = message("DISPLAY_SURFACE_DESTROY", 315, { surfaceId: u32 }, {
  source: "spice.proto DisplayChannel.surface_destroy",
});

/** A frame with its own size and place. Source: spice.proto DisplayChannel.stream_data_sized. */
export const DisplayStreamDataSized = message("DISPLAY_STREAM_DATA_SIZED", 316, {
  base: StreamDataHeader,
  width: u32,
  height: u32,
  dest: Rect,
  dataSize: countOf("data"),
  data: bytes("dataSize"),
}, { source: "spice.proto DisplayChannel.stream_data_sized" });

/** The monitors. Source: spice.proto DisplayChannel.monitors_config. */
export const DisplayMonitorsConfig = message("DISPLAY_MONITORS_CONFIG", 317, {
  count: countOf("heads", u16),
  maxAllowed: u16,
  heads: array(Head, "count"),
}, { source: "spice.proto DisplayChannel.monitors_config" });

/** Report on a stream from now on. Source: spice.proto DisplayChannel.stream_activate_report. */
export const DisplayStreamActivateReport = message("DISPLAY_STREAM_ACTIVATE_REPORT", 319, {
  streamId: u32,
  uniqueId: u32,
  maxWindowSize: u32,
  timeoutMs: u32,
}, {
  source: "spice.proto DisplayChannel.stream_activate_report",
  notes: { maxWindowSize: "frames between two reports at most" },
});

/** The picture is in a DMA buffer, whose descriptor comes beside. Source: spice.proto DisplayChannel.gl_scanout_unix. */
export const DisplayGlScanoutUnix = message("DISPLAY_GL_SCANOUT_UNIX", 320, {
  drmDmaBufFd: fd,
  width: u32,
  height: u32,
  stride: u32,
  drmFourccFormat: u32,
  flags: flagsOf(GlScanoutFlags),
}, {
  source: "spice.proto DisplayChannel.gl_scanout_unix",
  notes: { stride: "bytes", drmFourccFormat: "drm_fourcc.h" },
});

/** Part of the DMA buffer changed. Source: spice.proto DisplayChannel.gl_draw. */
export const DisplayGlDraw = message("DISPLAY_GL_DRAW", 321, { x: u32, y: u32, w: u32, h: u32 }, {
  source: "spice.proto DisplayChannel.gl_draw",
});

/** Opaque quality report. Source: spice.proto DisplayChannel.quality_indicator. */
export const DisplayQualityIndicator = message("DISPLAY_QUALITY_INDICATOR", 322, { data: bytes(REST) }, {
  source: "spice.proto DisplayChannel.quality_indicator",
});

/** The client's caches. Source: spice.proto DisplayChannel.init. */
export const DisplayInit = message("DISPLAY_INIT", 101, {
  pixmapCacheId: u8,
  pixmapCacheSize: i64,
  glzDictionaryId: u8,
  glzDictionaryWindowSize: i32,
}, {
  source: "spice.proto DisplayChannel.init",
  notes: { pixmapCacheSize: "pixels", glzDictionaryWindowSize: "pixels" },
});

/** How a stream runs at the client. Source: spice.proto DisplayChannel.stream_report. */
export const DisplayStreamReport = message("DISPLAY_STREAM_REPORT", 102, {
  streamId: u32,
  uniqueId: u32,
  startFrameMmTime: u32,
  endFrameMmTime: u32,
  numFrames: u32,
  numDrops: u32,
  lastFrameDelay: i32,
  audioDelay: u32,
}, {
  source: "spice.proto DisplayChannel.stream_report",
  notes: {
    numFrames: "frames since the last report",
    numDrops: "of these, dropped for being late; 0xffffffff with 0 frames: the stream cannot be decoded",
    lastFrameDelay: "milliseconds: end_frame_mm_time - client mm-time",
    audioDelay: "milliseconds; 0xffffffff without audio",
  },
});

/** The image compression that the client prefers. Source: spice.proto DisplayChannel.preferred_compression. */
export const DisplayPreferredCompression = message("DISPLAY_PREFERRED_COMPRESSION", 103, {
  imageCompression: enumOf(ImageCompression),
}, { source: "spice.proto DisplayChannel.preferred_compression" });

/** GL_DRAW is done. Source: spice.proto DisplayChannel.gl_draw_done. */
export const DisplayGlDrawDone = message("DISPLAY_GL_DRAW_DONE", 104, {}, {
  source: "spice.proto DisplayChannel.gl_draw_done",
});

/** The video codecs that the client prefers, best first. Source: spice.proto DisplayChannel.preferred_video_codec_type. */
export const DisplayPreferredVideoCodecType = message("DISPLAY_PREFERRED_VIDEO_CODEC_TYPE", 105, {
  numOfCodecs: countOf("codecs", u8),
  codecs: array(enumOf(VideoCodecType), "numOfCodecs"),
}, { source: "spice.proto DisplayChannel.preferred_video_codec_type" });

/** The display channel. Source: spice.proto DisplayChannel. */
export const display = channel(
  "display",
  ChannelType.DISPLAY,
  [
    ...baseServer,
    DisplayMode,
    DisplayMark,
    DisplayReset,
    DisplayCopyBits,
    DisplayInvalList,
    DisplayInvalAllPixmaps,
    DisplayInvalPalette,
    DisplayInvalAllPalettes,
    DisplayStreamCreate,
    DisplayStreamData,
    DisplayStreamClip,
    DisplayStreamDestroy,
    DisplayStreamDestroyAll,
    DisplayDrawFill,
    DisplayDrawOpaque,
    DisplayDrawCopy,
    DisplayDrawBlend,
    DisplayDrawBlackness,
    DisplayDrawWhiteness,
    DisplayDrawInvers,
    DisplayDrawRop3,
    DisplayDrawStroke,
    DisplayDrawText,
    DisplayDrawTransparent,
    DisplayDrawAlphaBlend,
    DisplaySurfaceCreate,
    DisplaySurfaceDestroy,
    DisplayStreamDataSized,
    DisplayMonitorsConfig,
    DisplayDrawComposite,
    DisplayStreamActivateReport,
    DisplayGlScanoutUnix,
    DisplayGlDraw,
    DisplayQualityIndicator,
  ],
  [
    ...baseClient,
    DisplayInit,
    DisplayStreamReport,
    DisplayPreferredCompression,
    DisplayGlDrawDone,
    DisplayPreferredVideoCodecType,
  ],
);
