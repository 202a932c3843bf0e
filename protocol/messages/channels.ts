/** All channels of the protocol, by name and by type. */
import type { Channel } from "../schema/message.ts";
import { cursor } from "./cursor.ts";
import { display } from "./display.ts";
import { inputs } from "./inputs.ts";
import { main } from "./main.ts";
import { playback } from "./playback.ts";
import { port } from "./port.ts";
import { record } from "./record.ts";
import { smartcard } from "./smartcard.ts";
import { tunnel } from "./tunnel.ts";
import { usbredir } from "./usbredir.ts";
import { webdav } from "./webdav.ts";

/** Every channel, by its name. Source: spice.proto protocol Spice. */
export const channels = {
  main,
  display,
  inputs,
  cursor,
  playback,
  record,
  tunnel,
  smartcard,
  usbredir,
  port,
  webdav,
} as const;

/** Name of a channel, as `display`. */
export type ChannelName = keyof typeof channels;

/**
 * Finds a channel.
 *
 * @param type Channel type in the link message.
 * @returns The channel, or `undefined` when no channel has that type.
 */
export function channelByType(type: number): Channel | undefined {
  return BY_TYPE.get(type);
}

const BY_TYPE: ReadonlyMap<number, Channel> = new Map(
  Object.values(channels).map((channel): [number, Channel] => [channel.type, channel]),
);
