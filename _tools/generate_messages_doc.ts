/**
 * Prints `docs/messages.md` from the declarations: every channel and message of both directions, the structs and
 * enumerations they use, the link, the agent, usbredir, smartcard and migration data.
 *
 * Usage: deno run --allow-read=protocol _tools/generate_messages_doc.ts > docs/messages.md
 */

import * as capabilities from "../protocol/capabilities.ts";
import * as agent from "../protocol/messages/agent.ts";
import * as base from "../protocol/messages/base.ts";
import { channels } from "../protocol/messages/channels.ts";
import * as cursor from "../protocol/messages/cursor.ts";
import * as display from "../protocol/messages/display.ts";
import * as draw from "../protocol/messages/draw.ts";
import * as enums from "../protocol/messages/enums.ts";
import * as geometry from "../protocol/messages/geometry.ts";
import * as image from "../protocol/messages/image.ts";
import * as inputs from "../protocol/messages/inputs.ts";
import * as link from "../protocol/messages/link.ts";
import * as main from "../protocol/messages/main.ts";
import * as migrationData from "../protocol/messages/migration_data.ts";
import * as playback from "../protocol/messages/playback.ts";
import * as port from "../protocol/messages/port.ts";
import * as record from "../protocol/messages/record.ts";
import * as smartcard from "../protocol/messages/smartcard.ts";
import * as spicevmc from "../protocol/messages/spicevmc.ts";
import * as usbredirPackets from "../protocol/messages/usbredir_packets.ts";
import * as vscard from "../protocol/messages/vscard.ts";
import { describe, type Row, sizeOf } from "../protocol/schema/describe.ts";
import { type Enumeration, isEnumeration, metaOf } from "../protocol/schema/enumeration.ts";
import type { Channel, Message, Sender } from "../protocol/schema/message.ts";
import type { Node, StructNode } from "../protocol/schema/wire.ts";

type Exports = Readonly<Record<string, unknown>>;

/** Modules whose messages belong to channels, or whose structs are used by them. */
const OF_CHANNELS: Readonly<Record<string, Exports>> = {
  "messages/base.ts": base,
  "messages/main.ts": main,
  "messages/display.ts": display,
  "messages/draw.ts": draw,
  "messages/inputs.ts": inputs,
  "messages/cursor.ts": cursor,
  "messages/playback.ts": playback,
  "messages/record.ts": record,
  "messages/smartcard.ts": smartcard,
  "messages/spicevmc.ts": spicevmc,
  "messages/port.ts": port,
  "messages/geometry.ts": geometry,
  "messages/image.ts": image,
  "messages/enums.ts": enums,
};

/** Modules with chapters of their own. */
const CHAPTERS: readonly { readonly title: string; readonly file: string; readonly exports: Exports }[] = [
  { title: "Link", file: "messages/link.ts", exports: link },
  { title: "Guest agent", file: "messages/agent.ts", exports: agent },
  { title: "usbredir packets", file: "messages/usbredir_packets.ts", exports: usbredirPackets },
  { title: "Smartcard message bodies", file: "messages/vscard.ts", exports: vscard },
  { title: "Migration data", file: "messages/migration_data.ts", exports: migrationData },
  { title: "Capabilities", file: "capabilities.ts", exports: capabilities },
];

/** Files whose text {@link messagesDoc} needs, below `protocol/`. */
export const SOURCES: readonly string[] = [...Object.keys(OF_CHANNELS), ...CHAPTERS.map(({ file }) => file)];

/**
 * @param sources Text of each of {@link SOURCES}: what a declaration is about stands in its comment.
 * @returns The page.
 */
export function messagesDoc(sources: ReadonlyMap<string, string>): string {
  return new Page(sources).page();
}

class Page {
  /** What the comment above an exported declaration says. */
  readonly #about = new Map<unknown, string>();
  /** Exports of a module in the order of its text. */
  readonly #ordered = new Map<string, unknown[]>();
  readonly #open: (struct: StructNode) => boolean;
  /** Structs and enumerations that the text names, which therefore need a section. */
  readonly #structs = new Set<StructNode>();
  readonly #enumerations = new Set<Enumeration>();
  /** Where a message is described; another with the same layout refers to it. */
  readonly #described = new Map<Message, string>();
  readonly #layouts = new Map<StructNode["fields"], string>();

  constructor(sources: ReadonlyMap<string, string>) {
    const modules = [...Object.entries(OF_CHANNELS), ...CHAPTERS.map(({ file, exports }) => [file, exports] as const)];
    for (const [file, exports] of modules) {
      const text = sources.get(file);
      if (text === undefined) throw new TypeError(`Cannot write the page: no text of ${file}`);
      const found: unknown[] = [];
      for (const [, comment, name] of text.matchAll(/(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)?export const (\w+)/g)) {
        const declared = exports[name!];
        found.push(declared);
        if (comment !== undefined) this.#about.set(declared, summaryOf(comment));
      }
      this.#ordered.set(file, found);
    }
    this.#open = inlined([...this.#ordered.values()].flat());
  }

