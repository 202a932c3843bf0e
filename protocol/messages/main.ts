/** The main channel: session, channels, mouse mode, agent, migration. */
import { channel, message, sameAs } from "../schema/message.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  flagsOf,
  type Infer,
  optionalPointer,
  pointer,
  REST,
  struct,
  textBytes,
  u16,
  u32,
  u64,
  u8,
} from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { ChannelType, LinkErr, MouseMode } from "./enums.ts";

/** Type and id of a channel. Source: spice.proto ChannelId. */
export const ChannelId = struct("ChannelId", { type: enumOf(ChannelType), id: u8 }, {
  source: "spice.proto ChannelId",
});
/** Value of {@link ChannelId}. */
export type ChannelId = Infer<typeof ChannelId>;

/** Where a session migrates to. Source: spice.proto DstInfo. */
export const DstInfo = struct("DstInfo", {
  port: u16,
  sport: u16,
  hostSize: countOf("hostData"),
  hostData: pointer(textBytes("hostSize"), "eager"),
  certSubjectSize: countOf("certSubjectData"),
  certSubjectData: optionalPointer(textBytes("certSubjectSize"), "eager"),
}, {
  source: "spice.proto DstInfo",
  notes: { port: "0 for none", sport: "TLS port, 0 for none", hostData: "host name with its NUL" },
});
/** Value of {@link DstInfo}. */
export type DstInfo = Infer<typeof DstInfo>;

/** Connect to the server migrated to. Source: spice.proto MainChannel.migrate_begin. */
export const MainMigrateBegin = message("MAIN_MIGRATE_BEGIN", 101, { dstInfo: DstInfo }, {
  source: "spice.proto MainChannel.migrate_begin",
});

/** The migration is off. Source: spice.proto MainChannel.migrate_cancel. */
export const MainMigrateCancel = message("MAIN_MIGRATE_CANCEL", 102, {}, {
  source: "spice.proto MainChannel.migrate_cancel",
});

/** The session begins. Source: spice.proto MainChannel.init. */
export const MainInit = message("MAIN_INIT", 103, {
  sessionId: u32,
  displayChannelsHint: u32,
  supportedMouseModes: flagsOf(MouseMode, u32),
  currentMouseMode: flagsOf(MouseMode, u32),
  agentConnected: u32,
  agentTokens: u32,
  multiMediaTime: u32,
  ramHint: u32,
}, {
  source: "spice.proto MainChannel.init",
  notes: {
    sessionId: "connection id of every further channel",
    agentConnected: "1 or 0",
    agentTokens: "agent data messages that the client may send",
    multiMediaTime: "milliseconds, wrapping",
    ramHint: "bytes",
  },
});

/** The channels that the client may link to. Source: spice.proto MainChannel.channels_list. */
export const MainChannelsList = message("MAIN_CHANNELS_LIST", 104, {
  numOfChannels: countOf("channels"),
  channels: array(ChannelId, "numOfChannels"),
}, { source: "spice.proto MainChannel.channels_list" });

/** The mouse mode changed. Source: spice.proto MainChannel.mouse_mode. */
export const MainMouseMode = message("MAIN_MOUSE_MODE", 105, {
  supportedModes: flagsOf(MouseMode),
  currentMode: flagsOf(MouseMode),
}, { source: "spice.proto MainChannel.mouse_mode", notes: { currentMode: "one flag" } });

/** The server's multimedia clock. Source: spice.proto MainChannel.multi_media_time. */
export const MainMultiMediaTime = message("MAIN_MULTI_MEDIA_TIME", 106, { time: u32 }, {
  source: "spice.proto MainChannel.multi_media_time",
  notes: { time: "milliseconds, wrapping" },
});

/** The agent has come. Source: spice.proto MainChannel.agent_connected. */
export const MainAgentConnected = message("MAIN_AGENT_CONNECTED", 107, {}, {
  source: "spice.proto MainChannel.agent_connected",
});

