/** Compares our ids and constants with `spice/enums.h` of spice-protocol, by their C names. */
import { spellingsOf } from "./compare_with_spec.ts";
import { type Allowed, type Difference, withoutAllowed } from "./difference.ts";
import { type Enumeration, metaOf } from "./enumeration.ts";
import type { Channel } from "./message.ts";
import type { Spec } from "./spec_parser.ts";

/** What {@link compareWithHeader} found. */
export interface HeaderComparison {
  readonly compared: { readonly messages: number; readonly members: number; readonly channels: number };
  readonly differences: readonly Difference[];
}

/**
 * Compares message ids, channel types, and the values of enumerations and flags with a C header, both ways.
 *
 * C names are `SPICE_MSG_…` and `SPICE_MSGC_…` for messages, `SPICE_CHANNEL_…` for channel types, and for members
 * `SPICE_`, the enumeration's name and the member's, unless the definition gives the enumeration another prefix.
 * Source: spice-common python_modules/ptypes.py c_enumname_by_name, spice_codegen.py write_channel_enums.
 *
 * @param spec The protocol definition: it knows the prefixes.
 * @param header Text of the header.
 * @param allowed Differences that are meant. One that does not occur is a difference.
 */
export function compareWithHeader(
  channels: Readonly<Record<string, Channel>>,
  enumerations: Iterable<Enumeration>,
  spec: Spec,
  header: string,
  allowed: readonly Allowed[] = [],
): HeaderComparison {
  const theirs = constantsOf(header);
  const ours = new Map<string, number>();
  const compared = { messages: 0, members: 0, channels: 0 };
  const spellings = spellingsOf(Object.values(channels));
  for (const channel of Object.values(channels)) {
    ours.set(`SPICE_CHANNEL_${channel.name.toUpperCase()}`, channel.type);
    compared.channels++;
    for (const { name, id } of channel.server) ours.set(`SPICE_MSG_${name}`, id);
    for (const { name, id } of channel.client) ours.set(`SPICE_MSGC_${name}`, id);
  }
  compared.messages = ours.size - compared.channels;
  for (const enumeration of enumerations) {
    const { name, members } = metaOf(enumeration);
    const declared = spec.enumerations.get(name);
    if (declared === undefined) continue;
    const prefix = declared.prefix ?? `SPICE_${name.toUpperCase()}_`;
    for (const [member, value] of Object.entries(members)) {
      ours.set(`${prefix}${spellings.get(name)?.get(member) ?? member}`, value);
      compared.members++;
    }
  }
  const differences: Difference[] = [];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const value = ours.get(name), other = theirs.get(name);
    if (value === undefined) differences.push({ kind: "member", at: name, ours: "none", theirs: String(other) });
    else if (other === undefined) differences.push({ kind: "member", at: name, ours: String(value), theirs: "none" });
    else if (value !== other) differences.push({ kind: "value", at: name, ours: String(value), theirs: String(other) });
  }
  return { compared, differences: withoutAllowed(differences, allowed) };
}

/** Members of every `enum`: given values and counted ones; the ends and masks that C needs are left out. */
function constantsOf(header: string): Map<string, number> {
  const found = new Map<string, number>();
  const code = header.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, " ");
  for (const [, body] of code.matchAll(/\benum\s*\w*\s*\{([^}]*)\}/g)) {
    let next = 0;
    for (const entry of body!.split(",")) {
      const member = /^\s*(\w+)[^=]*(?:=\s*(.*?))?\s*$/.exec(entry);
      if (member === null) continue;
      const [, name = "", given] = member;
      if (given !== undefined) next = valueOf(name, given);
      // A mask of all flags is written in hexadecimal; a flag may well be called MASK.
      const mask = name.endsWith("_MASK") && given?.startsWith("0x");
      if (!mask && !/_ENUM_END$|^SPICE_(MSGC?_)?END_/.test(name)) found.set(name, next);
      next++;
    }
  }
  return found;
}

function valueOf(name: string, text: string): number {
  const shift = /^\(\s*1\s*<<\s*(\d+)\s*\)$/.exec(text);
  if (shift !== null) return (1 << Number(shift[1])) >>> 0;
  const value = Number(text);
  if (Number.isNaN(value)) throw new SyntaxError(`Cannot read the header: ${name} is ${text}`);
  return value;
}
