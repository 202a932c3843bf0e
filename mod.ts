/**
 * Saffron: SPICE, the remote-desktop protocol of QEMU virtual machines, in pure TypeScript.
 *
 * This is the public face; it re-exports and holds no code. Start with {@link connect}.
 *
 * @module
 */

// A session with a server.
export { connect, type ConnectOptions } from "./client/connect.ts";
export { type ChannelInfo, Session, type Unsupported } from "./client/session.ts";
export {
  type PictureOptions,
  type QuietOptions,
  Screen,
  type ScreenHead,
  type Screenshot,
  type ScreenshotOptions,
  type WaitOptions,
} from "./client/screen.ts";
export { Keyboard, type KeyOptions } from "./client/keyboard.ts";
export { type ClickOptions, type Place, Pointer, type PointerOptions } from "./client/pointer.ts";
export { comparePictures, cropPicture, type Picture, type PictureDifference } from "./client/picture.ts";
export type { ChannelCapabilities, ChannelId, Head, SessionEvent, SessionInit } from "./client/core/events.ts";
export type { Cursor } from "./client/core/cursor.ts";
export type { Connection } from "./io/pipe.ts";
export type { CursorShape } from "./canvas/cursor.ts";
export type { Point, Rect } from "./canvas/rect.ts";
export type { Surface, SurfaceFormat } from "./canvas/surface.ts";

// The client core without I/O.
export { SessionCore, type SessionOptions, type SessionOutput } from "./client/core/session_core.ts";
export type { CursorChannel } from "./client/core/cursor_channel.ts";
export { type DecodeJob, decodeJob, type DecodeResult } from "./client/core/decode_ahead.ts";
export type { DisplayChannel } from "./client/core/display_channel.ts";
export type { ButtonName, InputsChannel } from "./client/core/inputs_channel.ts";
export type { MainChannel } from "./client/core/main_channel.ts";
export type { Answer, Question } from "./protocol/question.ts";

// Keyboards.
export { KeyboardError, type KeyboardErrorCode, type Untypable } from "./client/core/keyboard/keyboard_error.ts";
export { type KeyEvent, Scancode } from "./client/core/keyboard/scancode.ts";
export { type Chord, chordToKeys, parseChord } from "./client/core/keyboard/chord.ts";
export type { KeyLevels, Layout } from "./client/core/keyboard/layout.ts";
export { layoutByName } from "./client/core/keyboard/layout_by_name.ts";
export { findUntypable, textToKeys, type TypeTextOptions } from "./client/core/keyboard/type_text.ts";

// The protocol: every message as data, and what walks it.
export { type Culprit, ProtocolError, type ProtocolErrorCode } from "./protocol/errors.ts";
export { DEFAULT_LIMITS, type Limits } from "./protocol/limits.ts";
export { channelByType, type ChannelName, channels } from "./protocol/messages/channels.ts";
/** Every declaration, by name: `messages.DisplayDrawCopy`, `messages.AgentClipboardGrab`, … */
export * as messages from "./protocol/messages/mod.ts";
export * from "./protocol/messages/enums.ts";
export * from "./protocol/capabilities.ts";
export { decode, type DecodeOptions } from "./protocol/schema/decode.ts";
export { concat, encode, encodeBytes } from "./protocol/schema/encode.ts";
export {
  type Enumeration,
  type EnumMeta,
  type MemberOf,
  type META,
  metaOf,
  nameOf,
  namesOf,
} from "./protocol/schema/enumeration.ts";
export { print, type PrintOptions } from "./protocol/schema/print.ts";
export { describe, type DescribeOptions, type Row } from "./protocol/schema/describe.ts";
export { arbitrary } from "./protocol/schema/arbitrary.ts";
export type { Prng } from "./protocol/schema/prng.ts";
export { compareWithSpec, type SpecComparison, type SpecCounts } from "./protocol/schema/compare_with_spec.ts";
export type { LayoutCounts } from "./protocol/schema/compare_layouts.ts";
export type { Allowed, Difference, DifferenceKind } from "./protocol/schema/difference.ts";
export type { Channel, Message, MessageOf, Sender, ValueOf } from "./protocol/schema/message.ts";
export type {
  ArrayNode,
  BytesNode,
  Count,
  CountNode,
  Derived,
  EnumNode,
  FdNode,
  FlagNode,
  ImageSize,
  Infer,
  Info,
  IntNode,
  MatchNode,
  Node,
  NodeBase,
  NothingNode,
  PointerNode,
  REST,
  Struct,
  StructNode,
  TagNode,
  Typed,
  VALUE,
  Wire,
} from "./protocol/schema/wire.ts";
export { Deframer, type Frame, Framer, type HeaderKind, type SubFrame } from "./protocol/channel/framing.ts";
export {
  ClientLink,
  type ClientLinkOptions,
  type ClientLinkOutput,
  type LinkedPeer,
} from "./protocol/link/client_link.ts";
export { type Offer, ServerLink, type ServerLinkOutput } from "./protocol/link/server_link.ts";
export type { SpiceLinkMess } from "./protocol/messages/link.ts";
export { terminated, text } from "./protocol/text.ts";