/** The agent has gone. Source: spice.proto MainChannel.agent_disconnected. */
export const MainAgentDisconnected = message("MAIN_AGENT_DISCONNECTED", 108, { errorCode: enumOf(LinkErr) }, {
  source: "spice.proto MainChannel.agent_disconnected",
});

/** Part of the agent's byte stream. Source: spice.proto MainChannel.agent_data. */
export const MainAgentData = message("MAIN_AGENT_DATA", 109, { data: bytes(REST) }, {
  source: "spice.proto MainChannel.agent_data",
});

/** The client may send that many more agent data messages. Source: spice.proto MainChannel.agent_token. */
export const MainAgentToken = message("MAIN_AGENT_TOKEN", 110, { numTokens: u32 }, {
  source: "spice.proto MainChannel.agent_token",
});

/** Reconnect to another server. Source: spice.proto MainChannel.migrate_switch_host. */
export const MainMigrateSwitchHost = message("MAIN_MIGRATE_SWITCH_HOST", 111, {
  port: u16,
  sport: u16,
  hostSize: countOf("hostData"),
  hostData: optionalPointer(textBytes("hostSize"), "eager"),
  certSubjectSize: countOf("certSubjectData"),
  certSubjectData: optionalPointer(textBytes("certSubjectSize"), "eager"),
}, { source: "spice.proto MainChannel.migrate_switch_host" });

/** The migration is over. Source: spice.proto MainChannel.migrate_end. */
export const MainMigrateEnd = message("MAIN_MIGRATE_END", 112, {}, { source: "spice.proto MainChannel.migrate_end" });

/** Name of the machine. Source: spice.proto MainChannel.name. */
export const MainName = message("MAIN_NAME", 113, { nameLen: countOf("name"), name: textBytes("nameLen") }, {
  source: "spice.proto MainChannel.name",
});

/** Identity of the machine. Source: spice.proto MainChannel.uuid. */
export const MainUuid = message("MAIN_UUID", 114, { uuid: bytes(16) }, { source: "spice.proto MainChannel.uuid" });

/** The agent has come, with tokens. Source: spice.proto MainChannel.agent_connected_tokens. */
export const MainAgentConnectedTokens = message("MAIN_AGENT_CONNECTED_TOKENS", 115, { numTokens: u32 }, {
  source: "spice.proto MainChannel.agent_connected_tokens",
});

/** Connect to the server migrated to, seamlessly. Source: spice.proto MainChannel.migrate_begin_seamless. */
export const MainMigrateBeginSeamless = message("MAIN_MIGRATE_BEGIN_SEAMLESS", 116, {
  dstInfo: DstInfo,
  srcMigVersion: u32,
}, { source: "spice.proto MainChannel.migrate_begin_seamless" });

/** The server migrated to takes the state. Source: spice.proto MainChannel.migrate_dst_seamless_ack. */
export const MainMigrateDstSeamlessAck = message("MAIN_MIGRATE_DST_SEAMLESS_ACK", 117, {}, {
  source: "spice.proto MainChannel.migrate_dst_seamless_ack",
});

/** The server migrated to cannot take the state. Source: spice.proto MainChannel.migrate_dst_seamless_nack. */
export const MainMigrateDstSeamlessNack = message("MAIN_MIGRATE_DST_SEAMLESS_NACK", 118, {}, {
  source: "spice.proto MainChannel.migrate_dst_seamless_nack",
});

/** Size of the client's cache. Source: spice.proto MainChannel.client_info. */
export const MainClientInfo = message("MAIN_CLIENT_INFO", 101, { cacheSize: u64 }, {
  source: "spice.proto MainChannel.client_info",
});

/** The client has linked to the server migrated to. Source: spice.proto MainChannel.migrate_connected. */
export const MainMigrateConnected = message("MAIN_MIGRATE_CONNECTED", 102, {}, {
  source: "spice.proto MainChannel.migrate_connected",
});

