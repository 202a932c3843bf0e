/** A whole server: what hostile viewers may do to it, and to the viewer beside them. */
import { Framer } from "../../../protocol/channel/framing.ts";
import { AckSync, Pong } from "../../../protocol/messages/base.ts";
import { channels } from "../../../protocol/messages/channels.ts";
import { SpiceLinkMess } from "../../../protocol/messages/link.ts";
import { arbitrary } from "../../../protocol/schema/arbitrary.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import type { Message } from "../../../protocol/schema/message.ts";
import { below, type Prng } from "../../../protocol/schema/prng.ts";
import { ServerCore, SessionCore } from "../../../mod.ts";
import type { Corpus } from "../corpus.ts";
import { edge, mutate, randomBytes } from "../mutate.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";

/** What a record does; its second byte names the connection. */
const OP = { bytes: 0, link: 1, end: 2, tick: 3, draw: 4, head: 5, message: 6 } as const;

/** Connections that the hostile viewers share. */
const HOSTILE = 6;
const WIDTH = 64, HEIGHT = 48;
const SERVED = [channels.main, channels.display, channels.inputs, channels.cursor];

/**
 * A server with one good viewer and hostile ones. An input has records of u8 operation, u8 connection, u16 length and as
 * many bytes:
 *
 *   bytes    to the connection, as they are
 *   link     u8 channel type, u8 channel id, u8 mini header, u8 whose connection id: 0 none, 1 its own, 2 u32 that follows
 *   message  u16 type and a body, framed
 *   end, tick, draw and head  what happens beside the bytes
 */
export const servers: Target = {
  name: "server",
  weight: 4,
  // The regions of a viewer, the link's keys, one message; each picture for each viewer.
  // A viewer that may have GLZ gets a dictionary, once, whose table takes 8 MiB.
  largestBytes: (bytes) => 8 * 1024 * 1024 + 256 * 1024 + 4 * bytes,
  totalBytes: (bytes) => 64 * 1024 * 1024 + 16 * 1024 * bytes,
  generate: (random, corpus) => {
    const script = new ViewerScript(random, corpus);
    script.begin();
    for (let left = below(random, 40); left > 0; left--) script.say();
    return below(random, 3) === 0 ? mutate(script.bytes(), random) : script.bytes();
  },
  run: (input) => {
    const world = new World();
    for (let at = 0; at + 4 <= input.length;) {
      const bytes = input.subarray(at + 4, at + 4 + (input[at + 2]! | input[at + 3]! << 8));
      world.play(input[at]! % 7, 10 + input[at + 1]! % HOSTILE, bytes);
      at += 4 + bytes.length;
    }
    return world.finish();
  },
};

/** Says what viewers might. */
class ViewerScript {
  readonly #records: Uint8Array[] = [];

  constructor(readonly random: Prng, readonly corpus: Corpus) {}