// Where servers are.
export { formatUri, type FormatUriOptions, parseUri } from "./protocol/uri.ts";
export { formatVv, parseVv, type VvFile, type VvHotkeys, type VvVersion } from "./protocol/vv.ts";
export type { KeyFile } from "./protocol/key_file.ts";
export type { HostTarget, SpiceTarget, TargetAccess, UnixTarget } from "./protocol/target.ts";
export { type TargetAction, TargetError, type TargetErrorCode } from "./protocol/target_error.ts";

// Byte streams inside messages.
export { agentAssembler, agentChunks, encodeAgentMessage } from "./protocol/agent_stream.ts";
export type { VDAgentMessage } from "./protocol/messages/agent.ts";
export type { UsbredirBody, usbredirPackets } from "./protocol/messages/usbredir_packets.ts";
export type { PacketAssembler, PacketFormat } from "./protocol/packet_assembler.ts";
export {
  decodeUsbredirBody,
  encodeUsbredirPacket,
  type UsbredirPacket,
  UsbredirStream,
} from "./protocol/usbredir_stream.ts";

// Image codecs.
export { CodecError, type CodecErrorCode } from "./codecs/errors.ts";
export type { DecodedImage, DecodeOptions as PixelDecodeOptions } from "./codecs/image.ts";
export {
  BitmapFormat,
  type BitmapLayout,
  bitmapRowBytes,
  decodeBitmap,
  encodeBitmap,
  encodeBitmap32,
} from "./codecs/bitmap.ts";
export {
  decodeLz,
  decodeLzHeader,
  encodeLz,
  encodeLzRgb32,
  type LzHeader,
  type LzSource,
  LzType,
  LzWork,
} from "./codecs/lz.ts";
export {
  decodeGlz,
  decodeGlzHeader,
  encodeGlz,
  GlzDictionary,
  type GlzDictionaryState,
  type GlzHeader,
  type GlzSource,
  type GlzType,
  type GlzWait,
  GlzWindow,
} from "./codecs/glz.ts";
export { decodeZlibGlz, type Deflate, encodeZlibGlz, type Inflate } from "./codecs/zlib_glz.ts";
export { decodeQuic, decodeQuicHeader, encodeQuic, type QuicHeader, QuicType, QuicWork } from "./codecs/quic.ts";
export {
  decodeJpeg,
  decodeJpegHeader,
  encodeJpeg,
  encodeJpegWithin,
  type FittedJpeg,
  type JpegHeader,
  type JpegOptions,
  JpegWork,
} from "./codecs/jpeg.ts";
export {
  decodeJpegAlpha,
  type EncodedJpegAlpha,
  encodeJpegAlpha,
  type JpegAlphaLayout,
  type JpegAlphaOptions,
  type XxxaEncoder,
} from "./codecs/jpeg_alpha.ts";
export {
  CodecWork,
  type Coded,
  type CodedAs,
  type CodedImage,
  decodeImage,
  IMAGE_CODECS,
  type ImageCodec,
  type ImageDecodeOptions,
  type ImageEncodeOptions,
  type ImageTypeName,
} from "./codecs/registry.ts";
export { classify, type PictureClass } from "./codecs/classify.ts";
export { indexColors, type IndexedPicture } from "./codecs/index_colors.ts";
export { decodeLz4, encodeLz4, type Lz4Format, type Lz4Options, Lz4Work } from "./codecs/lz4.ts";

// A server in front of a machine.
export { type ListenAddress, SpiceServer, type SpiceServerOptions } from "./server/spice_server.ts";
export { type DemoClock, DemoMachine, type DemoOptions, MOST_DEMO_HEADS } from "./server/machines/demo/demo_machine.ts";
export { PixelsMachine, type PixelsOptions } from "./server/machines/pixels_machine.ts";
export type {
  Drawable,
  Machine,
  MachineButton,
  MachineCursor,
  MachineEnd,
  MachineInput,
  MouseModes,
  Vdi,
} from "./server/core/vdi.ts";

export type { Traffic } from "./server/io/server_driver.ts";

// The server core without I/O.
export type { MemberLimits } from "./server/core/members.ts";
export { ServerCore, type ServerEvent, type ServerOptions, type ServerOutput } from "./server/core/server_core.ts";
export type { PictureCompression, SlowLinkChoice } from "./server/core/image_compression.ts";
export type { EncodeFailure, EncodeOutput } from "./server/core/encode_jobs.ts";
export type { EncodeJob, EncodeResult, PictureCoding } from "./server/core/encode_picture.ts";
export type { Role, Ticket } from "./server/core/ticket.ts";
export type { ViewerInfo } from "./server/core/viewer.ts";
export type { Change as ScreenChange, Screen as ServerScreen } from "./server/core/screen.ts";
