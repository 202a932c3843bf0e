/**
 * Reads the protocol definition language of spice-common, in which `spice.proto` is written.
 *
 * ```text
 * file       typedef | enum | flags | struct | message | channel …, then one protocol
 * enum       (enum | flags)(8 | 16 | 32) name { member [= number] attributes, … } attributes ;
 * struct     (struct | message) name { (field | switch) … } attributes ;
 * field      type [*] name [ '[' length ']' ] attributes ;
 * length     nothing | number | field name | image_size(bits, width, rows)
 * switch     switch (field) { (case [!]member: | default:)… field … } name attributes ;
 * channel    channel name [: parent] { (server: | client: | message)… } attributes ;
 * message    (name | message { … } attributes) name [= id] ;
 * attribute  @name [(word, …)]
 * ```
 *
 * Source: spice-common python_modules/spice_parser.py (grammar), python_modules/ptypes.py (numbering, attributes).
 */

/** A whole file. */
export interface Spec {
  readonly typedefs: ReadonlyMap<string, SpecType>;
  readonly enumerations: ReadonlyMap<string, SpecEnum>;
  /** Structs, and the messages that have a name of their own. */
  readonly structs: ReadonlyMap<string, SpecStruct>;
  readonly channels: ReadonlyMap<string, SpecChannel>;
  /** Channels of the protocol: name, name of the definition, channel type. */
  readonly protocol: readonly { readonly name: string; readonly channel: string; readonly type: number }[];
}

/** An enumeration or a set of flags. */
export interface SpecEnum {
  readonly name: string;
  readonly bits: 8 | 16 | 32;
  readonly flags: boolean;
  /** Member name to value; for flags to the value of the bit, not its number. */
  readonly members: ReadonlyMap<string, number>;
  /** Attribute `@prefix`: what the members' C names start with, where that is not the enumeration's name. */
  readonly prefix: string | null;
}

/** What a field is made of. */
export type SpecType =
  | { readonly kind: "int"; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: "fd" }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "struct"; readonly struct: SpecStruct };

/** How many elements an array has: a number, a field's, the rows of an image, or all that is left. */
export type SpecLength =
  | { readonly kind: "fixed"; readonly count: number }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "image"; readonly bitsPerPixel: number; readonly width: string; readonly rows: string }
  | { readonly kind: "rest" };

/** Attribute name to its words. */
export type SpecAttributes = ReadonlyMap<string, readonly string[]>;

/** One field. */
export interface SpecField {
  readonly kind: "field";
  readonly name: string;
  readonly type: SpecType;
  readonly pointer: boolean;
  readonly array: SpecLength | null;
  readonly attributes: SpecAttributes;
}

/** A part that another field selects. */
export interface SpecSwitch {
  readonly kind: "switch";
  readonly name: string;
  /** The selecting field; dots reach into nested structs. */
  readonly on: string;
  readonly cases: readonly SpecCase[];
  readonly attributes: SpecAttributes;
}

/** One part of a switch. */
export interface SpecCase {
  /** Members, `!MEMBER` for "not this flag", or `default`. */
  readonly labels: readonly string[];
  readonly field: SpecField;
}

/** Fields in wire order. `name` is empty for the body of a message without a name of its own. */
export interface SpecStruct {
  readonly name: string;
  readonly members: readonly (SpecField | SpecSwitch)[];
}

/** A message of a channel. */
export interface SpecMessage {
  readonly name: string;
  readonly id: number;
  /** The body, or the name of the message definition that has it. */
  readonly body: SpecStruct | string;
}

/** A channel: its own messages; those of its parent come before. */
export interface SpecChannel {
  readonly name: string;
  readonly parent: string | null;
  readonly server: readonly SpecMessage[];
  readonly client: readonly SpecMessage[];
}

/**
 * Parses a protocol definition.
 * @param text The whole file.
 * @throws {SyntaxError} With the line; also when a name is defined twice.
 */
export function parseSpec(text: string): Spec {
  return new Parser(tokens(text)).file();
}

