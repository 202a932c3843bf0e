/** The messages that every channel has. */
import { message, sameAs } from "../schema/message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  type Infer,
  REST,
  struct,
  textBytes,
  u32,
  u64,
  u8,
} from "../schema/wire.ts";
import { ChannelType, LinkErr, MigrateFlags, NotifySeverity, NotifyVisibility } from "./enums.ts";

/** A message of another channel to wait for. Source: spice.proto ChannelWait, WaitForChannel. */
export const WaitForChannel = struct("WaitForChannel", {
  channelType: enumOf(ChannelType),
  channelId: u8,
  messageSerial: u64,
}, { source: "spice.proto ChannelWait, WaitForChannel" });
/** Value of {@link WaitForChannel}. */
export type WaitForChannel = Infer<typeof WaitForChannel>;

/** The channel migrates. Source: spice.proto BaseChannel.migrate. */
export const Migrate = message("MIGRATE", 1, { flags: flagsOf(MigrateFlags) }, {
  source: "spice.proto BaseChannel.migrate",
});

/** Channel state, echoed by the client to the server migrated to. Source: spice.proto BaseChannel.migrate_data. */
export const MigrateData = message("MIGRATE_DATA", 2, { data: bytes(REST) }, {
  source: "spice.proto BaseChannel.migrate_data",
});

/** The client is to acknowledge every `window` messages. Source: spice.proto BaseChannel.set_ack. */
export const SetAck = message("SET_ACK", 3, { generation: u32, window: u32 }, {
  source: "spice.proto BaseChannel.set_ack",
  notes: { window: "messages; 0 for no acknowledgements" },
});

/** Asks for a pong; `data` measures the bandwidth. Source: spice.proto BaseChannel.ping. */
export const Ping = message("PING", 4, { id: u32, timestamp: u64, data: bytes(REST) }, {
  source: "spice.proto BaseChannel.ping",
});

/** The next message must wait for other channels. Source: spice.proto BaseChannel.wait_for_channels. */
export const WaitForChannels = message("WAIT_FOR_CHANNELS", 5, {
  waitCount: countOf("waitList", u8),
  waitList: array(WaitForChannel, "waitCount"),
}, { source: "spice.proto BaseChannel.wait_for_channels" });

/** The server is about to close. Source: spice.proto BaseChannel.disconnecting. */
export const Disconnecting = message("DISCONNECTING", 6, { timeStamp: u64, reason: enumOf(LinkErr) }, {
  source: "spice.proto BaseChannel.disconnecting",
});

/**
 * Text for the user. Source: spice.proto BaseChannel.notify, and spice-server main-channel-client.cpp
 * main_channel_marshall_notify for the NUL behind it, which spice.proto does not have.
 */
export const Notify = message("NOTIFY", 7, {
  timeStamp: u64,
  severity: enumOf(NotifySeverity),
  visibility: enumOf(NotifyVisibility),
  what: u32,
  messageLen: countOf("message"),
  message: textBytes("messageLen"),
  terminator: bytes(REST),
}, {
  source: "spice.proto BaseChannel.notify",
  notes: {
    what: "a link_err, warn_code or info_code, as severity says",
    terminator: "not in spice.proto: one NUL, which messageLen does not count; may be missing",
  },
  wire: { visibility: "visibilty" },
});

/** Messages in one; `data` is a SpiceSubMessageList and its sub-messages. Source: spice.proto BaseChannel.list. */
export const List = message("LIST", 8, { data: bytes(REST) }, { source: "spice.proto BaseChannel.list" });

/** Marks the end of the base messages; never sent. Source: spice.proto BaseChannel.base_last. */
export const BaseLast = message("BASE_LAST", 100, {}, { source: "spice.proto BaseChannel.base_last" });

/** Answers SET_ACK. Source: spice.proto BaseChannel.ack_sync. */
export const AckSync = message("ACK_SYNC", 1, { generation: u32 }, { source: "spice.proto BaseChannel.ack_sync" });

/** A window of messages has arrived. Source: spice.proto BaseChannel.ack. */
export const Ack = message("ACK", 2, {}, { source: "spice.proto BaseChannel.ack" });

/** Answers PING. Source: spice.proto BaseChannel.pong. */
export const Pong = message("PONG", 3, { id: u32, timestamp: u64 }, {
  source: "spice.proto BaseChannel.pong",
  notes: { timestamp: "that of the ping" },
});

/** The last message before a migration. Source: spice.proto BaseChannel.migrate_flush_mark. */
export const MigrateFlushMark = message("MIGRATE_FLUSH_MARK", 4, {}, {
  source: "spice.proto BaseChannel.migrate_flush_mark",
});

/** Channel state, as the server left had sent it. Source: spice.proto BaseChannel.migrate_data. */
export const ClientMigrateData = sameAs("MIGRATE_DATA", 5, MigrateData);

/** The client is about to close. Source: spice.proto BaseChannel.disconnecting. */
export const ClientDisconnecting = sameAs("DISCONNECTING", 6, Disconnecting);

/** Messages from the server that every channel has. */
export const baseServer = [
  Migrate,
  MigrateData,
  SetAck,
  Ping,
  WaitForChannels,
  Disconnecting,
  Notify,
  List,
  BaseLast,
] as const;

/** Messages from the client that every channel has. */
export const baseClient = [AckSync, Ack, Pong, MigrateFlushMark, ClientMigrateData, ClientDisconnecting] as const;
