/** Compares our declarations with a protocol definition: with `spice.proto`, so that a mistake in one shows. */
import { compareLayouts, type LayoutCounts } from "./compare_layouts.ts";
import { type Allowed, type Difference, withoutAllowed } from "./difference.ts";
import { type Enumeration, metaOf } from "./enumeration.ts";
import { layoutOf, type MemberSpellings } from "./layout.ts";
import type { Channel, Message, Sender } from "./message.ts";
import { specLayoutOf } from "./spec_layout.ts";
import { parseSpec, type Spec, type SpecMessage, type SpecStruct } from "./spec_parser.ts";
import type { Node } from "./wire.ts";

/** How much {@link compareWithSpec} compared. A message that several channels inherit counts in each. */
export interface SpecCounts extends LayoutCounts {
  /** Channels that both sides have. */
  channels: number;
  /** Messages that both sides have. */
  messages: number;
  /** Enumerations and sets of flags that both sides have. */
  enumerations: number;
  /** Members of these, those that one side lacks included. */
  members: number;
}

/** What {@link compareWithSpec} found. */
export interface SpecComparison {
  /** How much was compared, so that nothing is not taken for agreement. */
  readonly compared: Readonly<SpecCounts>;
  /** What differs and is not allowed to, in the order of our declarations. */
  readonly differences: readonly Difference[];
  /** `ours is theirs` for fields that one side nests in a struct and the other does not; the bytes are the same. */
  readonly nestings: readonly string[];
}

/**
 * Compares channels and enumerations with a protocol definition, both ways: what only one side has is a difference too.
 *
 * Enumerations whose name starts with `SPICE_` stand in C headers and not in the definition; they are passed over.
 * A field that is spelt right here is found by the `wire` note of its struct; `field.MEMBER` in such a note gives the
 * original of a member of that field's enumeration.
 *
 * @param channels By name.
 * @param text The definition, the whole file.
 * @param allowed Differences that are meant. One that does not occur is a difference.
 * @throws {SyntaxError} The definition cannot be read. @throws {TypeError} It names what it does not define.
 */
export function compareWithSpec(
  channels: Readonly<Record<string, Channel>>,
  enumerations: Iterable<Enumeration>,
  text: string,
  allowed: readonly Allowed[] = [],
): SpecComparison {
  const spec = parseSpec(text);
  const comparison = new Comparison(spec, spellingsOf(Object.values(channels)));
  comparison.channels(channels);
  comparison.enumerations(enumerations);
  const { counts, found, nestings } = comparison;
  return { compared: counts, differences: withoutAllowed(found, allowed), nestings: [...nestings] };
}

/** The wire notes of form `field.MEMBER`, collected from every struct of the channels. */
export function spellingsOf(channels: Iterable<Channel>): MemberSpellings {
  const spellings = new Map<string, Map<string, string>>();
  const visit = (node: Node): void => {
    switch (node.kind) {
      case "struct":
        for (const [place, original] of Object.entries(node.info.wire ?? {})) {
          const [field, member] = place.split(".");
          const of = node.fields[field ?? ""];
          if (member === undefined || of?.kind !== "enum") continue;
          const { name } = metaOf(of.of);
          spellings.set(name, (spellings.get(name) ?? new Map<string, string>()).set(member, original));
        }
        return Object.values(node.fields).forEach(visit);
      case "array":
        return visit(node.of);
      case "pointer":
        return visit(node.to);
      case "match":
        return Object.values(node.cases).forEach(visit);
      case "flag":
        visit(node.set);
        return visit(node.clear);
    }
  };
  for (const channel of channels) for (const { wire } of [...channel.server, ...channel.client]) visit(wire);
  return spellings;
}

/** @returns A message of a definition as we name it: `DISPLAY_DRAW_COPY`, and `PING` for those of the base channel. */
export function messageNameOf(channel: string, message: string): string {
  const prefix = channel.replace(/Channel$/, "").toUpperCase();
  return `${prefix === "BASE" ? "" : `${prefix}_`}${message.toUpperCase()}`;
}

class Comparison {
  readonly found: Difference[] = [];
  readonly nestings = new Set<string>();
  readonly counts: SpecCounts = {
    channels: 0,
    messages: 0,
    fields: 0,
    pointers: 0,
    lengths: 0,
    cases: 0,
    enumerations: 0,
    members: 0,
  };

