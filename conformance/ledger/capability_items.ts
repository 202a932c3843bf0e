/** Capabilities: every bit of every set, announced by either side of the link. */
import {
  capsOfWords,
  CommonCap,
  DisplayCap,
  InputsCap,
  MainCap,
  PlaybackCap,
  RecordCap,
  SpicevmcCap,
} from "../../protocol/capabilities.ts";
import { type Enumeration, nameOf } from "../../protocol/schema/enumeration.ts";
import type { Channel, Sender } from "../../protocol/schema/message.ts";
import { sendable } from "./facets.ts";

const SETS: Readonly<Record<string, Enumeration>> = {
  common: CommonCap,
  main: MainCap,
  display: DisplayCap,
  inputs: InputsCap,
  playback: PlaybackCap,
  record: RecordCap,
  spicevmc: SpicevmcCap,
};

/** Channels that share a set. */
const SHARED: Readonly<Record<string, string>> = { usbredir: "spicevmc", port: "spicevmc", webdav: "spicevmc" };

/** The items of capabilities, as `caps/display/COMPOSITE/client`. */
export function capabilityItems(): string[] {
  return Object.entries(SETS).flatMap(([set, caps]) => capItems(`caps/${set}`, caps, ["client", "server"]));
}

/** @returns The items of the capabilities that a side announced in a link message or reply. */
export function markCapabilities(
  channel: Channel,
  sender: Sender,
  words: { readonly common: readonly number[]; readonly channel: readonly number[] } | null,
): string[] {
  const set = SHARED[channel.name] ?? channel.name, caps = SETS[set];
  return [
    ...markCaps("caps/common", CommonCap, words?.common ?? [], sender),
    ...(caps === undefined ? [] : markCaps(`caps/${set}`, caps, words?.channel ?? [], sender)),
  ];
}

/** @returns Items of one set. */
export function capItems(start: string, caps: Enumeration, sides: readonly string[]): string[] {
  return sendable(caps).flatMap(([name]) => sides.map((side) => `${start}/${name}/${side}`));
}

/** @returns Items of the known bits among the words of a set. */
export function markCaps(start: string, caps: Enumeration, words: readonly number[], side: string): string[] {
  const known = new Set(sendable(caps).map(([, cap]) => cap));
  return capsOfWords(words).filter((cap) => known.has(cap)).map((cap) => `${start}/${nameOf(caps, cap)}/${side}`);
}
