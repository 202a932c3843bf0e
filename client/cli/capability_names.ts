/** Capabilities by name. */
import * as caps from "../../protocol/capabilities.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { type Enumeration, metaOf } from "../../protocol/schema/enumeration.ts";

/** A capability: its name, or its number where it has none that we know. */
export type CapabilityName = string | number;

/**
 * @param type Channel type; `null` for the capabilities that all channels share.
 * @param words Capability words of a peer.
 * @returns Names without their prefix, as `MINI_HEADER`, in the order of their numbers.
 */
export function capabilityNames(type: number | null, words: readonly number[]): CapabilityName[] {
  const known = type === null ? caps.CommonCap : BY_TYPE.get(type);
  const names = known === undefined ? undefined : metaOf(known).names;
  return caps.capsOfWords(words).map((cap) => names?.get(cap) ?? cap);
}

const BY_TYPE: ReadonlyMap<number, Enumeration> = new Map<number, Enumeration>([
  [channels.main.type, caps.MainCap],
  [channels.display.type, caps.DisplayCap],
  [channels.inputs.type, caps.InputsCap],
  [channels.playback.type, caps.PlaybackCap],
  [channels.record.type, caps.RecordCap],
  [channels.usbredir.type, caps.SpicevmcCap],
  [channels.port.type, caps.SpicevmcCap],
  [channels.webdav.type, caps.SpicevmcCap],
]);