/** The client could not link to the server migrated to. Source: spice.proto MainChannel.migrate_connect_error. */
export const MainMigrateConnectError = message("MAIN_MIGRATE_CONNECT_ERROR", 103, {}, {
  source: "spice.proto MainChannel.migrate_connect_error",
});

/** Asks for the channels list. Source: spice.proto MainChannel.attach_channels. */
export const MainAttachChannels = message("MAIN_ATTACH_CHANNELS", 104, {}, {
  source: "spice.proto MainChannel.attach_channels",
});

/** Asks for a mouse mode. Source: spice.proto MainChannel.mouse_mode_request. */
export const MainMouseModeRequest = message("MAIN_MOUSE_MODE_REQUEST", 105, { mode: flagsOf(MouseMode) }, {
  source: "spice.proto MainChannel.mouse_mode_request",
  notes: { mode: "one flag" },
});

/** Opens the agent's stream; the server may send that many. Source: spice.proto MainChannel.agent_start. */
export const MainAgentStart = message("MAIN_AGENT_START", 106, { numTokens: u32 }, {
  source: "spice.proto MainChannel.agent_start",
});

/** Part of the byte stream to the agent. Source: spice.proto MainChannel.agent_data. */
export const ClientMainAgentData = sameAs("MAIN_AGENT_DATA", 107, MainAgentData);

/** The server may send that many more agent data messages. Source: spice.proto MainChannel.agent_token. */
export const ClientMainAgentToken = sameAs("MAIN_AGENT_TOKEN", 108, MainAgentToken);

/** All channels have moved. Source: spice.proto MainChannel.migrate_end. */
export const ClientMainMigrateEnd = sameAs("MAIN_MIGRATE_END", 109, MainMigrateEnd);

/** Asks the server migrated to whether it takes the state. Source: spice.proto MainChannel.migrate_dst_do_seamless. */
export const MainMigrateDstDoSeamless = message("MAIN_MIGRATE_DST_DO_SEAMLESS", 110, { srcVersion: u32 }, {
  source: "spice.proto MainChannel.migrate_dst_do_seamless",
});

/** The client has linked and the state will be taken. Source: spice.proto MainChannel.migrate_connected_seamless. */
export const MainMigrateConnectedSeamless = message("MAIN_MIGRATE_CONNECTED_SEAMLESS", 111, {}, {
  source: "spice.proto MainChannel.migrate_connected_seamless",
});

/** Opaque quality report. Source: spice.proto MainChannel.quality_indicator. */
export const MainQualityIndicator = message("MAIN_QUALITY_INDICATOR", 112, { data: bytes(REST) }, {
  source: "spice.proto MainChannel.quality_indicator",
});

/** The main channel. Source: spice.proto MainChannel. */
export const main = channel(
  "main",
  ChannelType.MAIN,
  [
    ...baseServer,
    MainMigrateBegin,
    MainMigrateCancel,
    MainInit,
    MainChannelsList,
    MainMouseMode,
    MainMultiMediaTime,
    MainAgentConnected,
    MainAgentDisconnected,
    MainAgentData,
    MainAgentToken,
    MainMigrateSwitchHost,
    MainMigrateEnd,
    MainName,
    MainUuid,
    MainAgentConnectedTokens,
    MainMigrateBeginSeamless,
    MainMigrateDstSeamlessAck,
    MainMigrateDstSeamlessNack,
  ],
  [
    ...baseClient,
    MainClientInfo,
    MainMigrateConnected,
    MainMigrateConnectError,
    MainAttachChannels,
    MainMouseModeRequest,
    MainAgentStart,
    ClientMainAgentData,
    ClientMainAgentToken,
    ClientMainMigrateEnd,
    MainMigrateDstDoSeamless,
    MainMigrateConnectedSeamless,
    MainQualityIndicator,
  ],
);
