/** The playback channel: sound from the guest. The record channel shares its volume and mute. */
import { channel, message } from "../schema/message.ts";
import { array, bytes, countOf, enumOf, REST, u16, u32, u8 } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { AudioDataMode, AudioFmt, ChannelType } from "./enums.ts";

/** A packet of sound. Source: spice.proto PlaybackChannel.data. */
export const PlaybackData = message("PLAYBACK_DATA", 101, { time: u32, data: bytes(REST) }, {
  source: "spice.proto PlaybackChannel.data",
  notes: { time: "multimedia milliseconds, wrapping" },
});

/** The codec from now on. Source: spice.proto PlaybackChannel.mode. */
export const PlaybackMode = message("PLAYBACK_MODE", 102, {
  time: u32,
  mode: enumOf(AudioDataMode),
  data: bytes(REST),
}, { source: "spice.proto PlaybackChannel.mode" });

/** Sound begins. Source: spice.proto PlaybackChannel.start. */
export const PlaybackStart = message("PLAYBACK_START", 103, {
  channels: u32,
  format: enumOf(AudioFmt),
  frequency: u32,
  time: u32,
}, { source: "spice.proto PlaybackChannel.start", notes: { frequency: "samples a second" } });

/** Sound ends. Source: spice.proto PlaybackChannel.stop. */
export const PlaybackStop = message("PLAYBACK_STOP", 104, {}, { source: "spice.proto PlaybackChannel.stop" });

/** Volume of each audio channel. Source: spice.proto AudioVolume. */
export const PlaybackVolume = message("PLAYBACK_VOLUME", 105, {
  nchannels: countOf("volume", u8),
  volume: array(u16, "nchannels"),
}, { source: "spice.proto AudioVolume", notes: { volume: "0 to 65535" } });

/** Muted or not. Source: spice.proto AudioMute. */
export const PlaybackMute = message("PLAYBACK_MUTE", 106, { mute: u8 }, { source: "spice.proto AudioMute" });

/** How long the client should buffer. Source: spice.proto PlaybackChannel.latency. */
export const PlaybackLatency = message("PLAYBACK_LATENCY", 107, { latencyMs: u32 }, {
  source: "spice.proto PlaybackChannel.latency",
});

/** The playback channel. Source: spice.proto PlaybackChannel. */
export const playback = channel(
  "playback",
  ChannelType.PLAYBACK,
  [
    ...baseServer,
    PlaybackData,
    PlaybackMode,
    PlaybackStart,
    PlaybackStop,
    PlaybackVolume,
    PlaybackMute,
    PlaybackLatency,
  ],
  [...baseClient],
);