  bytes(): Uint8Array {
    return concat(this.#records);
  }

  /** A viewer with all its channels, mostly. */
  begin(): void {
    if (below(this.random, 8) === 0) return;
    SERVED.forEach(({ type }, number) => this.#link(number, type, 0, type === channels.main.type ? 0 : 1));
    this.#message(1, channels.display.client[0]!, below(this.random, 4) > 0);
  }

  /** Any next thing. */
  say(): void {
    const { random } = this, number = below(random, HOSTILE), channel = SERVED[number % SERVED.length]!;
    switch (below(random, 12)) {
      case 0:
        return this.#link(number, below(random, 13), below(random, 3), below(random, 3));
      case 1:
        return this.#record(OP.end, number, []);
      case 2:
        return this.#record(OP.tick, number, [below(random, 12)]);
      case 3:
      case 4:
        return this.#record(OP.draw, number, [...randomBytes(random, 6)]);
      case 5:
        return this.#record(OP.head, number, [...randomBytes(random, 4)]);
      case 6: {
        const { client: links } = this.corpus.links, link = links[below(random, links.length)]!;
        return this.#record(OP.bytes, number, mutate(link, random));
      }
      case 7: {
        const seeds = this.corpus.messages.filter((seed) => seed.from === "client" && seed.channel === channel);
        const seed = seeds[below(random, seeds.length)];
        if (seed === undefined) return;
        return this.#body(number, seed.declaration.id, mutate(seed.body, random));
      }
      case 8:
        return this.#flood(number, channel.client[below(random, channel.client.length)]!);
      case 9:
        return this.#record(OP.bytes, number, randomBytes(random, below(random, 400)));
      default:
        return this.#message(number, channel.client[below(random, channel.client.length)]!, below(random, 2) === 0);
    }
  }

  #flood(number: number, message: Message): void {
    const one = encodeBytes<unknown>(message.wire, arbitrary<unknown>(message.wire, this.random)).slice(0, 2000);
    for (let left = below(this.random, 30); left > 0; left--) this.#body(number, message.id, one);
  }

  #message(number: number, message: Message, right: boolean): void {
    const acks: readonly Message[] = [AckSync, Pong];
    // Small numbers are those that the server waits for.
    const body = acks.includes(message) && right
      ? new Uint8Array(message === AckSync ? 4 : 12).fill(1 + below(this.random, 3), 0, 1)
      : encodeBytes<unknown>(message.wire, arbitrary<unknown>(message.wire, this.random));
    this.#body(number, message.id, right ? body : mutate(body, this.random));
  }

  #body(number: number, type: number, body: Uint8Array): void {
    this.#record(OP.message, number, concat([Uint8Array.of(type & 255, type >> 8), body]));
  }

  #link(number: number, type: number, id: number, whose: number): void {
    const other = new Uint8Array(Uint32Array.of(edge(this.random)).buffer);
    this.#record(OP.link, number, [type, id, below(this.random, 2), whose, ...other]);
  }

  #record(operation: number, number: number, bytes: Uint8Array | readonly number[]): void {
    this.#records.push(Uint8Array.of(operation, number, bytes.length & 255, bytes.length >> 8), Uint8Array.from(bytes));
  }
}

