/** The record channel: sound to the guest. */
import { channel, message, sameAs } from "../schema/message.ts";
import { enumOf, u32 } from "../schema/wire.ts";
import { baseClient, baseServer } from "./base.ts";
import { AudioFmt, ChannelType } from "./enums.ts";
import { PlaybackData, PlaybackMode, PlaybackMute, PlaybackVolume } from "./playback.ts";

/** The guest listens. Source: spice.proto RecordChannel.start. */
export const RecordStart = message("RECORD_START", 101, { channels: u32, format: enumOf(AudioFmt), frequency: u32 }, {
  source: "spice.proto RecordChannel.start",
  notes: { frequency: "samples a second" },
});

/** The guest no longer listens. Source: spice.proto RecordChannel.stop. */
export const RecordStop = message("RECORD_STOP", 102, {}, { source: "spice.proto RecordChannel.stop" });

/** Volume of each audio channel. Source: spice.proto AudioVolume. */
export const RecordVolume = sameAs("RECORD_VOLUME", 103, PlaybackVolume);

/** Muted or not. Source: spice.proto AudioMute. */
export const RecordMute = sameAs("RECORD_MUTE", 104, PlaybackMute);

/** A packet of sound. Source: spice.proto RecordChannel.data. */
export const RecordData = sameAs("RECORD_DATA", 101, PlaybackData);

/** The codec from now on. Source: spice.proto RecordChannel.mode. */
export const RecordMode = sameAs("RECORD_MODE", 102, PlaybackMode);

/** When the first packet was recorded. Source: spice.proto RecordChannel.start_mark. */
export const RecordStartMark = message("RECORD_START_MARK", 103, { time: u32 }, {
  source: "spice.proto RecordChannel.start_mark",
});

/** The record channel. Source: spice.proto RecordChannel. */
export const record = channel(
  "record",
  ChannelType.RECORD,
  [...baseServer, RecordStart, RecordStop, RecordVolume, RecordMute],
  [...baseClient, RecordData, RecordMode, RecordStartMark],
);
