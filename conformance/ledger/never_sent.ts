/**
 * Items that none of the real peers we know sends, each with the place in their source that shows it.
 *
 * Read were the sources of libspice-server 0.15.1, which is the server in QEMU and in Xspice, of spice-gtk 0.42, which is
 * the client in spicy and in remote-viewer, of spice-html5 at 56ddb30 and of PureSpice at 4f0f5b5. What others said, as
 * spicec, which is no more, or a server that was never published, is not known here. Only the core areas were gone
 * through. An entry may be wrong in one direction only: a test fails when a capture holds what an entry says is not sent.
 */
import { fits } from "../suite/glob.ts";
import type { Item } from "./items.ts";

/** Why some items are not sent. */
export interface NeverSent {
  /** Patterns of addresses, as cases have them. */
  readonly items: readonly string[];
  /** With file and function of the source that shows it. */
  readonly reason: string;
}

/** Members of link_err but OK. */
const ERRORS = [
  ...["ERROR", "INVALID_MAGIC", "INVALID_DATA", "VERSION_MISMATCH", "NEED_SECURED", "NEED_UNSECURED"],
  ...["PERMISSION_DENIED", "BAD_CONNECTION_ID", "CHANNEL_NOT_AVAILABLE"],
];

/** Channels but DISPLAY. */
const OTHER_CHANNELS = [
  ...["MAIN", "INPUTS", "CURSOR", "PLAYBACK", "RECORD", "TUNNEL", "SMARTCARD", "USBREDIR", "PORT", "WEBDAV"],
];

