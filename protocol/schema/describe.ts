/** The describing walker: a declaration as rows of a table, with offsets, sizes, types and notes. */
import { type Enumeration, metaOf } from "./enumeration.ts";
import { type BytesNode, type Count, type IntNode, type Node, REST, type StructNode } from "./wire.ts";

/** One row: a field, or what a field is in one case. */
export interface Row {
  /** Bytes from the start; `var` behind anything whose size varies. */
  readonly offset: number | "var";
  /** Bytes. A pointer's are those of the offset; the target lies elsewhere. */
  readonly size: number | "var";
  /** Path of the field. `shape<RECTS>` is the field `shape` when RECTS is chosen. */
  readonly path: string;
  /** As `u32`, `image_type as u8`, `Rect[numRects]`, `→ Image or null`. */
  readonly type: string;
  /** The struct or enumeration that `type` names, or `null`. */
  readonly of: StructNode | Enumeration | null;
  /** What the field means; empty where the name says it. */
  readonly note: string;
  /** Where the struct of the field is defined; empty when its declaration does not say. */
  readonly source: string;
}

/** What a caller may ask of {@link describe}. */
export interface DescribeOptions {
  /** Whether a nested struct is shown field by field, and not as one row. Default: all are. */
  readonly open?: (struct: StructNode) => boolean;
}

/**
 * Describes a declaration, one row for each field in wire order. Pointer targets and array elements are named, not
 * opened. Cases follow each other and start at the same offset.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describe, messages } from "../../mod.ts";
 *
 * const rows = describe(messages.MainChannelsList.wire);
 * assert.deepEqual(rows.map(({ offset, size, path, type }) => [offset, size, path, type]), [
 *   [0, 4, "numOfChannels", "u32"],
 *   [4, "var", "channels", "ChannelId[numOfChannels]"],
 * ]);
 * ```
 */
export function describe(wire: Node, options: DescribeOptions = {}): Row[] {
  const describer = new Describer(options.open ?? (() => true));
  if (wire.kind === "struct") describer.struct(wire, "");
  else describer.node("", wire, "", "");
  return describer.rows;
}

/** @returns Bytes that a node takes, its pointer targets not counted; `null` when values differ in that. */
export function sizeOf(node: Node): number | null {
  switch (node.kind) {
    case "int":
      return node.bits / 8;
    case "enum":
    case "count":
    case "tag":
      return node.int.bits / 8;
    case "nothing":
    case "fd":
      return 0;
    case "pointer":
      return 4;
    case "bytes":
      return typeof node.length === "number" ? node.length : null;
    case "array": {
      const each = sizeOf(node.of);
      return typeof node.count === "number" && each !== null ? node.count * each : null;
    }
    case "match":
      return sameSize(Object.values(node.cases));
    case "flag":
      return sameSize([node.set, node.clear]);
    case "struct":
      return Object.values(node.fields).reduce((sum: number | null, field) => {
        const size = sizeOf(field);
        return sum === null || size === null ? null : sum + size;
      }, 0);
  }
}

function sameSize(nodes: readonly Node[]): number | null {
  const sizes = new Set(nodes.map(sizeOf));
  const [size] = sizes;
  return sizes.size === 1 && size !== undefined ? size : null;
}

class Describer {
  readonly rows: Row[] = [];
  /** Offset of what comes next; `null` once it varies. */
  #at: number | null = 0;

  constructor(readonly open: (struct: StructNode) => boolean) {}

  struct(struct: StructNode, path: string): void {
    const { info, fields } = struct;
    for (const [name, node] of Object.entries(fields)) {
      const original = info.wire?.[name];
      const notes = [
        ...(info.notes?.[name] === undefined ? [] : [info.notes[name]]),
        ...(node.kind === "count" ? [countNote(node.of, fields[node.of.split(".")[0]!])] : []),
        ...(node.kind === "tag" ? [`selects ${node.of}`] : []),
        ...(original === undefined ? [] : [`spelt \`${original}\` in the definition`]),
      ];
      this.node(path === "" ? name : `${path}.${name}`, node, notes.join("; "), info.source ?? "");
    }
  }

  node(path: string, node: Node, note: string, source: string): void {
    switch (node.kind) {
      case "match":
        return this.#cases(Object.entries(node.cases), path, note, source);
      case "flag": {
        const otherwise = node.form === "either" ? "otherwise" : `not ${node.flag}`;
        const parts: [string, Node][] = [[node.flag, node.set], [otherwise, node.clear]];
        const shown = node.form === "either" ? parts : parts.filter(([, part]) => part.kind !== "nothing");
        this.#cases(shown, path, note, source);
        // One of the two may be nothing, and is then not shown.
        if (sizeOf(node) === null) this.#at = null;
        return;
      }
      case "struct":
        if (this.open(node)) return this.struct(node, path);
    }
    const size = sizeOf(node);
    this.rows.push({
      offset: this.#at ?? "var",
      size: size ?? "var",
      path,
      type: typeOf(node),
      of: referenceOf(node),
      note,
      source,
    });
    this.#at = this.#at === null || size === null ? null : this.#at + size;
  }

  #cases(cases: readonly (readonly [string, Node])[], path: string, note: string, source: string): void {
    const start = this.#at, ends = new Set<number | null>();
    for (const [name, part] of cases) {
      this.#at = start;
      this.node(`${path}<${name}>`, part, note, source);
      ends.add(this.#at);
    }
    const [end = null] = ends;
    this.#at = ends.size === 1 ? end : null;
  }
}

function countNote(of: string, counted: Node | undefined): string {
  const what = counted?.kind === "pointer" ? counted.to : counted;
  return what?.kind === "bytes" ? `bytes of ${of}` : `elements of ${of}`;
}

function typeOf(node: Node): string {
  switch (node.kind) {
    case "int":
      return intType(node);
    case "enum":
      return `${metaOf(node.of).name} as ${intType(node.int)}`;
    case "tag":
      return `${metaOf(node.tag).name} as ${intType(node.int)}`;
    case "count":
      return intType(node.int);
    case "nothing":
      return "nothing";
    case "fd":
      return "file descriptor, beside the stream";
    case "bytes":
      return `${node.text ? "text" : "bytes"}[${lengthOf(node)}]`;
    case "array":
      return `${typeOf(node.of)}[${countOf(node.count)}]`;
    case "pointer":
      return `→ ${typeOf(node.to)}${node.nullable ? " or null" : ""}`;
    case "struct":
      return node.name;
    case "match":
    case "flag":
      return node.kind;
  }
}

function intType({ bits, signed, bigEndian }: IntNode): string {
  return `${signed ? "i" : "u"}${bits}${bigEndian ? "be" : ""}`;
}

function lengthOf({ length }: BytesNode): string {
  if (typeof length !== "object") return countOf(length);
  const { bitsPerPixel, width, rows } = length;
  return bitsPerPixel === 8 ? `${width} × ${rows}` : `⌈${width} × ${bitsPerPixel} / 8⌉ × ${rows}`;
}

function countOf(count: Count): string {
  return count === REST ? "to the end" : String(count);
}

function referenceOf(node: Node): StructNode | Enumeration | null {
  switch (node.kind) {
    case "enum":
      return node.of;
    case "tag":
      return node.tag;
    case "struct":
      return node;
    case "array":
      return referenceOf(node.of);
    case "pointer":
      return referenceOf(node.to);
    default:
      return null;
  }
}
