/** Events of a session, for people and for programs. */
import {
  InfoCode,
  KeyboardModifierFlags,
  LinkErr,
  MouseMode,
  NotifySeverity,
  WarnCode,
} from "../../protocol/messages/enums.ts";
import { channelByType } from "../../protocol/messages/channels.ts";
import { nameOf, namesOf } from "../../protocol/schema/enumeration.ts";
import type { Rect } from "../../canvas/rect.ts";
import type { ChannelId, Head, SessionEvent } from "../core/events.ts";
import { capabilityNames } from "./capability_names.ts";

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** @returns The event as an object of JSON, `type` first. */
export function eventToJson(event: SessionEvent): { readonly [name: string]: Json } {
  const { type } = event;
  switch (event.type) {
    case "init":
      return { type, ...event.init };
    case "name":
      return { type, name: event.name };
    case "uuid":
      return { type, uuid: formatUuid(event.uuid) };
    case "channels":
      return { type, channels: event.channels.map(channelName) };
    case "channel-open": {
      const { channel, capabilities } = event;
      const common = capabilityNames(null, capabilities.common);
      return {
        type,
        channel: channelName(channel),
        capabilities: { common, channel: capabilityNames(channel.type, capabilities.channel) },
      };
    }
    case "channel-closed":
      return { type, channel: channelName(event.channel), error: event.error?.message ?? null };
    case "mouse-mode":
      return { type, current: modeName(event.current), offered: modeNames(event.supported) };
    case "agent":
      return { type, connected: event.connected, tokens: event.tokens };
    case "agent-data":
      return { type, bytes: event.bytes.length };
    case "mm-time":
      return { type, timeMs: event.timeMs };
    case "primary":
      return { type, display: event.display, width: event.width, height: event.height };
    case "primary-destroyed":
    case "mark":
      return { type, display: event.display };
    case "draw":
      return { type, display: event.display, surface: event.surfaceId, area: areaToJson(event.area) };
    case "heads":
      return { type, display: event.display, heads: event.heads.map(headToJson) };
    case "cursor": {
      const { x, y, visible, image } = event.cursor;
      const shape = image === null ? null : { width: image.width, height: image.height };
      return { type, display: event.display, x, y, visible, shape };
    }
    case "modifiers":
      return { type, on: namesOf(KeyboardModifierFlags, event.modifiers) };
    case "motion-ack":
      return { type };
    case "notify": {
      const severity = nameOf(NotifySeverity, event.severity);
      const codes = [InfoCode, WarnCode, LinkErr][event.severity];
      const what = codes === undefined ? String(event.what) : nameOf(codes, event.what);
      return { type, channel: channelName(event.channel), severity, what, text: event.text };
    }
    case "disconnecting":
      return { type, channel: channelName(event.channel), reason: nameOf(LinkErr, event.reason) };
    case "unsupported":
      return { type, channel: channelName(event.channel), error: event.error.message };
    case "closed":
      return { type, error: event.error?.message ?? null };
  }
}

/** @returns The event as one line: its type, then `name=value`. May hold what the server said: see `printable`. */
export function eventToLine(event: SessionEvent): string {
  const { type, ...values } = eventToJson(event);
  return [type, ...Object.entries(values).map(([name, value]) => `${name}=${valueToText(value)}`)].join(" ");
}

/** @returns Name and number, as `display 0`. */
export function channelName({ type, id }: ChannelId): string {
  return `${channelByType(type)?.name ?? type} ${id}`;
}

/** @returns As `client`; the number of a mode that is none. */
export function modeName(mode: number): string {
  return nameOf(MouseMode, mode).toLowerCase();
}

/** @returns Names of the modes in a set of flags. */
export function modeNames(modes: number): string[] {
  return namesOf(MouseMode, modes).map((name) => name.toLowerCase());
}

/** @returns Place and size. */
export function headToJson({ monitorId, surfaceId, x, y, width, height }: Head) {
  return { monitor: monitorId, surface: surfaceId, x, y, width, height };
}

/** @param uuid 16 bytes. @returns As `12345678-1234-1234-1234-123456789abc`. */
export function formatUuid(uuid: Uint8Array): string {
  const hex = [...uuid].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function areaToJson({ left, top, right, bottom }: Rect): Json {
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function valueToText(value: Json): string {
  return typeof value === "object" || (typeof value === "string" && /\s|^$/.test(value))
    ? JSON.stringify(value)
    : String(value);
}
