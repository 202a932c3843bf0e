/** The printing walker: a value as text, one field a line, for logs and for the differences that tests show. */
import { metaOf, nameOf, namesOf } from "./enumeration.ts";
import type { ArrayNode, BytesNode, EnumNode, IntNode, Node, StructNode, Wire } from "./wire.ts";

/** How much of long values {@link print} shows. */
export interface PrintOptions {
  /** Bytes shown of a byte field. Default: 16, and 64 of one that people read. */
  readonly bytes?: number;
  /** Elements shown of an array. Default: 64. */
  readonly elements?: number;
}

/**
 * Prints a value, one field a line, nested fields indented by two spaces.
 *
 * Enumerations are shown by wire name, flags as `A | B`, unknown ones as numbers; unsigned 64-bit numbers, which are
 * ids and times, in hexadecimal and decimal; bytes as their length and the first of them, or as text where people read
 * them. The same value gives the same text everywhere.
 *
 * @returns Lines joined by `\n`, none at the end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages, print } from "../../mod.ts";
 *
 * assert.equal(
 *   print(messages.MainChannelsList.wire, { channels: [{ type: 2, id: 0 }] }),
 *   `MAIN_CHANNELS_LIST
 *   channels: 1
 *     [0]: ChannelId
 *       type: DISPLAY
 *       id: 0`,
 * );
 * ```
 */
export function print<T>(wire: Wire<T>, value: T, options: PrintOptions = {}): string {
  const lines: string[] = [];
  new Printer(lines, options).node("", wire, value, 0);
  return lines.join("\n");
}

class Printer {
  constructor(readonly lines: string[], readonly options: PrintOptions) {}

  /** Writes the line of a node, and below it those of its parts. */
  node(label: string, node: Node, value: unknown, depth: number): void {
    switch (node.kind) {
      case "int":
        return this.#line(label, number(node, value), depth);
      case "enum":
        return this.#line(label, member(node, value), depth);
      case "bytes":
        return this.#line(label, this.#bytes(node, value), depth);
      case "struct":
        return this.#struct(label, node, value, depth);
      case "array":
        return this.#array(label, node, value, depth);
      case "pointer":
        return value === null
          ? this.#line(label, "null", depth)
          : this.node(label === "" ? "->" : `${label}: ->`, node.to, value, depth);
      case "match": {
        const { is, value: part } = fieldsOf(value);
        const chosen = node.cases[String(is)];
        return this.#part(label, String(is), chosen, part, depth);
      }
      case "flag":
        if (node.form === "either") {
          const { is, value: part } = fieldsOf(value);
          return this.#part(label, String(is), is === node.flag ? node.set : node.clear, part, depth);
        }
        if (value === null) return this.#line(label, "null", depth);
        return this.node(label, node.form === "set" ? node.set : node.clear, value, depth);
      case "nothing":
      case "fd":
      case "count":
      case "tag":
        return;
    }
  }

  #part(label: string, is: string, part: Node | undefined, value: unknown, depth: number): void {
    if (part === undefined || part.kind === "nothing") return this.#line(label, is, depth);
    this.node(`${label}: ${is}`, part, value, depth);
  }

  #struct(label: string, node: StructNode, value: unknown, depth: number): void {
    const fields = fieldsOf(value);
    this.#line(label, node.name, depth);
    for (const field of node.plan.fields) {
      if (!field.derived) this.node(field.name, field.node, fields[field.name], depth + 1);
    }
  }

  #array(label: string, node: ArrayNode, value: unknown, depth: number): void {
    const elements: readonly unknown[] = Array.isArray(value) ? value : [];
    const shown = elements.slice(0, this.options.elements ?? 64), hidden = elements.length - shown.length;
    const { of } = node;
    if (of.kind === "int" || of.kind === "enum") {
      const words = shown.map((element) => of.kind === "int" ? number(of, element) : member(of, element));
      if (hidden > 0) words.push(`and ${hidden} more`);
      return this.#line(label, `${elements.length} [${words.join(", ")}]`, depth);
    }
    this.#line(label, String(elements.length), depth);
    shown.forEach((element, i) => this.node(`[${i}]`, of, element, depth + 1));
    if (hidden > 0) this.#line("", `and ${hidden} more`, depth + 1);
  }

  #bytes(node: BytesNode, value: unknown): string {
    if (!(value instanceof Uint8Array)) return String(value);
    const shown = value.subarray(0, this.options.bytes ?? (node.text ? 64 : 16));
    const more = shown.length < value.length ? " …" : "";
    const words = node.text ? quoted(shown) : hex(shown);
    return `${value.length} bytes${words === "" ? "" : ` ${words}`}${more}`;
  }

  #line(label: string, text: string, depth: number): void {
    // "srcBitmap: ->" and "shape: RECTS" are labels that go on.
    const between = label === "" ? "" : /: |->$/.test(label) ? " " : ": ";
    this.lines.push(`${"  ".repeat(depth)}${label}${between}${text}`);
  }
}

function number(node: IntNode, value: unknown): string {
  if (typeof value === "bigint" && !node.signed) return `0x${value.toString(16)} (${value})`;
  return String(value);
}

function member(node: EnumNode, value: unknown): string {
  if (typeof value !== "number") return String(value);
  return metaOf(node.of).flags ? namesOf(node.of, value).join(" | ") || "0" : nameOf(node.of, value);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** As a JSON string, so that terminators and line ends show; bytes that are no ASCII as `\xNN`, so that none is lost. */
function quoted(bytes: Uint8Array): string {
  const inside = [...bytes].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte === 0x0a) return "\\n";
    if (byte === 0) return "\\0";
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${inside.join("")}"`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Any object may be read by name; what is missing prints as undefined.
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}