interface Token {
  readonly text: string;
  readonly line: number;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  for (const [piece] of text.matchAll(/\/\*[^]*?\*\/|\/\/[^\n]*|\n|[ \t\r]+|[+-]?\w+|[^]/g)) {
    if (!/^\s/.test(piece) && !piece.startsWith("//") && !piece.startsWith("/*")) found.push({ text: piece, line });
    line += piece.split("\n").length - 1;
  }
  return found;
}

const INTEGERS: ReadonlyMap<string, SpecType> = new Map(
  ([8, 16, 32, 64] as const).flatMap((bits): [string, SpecType][] => [
    [`int${bits}`, { kind: "int", bits, signed: true }],
    [`uint${bits}`, { kind: "int", bits, signed: false }],
  ]),
);

class Parser {
  #next = 0;
  readonly #typedefs = new Map<string, SpecType>();
  readonly #enumerations = new Map<string, SpecEnum>();
  readonly #structs = new Map<string, SpecStruct>();
  readonly #channels = new Map<string, SpecChannel>();
  readonly #names = new Set<string>();

  constructor(readonly tokens: readonly Token[]) {}

  file(): Spec {
    for (;;) {
      const word = this.#word();
      const enumeration = /^(enum|flags)(8|16|32)$/.exec(word);
      if (enumeration !== null) {
        this.#enumeration(enumeration[1] === "flags", enumeration[2] === "8" ? 8 : enumeration[2] === "16" ? 16 : 32);
      } else if (word === "typedef") {
        const name = this.#newName();
        this.#typedefs.set(name, this.#type());
        this.#attributes();
      } else if (word === "struct" || word === "message") {
        const name = this.#newName();
        this.#structs.set(name, this.#struct(name));
      } else if (word === "channel") {
        this.#channel();
      } else if (word === "protocol") {
        return this.#protocol();
      } else this.#fail(`${word} is no definition`);
      this.#need(";");
    }
  }

  #enumeration(flags: boolean, bits: 8 | 16 | 32): void {
    const name = this.#newName();
    const members = new Map<string, number>();
    let next = 0;
    this.#need("{");
    while (!this.#take("}")) {
      const member = this.#word();
      if (members.has(member)) this.#fail(`a second ${member} in ${name}`);
      if (this.#take("=")) next = this.#number();
      this.#attributes();
      members.set(member, flags ? (1 << next) >>> 0 : next);
      next++;
      if (this.#peek() !== "}") this.#need(",");
    }
    const prefix = this.#attributes().get("prefix")?.[0] ?? null;
    this.#enumerations.set(name, { name, bits, flags, members, prefix });
  }

  #struct(name: string): SpecStruct {
    const members: (SpecField | SpecSwitch)[] = [];
    this.#need("{");
    while (!this.#take("}")) members.push(this.#peek() === "switch" ? this.#switch() : this.#field());
    // What is said of a struct as a whole concerns C, not the wire.
    this.#attributes();
    return { name, members };
  }

  #field(): SpecField {
    const type = this.#type();
    const pointer = this.#take("*");
    const name = this.#word();
    const array = this.#take("[") ? this.#length() : null;
    const attributes = this.#attributes();
    this.#need(";");
    return { kind: "field", name, type, pointer, array, attributes };
  }

  #type(): SpecType {
    const word = this.#word();
    if (word === "struct") {
      const name = this.#word();
      return { kind: "struct", struct: this.#struct(name) };
    }
    return word === "unix_fd" ? { kind: "fd" } : INTEGERS.get(word) ?? { kind: "name", name: word };
  }