  page(): string {
    const channelParts = [this.#baseChapter(), ...Object.values<Channel>(channels).map((one) => this.#channel(one))];
    const chapters = CHAPTERS.map((chapter) => this.#chapter(chapter));
    const structs = this.#structChapter();
    for (const one of this.#ordered.get("messages/enums.ts")!) if (isEnumeration(one)) this.#enumerations.add(one);
    const names = [
      "Every channel",
      ...Object.values<Channel>(channels).map(channelTitle),
      ...CHAPTERS.map(({ title }) => title),
      "Structs",
      "Enumerations",
    ];
    return [
      "# Messages",
      `Everything that goes over the wire, as \`protocol/messages/\` declares it. Numbers are little-endian unless their
type ends in \`be\`. Offsets and sizes are bytes; \`var\` stands behind what varies. \`→ X\` is a pointer: a u32, the
offset of an X from the start of the message body, 0 for null. \`field<CASE>\` is a field in one case of a switch; all its
cases start at the same offset. Counts, tags and offsets are on the wire, but values in code do not hold them.`,
      names.map((name) => `- [${name}](#${anchor(name)})`).join("\n"),
      ...channelParts,
      ...chapters,
      structs,
      this.#enumerationChapter(),
    ].join("\n\n");
  }

  #baseChapter(): string {
    return [
      "## Every channel",
      "Messages that every channel has, the tunnel channel apart.",
      this.#side("server", base.baseServer),
      this.#side("client", base.baseClient),
    ].join("\n\n");
  }

  #channel(channel: Channel): string {
    const parts = (["server", "client"] as const).flatMap((sender) => {
      const common: readonly Message[] = sender === "server" ? base.baseServer : base.baseClient;
      const own = channel[sender].filter((message) => !common.includes(message));
      const inherited = own.filter((message) => this.#described.has(message));
      const fresh = own.filter((message) => !this.#described.has(message));
      const before = inherited.map(({ name, id }, i) =>
        `\`${name}\` (${id}) of [${this.#described.get(inherited[i]!)}](#${
          anchor(this.#described.get(inherited[i]!)!)
        })`
      );
      for (const message of fresh) this.#described.set(message, channelTitle(channel));
      return [
        ...(before.length === 0 ? [] : [`From the ${sender} as there: ${before.join(", ")}.`]),
        ...(fresh.length === 0 ? [] : [this.#side(sender, fresh)]),
      ];
    });
    const none = channel.server.length + channel.client.length === 0;
    return [`## ${channelTitle(channel)}`, ...(none ? ["No messages."] : parts)].join("\n\n");
  }

  #side(sender: Sender, messages: readonly Message[]): string {
    return [`### From the ${sender}`, ...messages.map((message) => this.#message(message, "####"))].join("\n\n");
  }

  #message(message: Message, level: string): string {
    const { wire, name, id } = message;
    const like = this.#layouts.get(wire.fields);
    const empty = Object.keys(wire.fields).length === 0;
    if (like === undefined && !empty) this.#layouts.set(wire.fields, name);
    return [
      `${level} ${name} (${id})`,
      this.#paragraph(this.#about.get(message), like === undefined ? wire.info.source : undefined),
      empty
        ? "No body."
        : like === undefined
        ? this.#table(describe(wire, { open: this.#open }))
        : `Laid out as \`${like}\`.`,
    ].filter((part) => part !== "").join("\n\n");
  }

  #chapter({ title, file }: (typeof CHAPTERS)[number]): string {
    const parts: string[] = [];
    for (const one of this.#ordered.get(file)!) {
      if (isMessage(one)) parts.push(this.#message(one, "###"));
      else if (isStruct(one)) {
        this.#structs.delete(one);
        parts.push(this.#struct(one));
      } else if (isEnumeration(one)) this.#enumerations.add(one);
    }
    const inside = parts.length > 0
      ? parts
      : this.#ordered.get(file)!.filter(isEnumeration).map((one) =>
        `- [${metaOf(one).name}](#${this.#anchorOf(one)}): ${this.#about.get(one) ?? ""}`
      );
    return [`## ${title}`, inside.join(parts.length > 0 ? "\n\n" : "\n")].join("\n\n");
  }

  #structChapter(): string {
    const chaptered = new Set(CHAPTERS.flatMap(({ file }) => this.#ordered.get(file)!.filter(isStruct)));
    const sections = new Map<string, string>();
    // Describing one struct may name others.
    for (const struct of this.#structs) if (!chaptered.has(struct)) sections.set(struct.name, this.#struct(struct));
    const sorted = [...sections].sort(([a], [b]) => a < b ? -1 : 1).map(([, text]) => text);
    return ["## Structs", ...sorted].join("\n\n");
  }

  #struct(struct: StructNode): string {
    const size = sizeOf(struct);
    return [
      `### Struct ${struct.name}`,
      this.#paragraph(this.#about.get(struct), struct.info.source, size === null ? undefined : `${size} bytes.`),
      this.#table(describe(struct, { open: this.#open })),
    ].filter((part) => part !== "").join("\n\n");
  }

  #enumerationChapter(): string {
    const sorted = [...this.#enumerations].sort((a, b) => metaOf(a).name < metaOf(b).name ? -1 : 1);
    const sections = sorted.map((one) => {
      const { name, bits, flags, members } = metaOf(one);
      const rows = Object.entries(members).map(([member, value]) =>
        flags ? `| ${Math.log2(value)} | 0x${value.toString(16)} | ${member} |` : `| ${value} | ${member} |`
      );
      const head = flags ? "| Bit | Value | Name |\n| ---: | ---: | --- |" : "| Value | Name |\n| ---: | --- |";
      return [
        `### Enum ${name}`,
        this.#paragraph(this.#about.get(one), undefined, `${flags ? "Flags" : "A number"} of ${bits} bits.`),
        `${head}\n${rows.join("\n")}`,
      ].join("\n\n");
    });
    return ["## Enumerations", ...sections].join("\n\n");
  }

  #paragraph(...parts: (string | undefined)[]): string {
    const [about, source, size] = parts;
    return [about, size, source === undefined ? undefined : `Source: ${source}.`].filter(Boolean).join(" ");
  }

  #table(rows: readonly Row[]): string {
    const lines = rows.map(({ offset, size, path, type, of, note }) =>
      `| ${offset} | ${size} | \`${path}\` | ${this.#linked(type, of)} | ${note.replaceAll("|", "\\|")} |`
    );
    return ["| Offset | Size | Field | Type | Note |", "| ---: | ---: | --- | --- | --- |", ...lines].join("\n");
  }

  #linked(type: string, of: Row["of"]): string {
    if (of === null) return type;
    const name = isEnumeration(of) ? metaOf(of).name : of.name;
    if (isEnumeration(of)) this.#enumerations.add(of);
    else this.#structs.add(of);
    return type.replace(name, `[${name}](#${this.#anchorOf(of)})`);
  }

  #anchorOf(of: StructNode | Enumeration): string {
    return anchor(isEnumeration(of) ? `Enum ${metaOf(of).name}` : `Struct ${of.name}`);
  }
}

/** Structs that lie in one other struct, and nowhere else, are shown inside it. */
function inlined(declared: readonly unknown[]): (struct: StructNode) => boolean {
  const uses = new Map<StructNode, number>();
  const seen = new Set<StructNode>();
  const use = (node: Node, times: number): void => {
    switch (node.kind) {
      case "struct":
        uses.set(node, (uses.get(node) ?? 0) + times);
        if (seen.has(node)) return;
        seen.add(node);
        return Object.values(node.fields).forEach((field) => use(field, 1));
      // What is not in place has a section of its own.
      case "pointer":
        return use(node.to, 2);
      case "array":
        return use(node.of, 2);
      case "match":
        return Object.values(node.cases).forEach((part) => use(part, 1));
      case "flag":
        use(node.set, 1);
        return use(node.clear, 1);
    }
  };
  // Messages with one layout share their fields.
  const layouts = new Set<StructNode["fields"]>();
  for (const one of declared) {
    if (isStruct(one)) use(one, 0);
    else if (isMessage(one) && !layouts.has(one.wire.fields)) {
      layouts.add(one.wire.fields);
      use(one.wire, 0);
    }
  }
  return (struct) => uses.get(struct) === 1;
}

/** The text of a comment up to its source and tags, on one line. */
function summaryOf(comment: string): string {
  const text = comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "")).join(" ").replace(/\s+/g, " ");
  const short = text.split(/ ?Source: | @\w/)[0]!.trim();
  return short.replace(/\{@link (\w+)\}/g, "`$1`");
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "wire" in value && "id" in value;
}

function isStruct(value: unknown): value is StructNode {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "struct";
}

function channelTitle({ name, type }: Channel): string {
  return `Channel ${name} (${type})`;
}

/** The anchor that a heading gets. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
}

if (import.meta.main) {
  const folder = new URL("../protocol/", import.meta.url);
  const texts = await Promise.all(
    SOURCES.map(async (file) => [file, await Deno.readTextFile(new URL(file, folder))] as const),
  );
  console.log(messagesDoc(new Map(texts)));
}