/** The server, its machine, the good viewer, and the wires. */
class World {
  readonly #server = new ServerCore({
    tickets: [{ password: null, role: "control", untilMs: null }],
    limits: SMALL_LIMITS,
    maxConnectionsPerAddress: 64,
    maxHalfOpen: 16,
  });
  readonly #good = new SessionCore({ limits: SMALL_LIMITS });
  /** Connections of the good viewer by channel. */
  readonly #wires = new Map<string, number>();
  readonly #framers = new Map<number, Framer>();
  /** Connections that the hostile viewers have open. */
  readonly #open = new Set<number>();
  readonly #keys = new Set<number>();
  readonly #held = new Set<string>();
  readonly #outcomes: string[] = [];
  #nowMs = 0;
  #draws = 1;
  #sessionId = 0;

  constructor() {
    this.#server.mouseModes({ absolute: true, relative: true });
    this.#server.head(0, { width: WIDTH, height: HEIGHT });
    this.#server.resizable(0, true);
    this.#draw(Uint8Array.of(1, 0, 0, 64, 48));
    this.#good.start(0);
    this.#settle();
    if (!this.#same()) throw new Violation("the good viewer sees nothing");
  }

  /** Plays a record. */
  play(operation: number, number: number, bytes: Uint8Array): void {
    switch (operation) {
      case OP.bytes:
        this.#accept(number);
        this.#server.receive(number, bytes, this.#nowMs);
        break;
      case OP.link:
        this.#link(number, bytes);
        break;
      case OP.message: {
        this.#accept(number);
        const framer = this.#framers.get(number) ?? new Framer("full"), type = (bytes[0] ?? 0) | (bytes[1] ?? 0) << 8;
        this.#server.receive(number, concat(framer.frame(type, [bytes.subarray(2)])), this.#nowMs);
        break;
      }
      case OP.end:
        if (this.#open.delete(number)) this.#server.ended(number, null, this.#nowMs);
        break;
      case OP.tick:
        this.#server.tick(this.#nowMs += 1000 * (bytes[0] ?? 0));
        this.#good.tick(this.#nowMs);
        break;
      case OP.draw:
        this.#draw(bytes);
        break;
      case OP.head:
        this.#server.head(0, { width: 1 + (bytes[0] ?? 0) % WIDTH, height: 1 + (bytes[1] ?? 0) % HEIGHT });
        // A second head that comes and goes.
        if ((bytes[2] ?? 0) % 4 === 0) this.#server.head(1, (bytes[3] ?? 0) % 2 === 0 ? null : { width: 9, height: 9 });
    }
    this.#settle();
  }

  /** @returns The first fault of a hostile viewer, or `value`. @throws {Violation} The good viewer is worse off. */
  finish(): string {
    if (this.#good.closed) throw new Violation("the good viewer's session ended");
    if (!this.#same()) throw new Violation("the good viewer's picture is wrong");
    for (const number of this.#open) this.#server.ended(number, null, this.#nowMs);
    this.#settle();
    if (this.#server.viewers.length !== 1) throw new Violation(`${this.#server.viewers.length} viewers are left`);
    const { connections } = this.#server;
    if (connections !== this.#wires.size) throw new Violation(`${connections} connections, ${this.#wires.size} good`);
    if (this.#keys.size > 0) throw new Violation(`${this.#keys.size} ticket keys are left`);
    if (this.#held.size > 0) throw new Violation(`${[...this.#held]} is held by nobody`);
    return this.#outcomes[0] ?? "value";
  }

  #accept(number: number): void {
    if (this.#open.has(number)) return;
    this.#open.add(number);
    this.#framers.delete(number);
    this.#server.accepted(number, "hostile", this.#nowMs);
  }

  #link(number: number, bytes: Uint8Array): void {
    if (this.#open.delete(number)) this.#server.ended(number, null, this.#nowMs);
    this.#accept(number);
    const [channelType = 0, channelId = 0, mini = 0, whose = 0, ...id] = bytes;
    const given = new DataView(Uint8Array.of(...id.slice(0, 4), 0, 0, 0, 0).buffer).getUint32(0, true);
    const own = this.#server.viewers.find(({ sessionId }) => sessionId !== this.#sessionId)?.sessionId ?? 0;
    const caps = { common: [mini % 2 === 1 ? 0b1011 : 0b11], channel: [0xffffffff] };
    const connectionId = whose % 3 === 0 ? 0 : whose % 3 === 1 ? own : given;
    const mess = encodeBytes(SpiceLinkMess, { connectionId, channelType, channelId, caps });
    const header = Uint8Array.of(0x52, 0x45, 0x44, 0x51, 2, 0, 0, 0, 2, 0, 0, 0, mess.length, 0, 0, 0);
    this.#framers.set(number, new Framer(mini % 2 === 1 ? "mini" : "full"));
    this.#server.receive(number, concat([header, mess, Uint8Array.of(1, 0, 0, 0), new Uint8Array(128)]), this.#nowMs);
  }

  #draw(bytes: Uint8Array): void {
    const [kind = 0, left = 0, top = 0, width = 1, height = 1, from = 0] = bytes;
    const x = left % WIDTH - 4, y = top % HEIGHT - 4;
    const area = { left: x, top: y, right: x + width % 80, bottom: y + height % 60 };
    const step = this.#draws++;
    if (kind % 3 === 0) return this.#server.draw(0, { kind: "fill", area, color: step * 0x10305 });
    if (kind % 3 === 2) return this.#server.draw(0, { kind: "copy", area, from: { x: from % 70, y: from % 50 } });
    const pixels = Uint32Array.from({ length: 80 * 60 }, (_, i) => Math.imul(i + step, 2654435761) >>> 8);
    this.#server.draw(0, { kind: "pixels", area, pixels });
  }

  /** Carries everything until nothing moves. */
  #settle(): void {
    for (let rounds = 0, moved = true; moved; rounds++) {
      if (rounds > 10_000) throw new Violation("it never comes to rest");
      moved = this.#carry();
      for (const number of [...this.#wires.values(), ...this.#open]) {
        while (this.#server.pull(number, this.#nowMs)) moved = this.#carry() || true;
      }
    }
  }

  #carry(): boolean {
    let moved = false;
    for (let output = this.#server.poll(); output !== undefined; output = this.#server.poll()) {
      moved = true;
      switch (output.do) {
        case "send":
          this.#toGood(output.connection, output.chunks);
          break;
        case "ask":
          if (output.question.kind === "ticket-key") {
            this.#keys.add(output.id);
            const random = 1000 + output.id;
            this.#server.answer(output.id, { kind: "ticket-key", publicKey: KEY, random }, this.#nowMs);
          } else if (output.question.kind === "decrypt-ticket") {
            this.#keys.delete(output.question.keyId);
            this.#server.answer(output.id, { kind: "decrypt-ticket", password: null }, this.#nowMs);
          }
          break;
        case "forget-key":
          this.#keys.delete(output.keyId);
          break;
        case "input":
          this.#input(output.input);
          break;
        case "emit":
          if (output.event.type === "viewer-joined" && this.#sessionId === 0) this.#sessionId = output.event.sessionId;
          if (output.event.type === "fault") this.#fault(output.event);
          break;
        case "close":
          if ([...this.#wires.values()].includes(output.connection)) {
            throw new Violation("the good viewer is sent away");
          }
          this.#open.delete(output.connection);
          this.#server.ended(output.connection, null, this.#nowMs);
      }
    }
    for (let output = this.#good.poll(); output !== undefined; output = this.#good.poll()) {
      moved = true;
      if (output.do === "open") {
        const number = 100 + this.#wires.size;
        this.#wires.set(`${output.channel.type}:${output.channel.id}`, number);
        this.#server.accepted(number, "good", this.#nowMs);
        this.#good.opened(output.channel, this.#nowMs);
      } else if (output.do === "ask") {
        this.#good.answer(output.id, { kind: "encrypt-ticket", encrypted: new Uint8Array(128) }, this.#nowMs);
      } else if (output.do === "send") {
        const number = this.#wires.get(`${output.channel.type}:${output.channel.id}`)!;
        this.#server.receive(number, concat(output.chunks), this.#nowMs);
      }
    }
    return moved;
  }

  #toGood(connection: number, chunks: readonly Uint8Array[]): void {
    for (const [key, number] of this.#wires) {
      if (number !== connection) continue;
      const [type, id] = key.split(":").map(Number);
      this.#good.receive({ type: type!, id: id! }, concat(chunks), this.#nowMs);
    }
  }

  #fault({ address, error }: { readonly address: string; readonly error: Error & { by: string; code: string } }): void {
    if (address === "good") throw new Violation(`The good viewer is blamed: ${error.message}`, { cause: error });
    if (error.by !== "remote") throw new Violation(`We are to blame: ${error.message}`, { cause: error });
    this.#outcomes.push(error.code);
  }

  /** A machine gets nothing that it cannot take, and everything that goes down comes up. */
  #input(input: Extract<ReturnType<ServerCore["poll"]>, { do: "input" }>["input"]): void {
    if (input.kind === "position") {
      const { width, height } = this.#server.screen(input.head)?.surface ?? { width: 0, height: 0 };
      const there = input.x >= 0 && input.y >= 0 && input.x < width && input.y < height;
      if (!there) throw new Violation(`a place outside of the head: ${JSON.stringify(input)}`);
    }
    if (input.kind !== "key" && input.kind !== "button") return;
    const wheel = input.kind === "button" && (input.button === "UP" || input.button === "DOWN");
    if (wheel) return;
    const what = input.kind === "key" ? `key ${input.scancode}` : input.button;
    if (input.down) this.#held.add(what);
    else this.#held.delete(what);
  }

  #same(): boolean {
    const truth = this.#server.screen(0)!.surface, seen = this.#good.displays.get(0)?.surface(0);
    if (seen === undefined || seen.width !== truth.width || seen.height !== truth.height) return false;
    return truth.pixels.every((pixel, i) => ((pixel ^ seen.pixels[i]!) & 0xffffff) === 0);
  }
}

const KEY = new Uint8Array(162);