  constructor(readonly spec: Spec, readonly spellings: MemberSpellings) {}

  channels(ours: Readonly<Record<string, Channel>>): void {
    const theirs = new Map(this.spec.protocol.map((entry) => [entry.name, entry]));
    for (const [name, channel] of Object.entries(ours)) {
      const other = theirs.get(name);
      if (other === undefined) {
        this.#differ("channel", name, `type ${channel.type}`, "none");
        continue;
      }
      this.counts.channels++;
      if (channel.type !== other.type) this.#differ("channel-type", name, channel.type, other.type);
      if (channel.name !== name) this.#differ("channel", name, `is called ${channel.name}`, name);
      for (const sender of ["server", "client"] as const) {
        this.#messages(`${name} ${sender}`, channel[sender], this.#messagesOf(other.channel, sender));
      }
    }
    for (const [name, { type }] of theirs) {
      if (!(name in ours)) this.#differ("channel", name, "none", `type ${type}`);
    }
  }

  enumerations(all: Iterable<Enumeration>): void {
    const ours = new Map([...all].map((one) => [metaOf(one).name, metaOf(one)]));
    for (const [name, meta] of ours) {
      if (name.startsWith("SPICE_")) continue;
      const other = this.spec.enumerations.get(name);
      if (other === undefined) {
        this.#differ("enumeration", name, "declared", "none");
        continue;
      }
      this.counts.enumerations++;
      if (meta.bits !== other.bits) this.#differ("width", name, meta.bits, other.bits);
      if (meta.flags !== other.flags) this.#differ("flags", name, meta.flags, other.flags);
      const known = this.spellings.get(name);
      const mine = new Map(Object.entries(meta.members).map(([key, value]) => [known?.get(key) ?? key, value]));
      for (const member of new Set([...mine.keys(), ...other.members.keys()])) {
        const value = mine.get(member), theirs = other.members.get(member);
        this.counts.members++;
        if (value === undefined || theirs === undefined) {
          this.#differ("member", `${name}.${member}`, value ?? "none", theirs ?? "none");
        } else if (value !== theirs) this.#differ("value", `${name}.${member}`, value, theirs);
      }
    }
    for (const name of this.spec.enumerations.keys()) {
      if (!ours.has(name)) this.#differ("enumeration", name, "none", "declared");
    }
  }

  #messages(at: string, ours: readonly Message[], theirs: ReadonlyMap<string, SpecMessage>): void {
    for (const { name, id, wire } of ours) {
      const other = theirs.get(name);
      if (other === undefined) {
        this.#differ("message", `${at} ${name}`, `id ${id}`, "none");
        continue;
      }
      this.counts.messages++;
      if (id !== other.id) this.#differ("id", `${at} ${name}`, id, other.id);
      compareLayouts(
        `${at} ${name} `,
        layoutOf(wire, this.spellings),
        specLayoutOf(this.spec, this.#bodyOf(other)),
        this,
      );
    }
    const named = new Set(ours.map(({ name }) => name));
    for (const [name, { id }] of theirs) {
      if (!named.has(name)) this.#differ("message", `${at} ${name}`, "none", `id ${id}`);
    }
  }

  #bodyOf({ body, name }: SpecMessage): SpecStruct {
    const struct = typeof body === "string" ? this.spec.structs.get(body) : body;
    if (struct === undefined) throw new TypeError(`Cannot compare: the definition of ${name} has no body`);
    return struct;
  }

  /** The messages of a channel and, before them, of those that it is built on, by our name. */
  #messagesOf(name: string, sender: Sender): ReadonlyMap<string, SpecMessage> {
    const channel = this.spec.channels.get(name);
    if (channel === undefined) throw new TypeError(`Cannot compare: the definition has no channel ${name}`);
    const inherited = channel.parent === null ? [] : this.#messagesOf(channel.parent, sender);
    const own = channel[sender].map((message): [string, SpecMessage] => [messageNameOf(name, message.name), message]);
    return new Map([...inherited, ...own]);
  }

  #differ(kind: Difference["kind"], at: string, ours: unknown, theirs: unknown): void {
    this.found.push({ kind, at, ours: String(ours), theirs: String(theirs) });
  }
}