/** All entries. */
export const NEVER_SENT: readonly NeverSent[] = [
  // Link.
  {
    items: ["link/client/SpiceLinkMess/caps=absent"],
    reason: "clients give an offset of capabilities always: spice-gtk spice-channel.c spice_channel_send_link, " +
      "spice-html5 spicemsg.js SpiceLinkMess, PureSpice channel_main.c and the others of its kind",
  },
  {
    items: ["link/client/SpiceLinkMess/caps.common=empty"],
    reason: "clients announce MINI_HEADER at least: spice-gtk spice-channel.c spice_channel_init, spice-html5 " +
      "spiceconn.js send_hdr, PureSpice channel_main.c and the others of its kind",
  },
  {
    items: each("link/server/SpiceLinkReply/error", [
      ...["ERROR", "PERMISSION_DENIED", "BAD_CONNECTION_ID", "CHANNEL_NOT_AVAILABLE"],
    ]),
    reason: "libspice reds.cpp calls reds_send_link_error() with five others only; these come as a result, after the " +
      "ticket, and a channel that is not there gets no reply at all (reds_send_link_ack)",
  },
  {
    items: ["link/server/SpiceLinkReply/caps.common=empty"],
    reason: "libspice red-channel.cpp RedChannel::RedChannel announces MINI_HEADER on every channel",
  },
  {
    items: ["link/channel=TUNNEL"],
    reason:
      "no client has it: spice-gtk spice-channel.c spice_channel_new, spice-html5 main.js process_channel_message, " +
      "PureSpice ps.c know no such channel",
  },
  // Authentication.
  {
    items: each("link/server/SpiceLinkResult/error", [
      ...["INVALID_MAGIC", "INVALID_DATA", "VERSION_MISMATCH", "NEED_SECURED", "NEED_UNSECURED"],
    ]),
    reason: "libspice reds.cpp calls reds_send_link_result() with OK, PERMISSION_DENIED, BAD_CONNECTION_ID and " +
      "CHANNEL_NOT_AVAILABLE only",
  },
  {
    items: ["link/server/SpiceLinkResult/error=ERROR", "link/server/SaslReject"],
    reason: "libspice red-stream.cpp red_sasl_handle_auth_step sends them when a login is good and its protection " +
      "weaker than 56 bits, which is the least that red_sasl_start_auth lets a mechanism give; after a wrong " +
      "password it closes the connection",
  },
  // Headers.
  {
    items: ["lists/LIST/full"],
    reason: "libspice dcc-send.cpp begin_send_message makes a LIST with mini headers only, and with full ones a list " +
      "behind a message (send_free_list_legacy); nothing else there makes lists",
  },
  // Capabilities.
  {
    items: [
      ...["SIZED_STREAM", "COMPOSITE", "A8_SURFACE", "LZ4_COMPRESSION", "GL_SCANOUT", "MULTI_CODEC"],
      ...["CODEC_MJPEG", "CODEC_VP8", "CODEC_H264", "CODEC_VP9", "CODEC_H265"],
    ].map((cap) => `caps/display/${cap}/server`),
    reason:
      "what a client can decode; libspice display-channel.cpp DisplayChannel::DisplayChannel and stream-channel.cpp " +
      "StreamChannel::StreamChannel announce others",
  },
  {
    items: ["caps/display/PREF_VIDEO_CODEC_TYPE/client", "caps/inputs/KEY_SCANCODE/client"],
    reason: "what a server understands: spice-gtk channel-display.c and channel-inputs.c look for it in the server's " +
      "set and do not announce it; spice-html5 spiceconn.js and PureSpice channel_display.c, channel_inputs.c neither",
  },
  {
    items: ["playback", "record"].flatMap((set) =>
      ["client", "server"].map((side) => `caps/${set}/CELT_0_5_1/${side}`)
    ),
    reason: "libspice sound.cpp, spice-gtk channel-playback.c and channel-record.c announce it no more; spice-html5 " +
      "spiceconn.js and PureSpice channel_playback.c, channel_record.c do not",
  },
  {
    items: ["caps/playback/LATENCY/server"],
    reason: "what a client understands; libspice sound.cpp PlaybackChannel::PlaybackChannel announces VOLUME, and Opus",
  },
  // Base.
  {
    items: [
      ...["main", "inputs"].map((channel) => `${channel}/server/SET_ACK`),
      ...["main", "inputs"].flatMap((channel) => ["ACK_SYNC", "ACK"].map((name) => `${channel}/client/${name}`)),
    ],
    reason: "libspice red-channel-client.cpp push_set_ack is called by cursor-channel.cpp, dcc.cpp and " +
      "stream-channel.cpp only, and clients acknowledge nothing before",
  },
  {
    items: ["main", "inputs", "cursor"].flatMap((channel) => {
      return ["WAIT_FOR_CHANNELS", "LIST"].map((name) => `${channel}/server/${name}`);
    }),
    reason: "libspice makes them in dcc-send.cpp alone, for display channels",
  },
  {
    items: [
      "base/server/WAIT_FOR_CHANNELS/waitList=empty",
      ...each("base/server/WAIT_FOR_CHANNELS/waitList[].channelType", OTHER_CHANNELS),
    ],
    reason: "libspice waits for display channels, and for one at least: dcc-send.cpp begin_send_message and " +
      "display_channel_marshall_pixmap_sync",
  },
  {
    items: [
      ...["base", "main", "display", "inputs", "cursor"].map((channel) => `${channel}/server/DISCONNECTING`),
    ],
    reason: "libspice does not say that it goes: red-channel-client.cpp disconnect() closes, and no other file of it " +
      "has SPICE_MSG_DISCONNECTING",
  },
  {
    items: each("base/client/DISCONNECTING/reason", ERRORS),
    reason:
      "PureSpice channel.c channel_internal_disconnectNL gives the reason OK always; spice-gtk spice-channel.c and " +
      "spice-html5 spiceconn.js do not send the message",
  },
  {
    items: [
      ...["display", "inputs", "cursor"].map((channel) => `${channel}/server/NOTIFY`),
      ...each("base/server/NOTIFY/severity", ["INFO", "ERROR"]),
      ...each("base/server/NOTIFY/visibility", ["LOW", "MEDIUM"]),
    ],
    reason: "libspice main-channel-client.cpp main_channel_marshall_notify makes all of them: WARN, HIGH, on main",
  },
  // Main.
  {
    items: [
      "main/server/MAIN_CHANNELS_LIST/channels=empty",
      ...each("main/server/MAIN_CHANNELS_LIST/channels[].type", ["MAIN", "TUNNEL"]),
    ],
    reason:
      "libspice reds.cpp reds_fill_channels lists what was registered (reds_register_channel): the inputs channel " +
      "always, the main channel never; it has no tunnel channel",
  },
  {
    items: each("main/server/MAIN_AGENT_DISCONNECTED/errorCode", ERRORS),
    reason: "libspice main-channel-client.cpp main_channel_marshall_agent_disconnected gives OK always",
  },
  {
    items: ["MAIN_CLIENT_INFO", "MAIN_AGENT_TOKEN", "MAIN_QUALITY_INDICATOR"].map((name) => `main/client/${name}`),
    reason: "not among the messages that clients make: spice-gtk channel-main.c, spice-html5 main.js, PureSpice " +
      "channel_main.c and agent.c",
  },
  // Cursor.
  {
    items: ["cursor/server/CURSOR_INIT/cursor.flags=FROM_CACHE"],
    reason:
      "libspice cursor-channel.cpp CursorChannelClient::send_item forgets what the client has cached before it makes a " +
      "CURSOR_INIT, at a new connection and at a new primary surface",
  },
  {
    items: ["cursor/server/CURSOR_SET/cursor.header=absent"],
    reason:
      "libspice cursor-channel.cpp red_marshall_cursor has a shape for each CURSOR_SET, and cursor_fill leaves out " +
      "the header without one only",
  },
  {
    items: ["cache/cursor/dropped-by-RESET"],
    reason:
      "libspice cursor-channel.cpp CursorChannel::reset sends CURSOR_INVAL_ALL before CURSOR_RESET, so that the cache " +
      "is empty by then",
  },
  // Display.
  {
    items: ["DISPLAY_MODE", "DISPLAY_RESET", "DISPLAY_QUALITY_INDICATOR"].map((name) => `display/server/${name}`),
    reason: "libspice dcc-send.cpp DisplayChannelClient::send_item and display-channel.cpp make no such messages",
  },
  {
    items: ["COPY_BITS", "DRAW_FILL", "DRAW_COPY"].map((name) =>
      `display/server/DISPLAY_${name}/base.clip.shape<RECTS>.rects=empty`
    ),
    reason:
      "libspice display-channel.cpp display_channel_add_drawable drops what no pixel is left of, and the clip of " +
      "dcc-send.cpp marshall_upgrade is the region of a drawable",
  },
  {
    items: ["display/server/DISPLAY_INVAL_LIST/resources=empty"],
    reason: "libspice dcc-send.cpp begin_send_message sends it when there is something to drop only",
  },
  {
    items: each("display/server/DISPLAY_INVAL_ALL_PIXMAPS/waitList[].channelType", OTHER_CHANNELS),
    reason: "libspice dcc-send.cpp dcc_pixmap_cache_reset waits for display channels only",
  },
];

/**
 * The items that entries are about.
 *
 * @param items All there are.
 * @param entries Default: {@link NEVER_SENT}.
 * @returns Their addresses.
 */
export function neverSent(items: readonly Item[], entries: readonly NeverSent[] = NEVER_SENT): Set<string> {
  const globs = entries.flatMap(({ items }) => items);
  return new Set(items.map(({ address }) => address).filter((address) => globs.some((glob) => fits(address, glob))));
}

/** @returns One sentence for each entry that fits nothing, or that a capture speaks against. */
export function wrongEntries(
  items: readonly Item[],
  isCaptured: (address: string) => boolean,
  entries: readonly NeverSent[] = NEVER_SENT,
): string[] {
  return entries.flatMap(({ items: globs }) => globs).flatMap((glob) => {
    const found = items.map(({ address }) => address).filter((address) => fits(address, glob));
    if (found.length === 0) return [`${glob} fits no item`];
    return found.filter(isCaptured).map((address) => `${glob} is sent: a capture has ${address}`);
  });
}

function each(path: string, words: readonly string[]): string[] {
  return words.map((word) => `${path}=${word}`);
}