  #length(): SpecLength {
    if (this.#take("]")) return { kind: "rest" };
    const word = this.#word();
    let length: SpecLength;
    if (/^\d/.test(word)) length = { kind: "fixed", count: Number(word) };
    else if (this.#peek() !== "(") length = { kind: "field", name: word };
    else if (word === "image_size") {
      const [bits, width, rows, ...more] = this.#words();
      if (bits === undefined || width === undefined || rows === undefined || more.length > 0) {
        return this.#fail("image_size takes bits, width and rows");
      }
      length = { kind: "image", bitsPerPixel: Number(bits), width, rows };
    } else return this.#fail(`${word}() is no length`);
    this.#need("]");
    return length;
  }

  #switch(): SpecSwitch {
    this.#need("switch");
    this.#need("(");
    let on = this.#word();
    while (this.#take(".")) on += `.${this.#word()}`;
    this.#need(")");
    this.#need("{");
    const cases: SpecCase[] = [];
    while (!this.#take("}")) {
      const labels: string[] = [];
      for (let next = this.#peek(); next === "case" || next === "default"; next = this.#peek()) {
        this.#need(next);
        labels.push(next === "default" ? next : `${this.#take("!") ? "!" : ""}${this.#word()}`);
        this.#need(":");
      }
      if (labels.length === 0) this.#fail("a part of a switch without a case");
      cases.push({ labels, field: this.#field() });
    }
    const name = this.#word();
    const attributes = this.#attributes();
    this.#need(";");
    return { kind: "switch", name, on, cases, attributes };
  }

  #channel(): void {
    const name = this.#newName();
    const parent = this.#take(":") ? this.#word() : null;
    const messages = { server: [] as SpecMessage[], client: [] as SpecMessage[] };
    const next = { server: 1, client: 1 };
    let side: "server" | "client" = "server";
    this.#need("{");
    while (!this.#take("}")) {
      const word = this.#word();
      if ((word === "server" || word === "client") && this.#take(":")) {
        side = word;
        continue;
      }
      const body = word === "message" ? this.#struct("") : word;
      const message = this.#word();
      const id = this.#take("=") ? this.#number() : next[side];
      next[side] = id + 1;
      this.#need(";");
      messages[side].push({ name: message, id, body });
    }
    this.#attributes();
    this.#channels.set(name, { name, parent, ...messages });
  }

  #protocol(): Spec {
    this.#word();
    this.#need("{");
    const protocol: { name: string; channel: string; type: number }[] = [];
    let next = 1;
    while (!this.#take("}")) {
      const channel = this.#word(), name = this.#word();
      const type = this.#take("=") ? this.#number() : next;
      next = type + 1;
      this.#need(";");
      protocol.push({ name, channel, type });
    }
    this.#need(";");
    if (this.#next < this.tokens.length) this.#fail("more after the protocol");
    return {
      typedefs: this.#typedefs,
      enumerations: this.#enumerations,
      structs: this.#structs,
      channels: this.#channels,
      protocol,
    };
  }

  #attributes(): SpecAttributes {
    const attributes = new Map<string, readonly string[]>();
    while (this.#take("@")) {
      const name = this.#word();
      attributes.set(name, this.#peek() === "(" ? this.#words() : []);
    }
    return attributes;
  }

  /** Words between parentheses. */
  #words(): string[] {
    this.#need("(");
    const words = [this.#word()];
    while (this.#take(",")) words.push(this.#word());
    this.#need(")");
    return words;
  }

  #newName(): string {
    const name = this.#word();
    if (this.#names.has(name)) this.#fail(`a second ${name}`);
    this.#names.add(name);
    return name;
  }

  #number(): number {
    const number = Number(this.#word());
    return Number.isInteger(number) ? number : this.#fail("no number");
  }

  #peek(): string {
    return this.tokens[this.#next]?.text ?? "the end";
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#next++;
    return true;
  }

  #need(text: string): void {
    if (!this.#take(text)) this.#fail(`${text} expected, ${this.#peek()} found`);
  }

  #word(): string {
    const word = this.#peek();
    if (!/^[+-]?\w+$/.test(word)) return this.#fail(`a word expected, ${word} found`);
    this.#next++;
    return word;
  }

  #fail(why: string): never {
    const line = (this.tokens[this.#next] ?? this.tokens.at(-1))?.line ?? 1;
    throw new SyntaxError(`Cannot parse the protocol definition at line ${line}: ${why}`);
  }
}
