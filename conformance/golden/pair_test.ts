/**
 * Our client core and our server core, joined by a link with its own clock, latency and splits. Neither core waits or
 * reads a clock, so whole sessions run in milliseconds and the same way every time.
 */
import assert from "node:assert/strict";
import {
  type ChannelId,
  type EncodeJob,
  type EncodeResult,
  IMAGE_CODECS,
  ImageCompression,
  type MachineInput,
  ServerCore,
  type ServerEvent,
  type ServerOptions,
  SessionCore,
  type SessionEvent,
  type Ticket,
} from "../../mod.ts";
import { below, type Prng, prng } from "../../protocol/schema/prng.ts";

const OPEN: Ticket = { password: null, role: "control", untilMs: null };
const SECRET: Ticket = { password: new TextEncoder().encode("secret"), role: "control", untilMs: 5000 };
const LOOK: Ticket = { password: new TextEncoder().encode("look"), role: "view", untilMs: null };

/** A server, its viewers, and the time that they share. */
class Net {
  nowMs = 0;
  readonly inputs: MachineInput[] = [];
  readonly serverEvents: ServerEvent[] = [];
  readonly server: ServerCore;
  readonly clients: Client[] = [];
  #connections = 0;
  /** What is under way, in the order of arrival on each connection. */
  readonly #flights: { atMs: number; arrive: () => void }[] = [];
  readonly ends = new Map<number, { client: Client; channel: ChannelId; lastAtMs: number }>();

  /** Jobs that encode elsewhere, done and failed. */
  readonly jobs = { done: 0, failed: 0, cancelled: 0 };

  constructor(
    tickets: readonly Ticket[],
    readonly random: Prng,
    readonly latencyMs = 5,
    options: Omit<ServerOptions, "tickets"> = {},
    size = { width: 200, height: 150 },
  ) {
    this.server = new ServerCore({ tickets, ...options });
    this.server.identity("pair", null);
    this.server.mouseModes({ absolute: true, relative: true });
    this.server.head(0, size);
  }

  connect(password = "", preferredCompression: number = ImageCompression.LZ): Client {
    const client = new Client(this, password, preferredCompression);
    this.clients.push(client);
    client.core.start(this.nowMs);
    this.settle();
    return client;
  }

  /** A client goes without a word. */
  leave(client: Client): void {
    client.leave();
    this.clients.splice(this.clients.indexOf(client), 1);
  }

  /** A connection of a client to the server. */
  open(client: Client, channel: ChannelId): number {
    const connection = ++this.#connections;
    this.ends.set(connection, { client, channel, lastAtMs: this.nowMs });
    this.server.accepted(connection, "client", this.nowMs);
    return connection;
  }

  /** Bytes in random pieces, in order, after the latency. */
  fly(connection: number, bytes: Uint8Array, arrive: (piece: Uint8Array) => void): void {
    const end = this.ends.get(connection);
    for (let at = 0; at < bytes.length && end !== undefined;) {
      const piece = bytes.slice(at, at + 1 + below(this.random, Math.max(4096, bytes.length >> 2)));
      at += piece.length;
      end.lastAtMs = Math.max(end.lastAtMs, this.nowMs + this.latencyMs + below(this.random, 3));
      this.#flights.push({ atMs: end.lastAtMs, arrive: () => arrive(piece) });
    }
  }

  later(ms: number, arrive: () => void): void {
    this.#flights.push({ atMs: this.nowMs + ms, arrive });
  }

  /** Lets time pass until nothing is under way. */
  settle(): void {
    this.turn();
    while (this.#flights.length > 0) {
      let next = 0;
      for (let i = 1; i < this.#flights.length; i++) {
        if (this.#flights[i]!.atMs < this.#flights[next]!.atMs) next = i;
      }
      const [flight] = this.#flights.splice(next, 1);
      this.nowMs = Math.max(this.nowMs, flight!.atMs);
      flight!.arrive();
      this.turn();
    }
  }

  /** Does what the cores ask. */
  turn(): void {
    for (let more = true; more;) {
      more = false;
      for (const client of this.clients) more = client.turn() || more;
      more = this.#serve() || more;
      for (const connection of [...this.ends.keys()]) more = this.server.pull(connection, this.nowMs) || more;
    }
  }

  #serve(): boolean {
    let any = false;
    for (let output = this.server.poll(); output !== undefined; output = this.server.poll()) {
      any = true;
      switch (output.do) {
        case "send": {
          const { connection } = output;
          for (const chunk of output.chunks) {
            this.fly(connection, chunk, (piece) => {
              const end = this.ends.get(connection);
              end?.client.core.receive(end.channel, piece, this.nowMs);
            });
          }
          break;
        }
        case "ask": {
          // Keys are of glass here: what is encrypted is the password itself.
          const { id, question } = output;
          this.later(1, () => {
            if (question.kind === "ticket-key") {
              const publicKey = new Uint8Array(162).fill(1);
              this.server.answer(
                id,
                { kind: "ticket-key", publicKey, random: below(this.random, 2 ** 31) },
                this.nowMs,
              );
            } else if (question.kind === "decrypt-ticket") {
              const password = question.encrypted.subarray(0, question.encrypted.indexOf(0));
              this.server.answer(id, { kind: "decrypt-ticket", password }, this.nowMs);
            }
          });
          break;
        }
        case "encode": {
          const { id, job } = output;
          // Some workers lose their picture.
          const failed = below(this.random, 8) === 0;
          this.later(below(this.random, 60), () => {
            this.jobs[failed ? "failed" : "done"]++;
            this.server.encoded(id, failed ? new Error("out of memory") : encodeJob(job), this.nowMs);
          });
          break;
        }
        case "cancel-encode":
          this.jobs.cancelled++;
          break;
        case "input":
          this.inputs.push(output.input);
          break;
        case "emit":
          this.serverEvents.push(output.event);
          break;
        case "close": {
          const { connection } = output;
          const end = this.ends.get(connection);
          // After what was sent before.
          this.later(Math.max(0, (end?.lastAtMs ?? 0) - this.nowMs) + 1, () => {
            if (!this.ends.delete(connection) || end === undefined) return;
            end.client.core.ended(end.channel, null, this.nowMs);
            this.server.ended(connection, null, this.nowMs);
          });
        }
      }
    }
    return any;
  }
}

/** A client core on the net. */
class Client {
  readonly core: SessionCore;
  readonly events: SessionEvent[] = [];
  readonly #connections = new Map<string, number>();

  constructor(readonly net: Net, readonly password: string, preferredCompression: number) {
    this.core = new SessionCore({ preferredCompression });
  }

  get error(): string | null {
    const closed = this.events.find((event) => event.type === "closed");
    return closed?.type === "closed" ? closed.error?.message ?? "closed" : null;
  }

  turn(): boolean {
    let any = false;
    for (let output = this.core.poll(); output !== undefined; output = this.core.poll()) {
      any = true;
      const { net } = this;
      switch (output.do) {
        case "open":
          this.#connections.set(key(output.channel), net.open(this, output.channel));
          this.core.opened(output.channel, net.nowMs);
          break;
        case "send": {
          const connection = this.#connections.get(key(output.channel))!;
          for (const chunk of output.chunks) {
            net.fly(connection, chunk, (piece) => net.server.receive(connection, piece, net.nowMs));
          }
          break;
        }
        case "ask": {
          const { id } = output;
          const encrypted = new Uint8Array(128);
          encrypted.set(new TextEncoder().encode(this.password));
          net.later(1, () => this.core.answer(id, { kind: "encrypt-ticket", encrypted }, net.nowMs));
          break;
        }
        case "emit":
          this.events.push(output.event);
          break;
        case "close":
          if (output.channel === null) this.leave();
      }
    }
    return any;
  }

  /** Every connection breaks. */
  leave(): void {
    for (const connection of this.#connections.values()) {
      this.net.ends.delete(connection);
      this.net.server.ended(connection, null, this.net.nowMs);
    }
    this.#connections.clear();
  }
}

Deno.test("a client sees what the machine draws, whatever the splits and moments", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = prng(seed);
    const net = new Net([OPEN], random, 1 + below(random, 40));
    const first = net.connect();
    for (let step = 0; step < 60; step++) {
      for (let n = below(random, 4); n >= 0; n--) drawAtRandom(net.server, random);
      if (below(random, 3) === 0) net.settle();
      else net.turn();
      if (step === 30) net.connect();
      if (step === 40) net.server.head(0, { width: 120 + below(random, 200), height: 90 + below(random, 100) });
    }
    net.settle();
    const truth = net.server.screen(0)!.surface;
    for (const client of net.clients) {
      assert.equal(client.error, null);
      const display = client.core.displays.get(0)!;
      assert.equal(display.marked, true);
      assert.deepEqual([display.primary!.width, display.primary!.height], [truth.width, truth.height]);
      assert.deepEqual(colours(display.primary!.pixels), colours(truth.pixels), `seed ${seed}`);
    }
    assert.deepEqual(first.events.filter(({ type }) => type === "unsupported"), []);
  }
});

Deno.test("a client sees what the machine draws, whatever is encoded elsewhere, and whenever it comes back or fails", () => {
  const jobs = { done: 0, failed: 0, cancelled: 0 };
  for (let seed = 1; seed <= 12; seed++) {
    const random = prng(seed), jpeg = seed % 3 === 0 ? "always" : "never", size = { width: 512, height: 300 };
    const net = new Net([OPEN], random, 1 + below(random, 40), { workers: 1, jpeg }, size);
    const rest = () => {
      net.settle();
      // What was sent with a loss is made good a while later, one message after the other.
      for (let n = 0; jpeg === "always" && n < 4; n++, net.nowMs += 1000) net.settle();
      const truth = net.server.screen(0)!.surface.pixels;
      for (const client of net.clients) {
        const display = client.core.displays.get(0)!;
        assert.deepEqual([client.error, display.marked], [null, true]);
        const { pixels } = display.primary!;
        assert.equal(pixels.length, truth.length);
        const wrong = truth.findIndex((pixel, i) => ((pixel ^ pixels[i]!) & 0xffffff) !== 0);
        assert.equal(wrong, -1, `seed ${seed}`);
      }
    };
    for (const prefer of [ImageCompression.LZ, ImageCompression.AUTO_GLZ, ImageCompression.QUIC]) {
      net.connect("", prefer);
    }
    for (let step = 0; step < 30; step++) {
      if (below(random, 2) === 0) drawPhoto(net.server, random);
      // Also while that is under way.
      for (let n = below(random, 4); n >= 0; n--) {
        net.turn();
        drawAtRandom(net.server, random);
      }
      if (below(random, 3) === 0) rest();
      else net.turn();
      if (step === 9) net.leave(net.clients[0]!);
      if (step === 12) net.connect();
      if (step % 10 === 7) net.server.head(0, { width: 512, height: 270 + below(random, 100) });
    }
    rest();
    const failures = net.serverEvents.filter(({ type }) => type === "encode-failed").length;
    assert.ok(failures <= net.jobs.failed, "what was cancelled does not fail");
    for (const kind of ["done", "failed", "cancelled"] as const) jobs[kind] += net.jobs[kind];
  }
  assert.ok(jobs.done > 100 && jobs.failed > 10 && jobs.cancelled > 3, JSON.stringify(jobs));
});

Deno.test("tickets: control, view, wrong, expired", () => {
  const net = new Net([SECRET, LOOK], prng(1));
  const control = net.connect("secret");
  assert.notEqual(control.core.inputs, null);
  const view = net.connect("look");
  assert.equal(view.core.inputs, null);
  assert.equal(view.core.displays.get(0)!.marked, true);
  assert.match(net.connect("guess").error!, /PERMISSION_DENIED/);
  net.nowMs = 6000;
  net.server.head(1, { width: 64, height: 48 });
  net.settle();
  assert.equal(control.core.displays.get(1)?.marked, true, "who is in stays in");
  assert.match(net.connect("secret").error!, /PERMISSION_DENIED/);
  assert.equal(control.error, null);
});

Deno.test("input reaches the machine, in both mouse modes; what a lost viewer held is let go", () => {
  const net = new Net([OPEN], prng(2));
  const client = net.connect();
  client.core.inputs!.key({ scancode: 0xe048, down: true });
  client.core.inputs!.moveTo(12, 34, 0);
  client.core.inputs!.press("LEFT");
  net.settle();
  assert.deepEqual(net.inputs, [
    { kind: "key", scancode: 0xe048, down: true },
    { kind: "position", head: 0, x: 12, y: 34 },
    { kind: "button", button: "LEFT", down: true },
  ]);
  client.core.main!.requestMouseMode(1);
  net.settle();
  net.inputs.length = 0;
  client.core.inputs!.moveBy(-3, 4);
  net.settle();
  assert.deepEqual(net.inputs, [{ kind: "motion", dx: -3, dy: 4 }]);
  net.inputs.length = 0;
  client.leave();
  net.settle();
  assert.deepEqual(net.inputs, [
    { kind: "button", button: "LEFT", down: false },
    { kind: "key", scancode: 0xe048, down: false },
  ]);
  assert.equal(net.server.viewers.length, 0);
});

Deno.test("LEDs, the pointer's shape and new heads reach a viewer that is in", () => {
  const net = new Net([OPEN], prng(3));
  const client = net.connect();
  net.server.leds(4);
  const shape = { width: 2, height: 1, hotX: 1, hotY: 0, pixels: Uint32Array.of(0xff112233, 0), invert: null };
  net.server.cursor(0, { shape, visible: true, at: { x: 5, y: 6 } });
  net.server.head(1, { width: 64, height: 48 });
  net.settle();
  assert.equal(client.core.inputs!.modifiers, 4);
  const cursor = client.core.cursors.get(0)!.cursor;
  assert.deepEqual([cursor.x, cursor.y, cursor.visible, cursor.image!.pixels[0]], [5, 6, true, 0xff112233]);
  assert.deepEqual([...client.core.displays.keys()].toSorted(), [0, 1]);
  net.server.head(1, null);
  net.settle();
  assert.equal(client.core.displays.get(1)!.primary, null);
  assert.equal(client.error, null);
});

Deno.test("a head that takes other sizes brings an agent for those who steer, and goes with it", () => {
  const net = new Net([SECRET, LOOK], prng(4));
  const before = net.connect("secret");
  net.server.resizable(0, true);
  net.settle();
  const after = net.connect("secret"), view = net.connect("look");
  const agents = ({ events }: Client) =>
    events.flatMap((event) => {
      if (event.type === "init") return event.init.agentConnected ? ["there"] : [];
      return event.type === "agent" ? [event.connected ? `came with ${event.tokens}` : "went"] : [];
    });
  assert.deepEqual([before, after, view].map(agents), [["came with 10"], ["there"], []]);
  net.server.resizable(0, false);
  net.settle();
  assert.deepEqual([before, after, view].map(agents), [["came with 10", "went"], ["there", "went"], []]);
});

Deno.test("small parts of a picture wait for the rest of it", () => {
  const net = new Net([OPEN], prng(5)), client = net.connect();
  const drawn = () => client.events.filter(({ type }) => type === "draw").length;
  const row = (y: number) => ({ left: 0, top: y, right: 150, bottom: y + 1 });
  net.server.drawing(0, true);
  const before = drawn();
  for (let y = 0; y < 9; y++) {
    net.server.draw(0, { kind: "fill", area: row(y), color: y + 1 });
    net.settle();
  }
  assert.equal(drawn(), before);
  net.server.drawing(0, false);
  net.settle();
  assert.equal(drawn(), before + 1);
  assert.deepEqual(colours(client.core.displays.get(0)!.primary!.pixels), net.server.screen(0)!.surface.pixels);
});

/** One drawable, of any kind, that may reach beyond the head. */
function drawAtRandom(server: ServerCore, random: Prng): void {
  const left = below(random, 220) - 20, top = below(random, 170) - 20;
  const area = { left, top, right: left + 1 + below(random, 120), bottom: top + 1 + below(random, 90) };
  const width = area.right - area.left, height = area.bottom - area.top;
  switch (below(random, 3)) {
    case 0:
      return server.draw(0, { kind: "fill", area, color: below(random, 4) * 0x404040 });
    case 1:
      return server.draw(0, { kind: "copy", area, from: { x: below(random, 200), y: below(random, 150) } });
    default: {
      const few = below(random, 2) === 0;
      const pixels = Uint32Array.from(
        { length: width * height },
        () => few ? below(random, 3) : below(random, 0x1000000),
      );
      return server.draw(0, { kind: "pixels", area, pixels });
    }
  }
}

/** Most of the head, like a photograph. */
function drawPhoto(server: ServerCore, random: Prng): void {
  const { width, height } = server.screen(0)!.surface, seed = below(random, 1000);
  const pixels = Uint32Array.from({ length: width * height }, (_, at) => {
    const x = at % width, y = Math.floor(at / width), grain = Math.imul(at + seed, 2654435761) >>> 30;
    return (x + seed & 255) << 16 | (y + seed & 255) + grain << 8 & 0xff00 | (x + y >> 2 & 255);
  });
  server.draw(0, { kind: "pixels", area: { left: 0, top: 0, right: width, bottom: height }, pixels });
}

/** What a worker does. */
function encodeJob({ picture, coding }: EncodeJob): EncodeResult {
  const type = ({ bitmap: "BITMAP", lz: "LZ_RGB", lz4: "LZ4", quic: "QUIC", jpeg: "JPEG" } as const)[coding];
  return { image: IMAGE_CODECS[type].encode(picture, {})!, pixels: picture.pixels };
}

function colours(pixels: Uint32Array): Uint32Array {
  return pixels.map((pixel) => pixel & 0xffffff);
}

function key({ type, id }: ChannelId): string {
  return `${type}:${id}`;
}

Deno.test("a viewer's first picture comes in one message, whatever others were sent before", () => {
  const net = new Net([OPEN], prng(6)), first = net.connect();
  drawAtRandom(net.server, net.random);
  net.server.draw(0, { kind: "fill", area: { left: 0, top: 0, right: 200, bottom: 149 }, color: 7 });
  net.settle();
  net.server.draw(0, { kind: "fill", area: { left: 5, top: 5, right: 60, bottom: 60 }, color: 9 });
  net.settle();
  assert.equal(first.error, null);
  const second = net.connect();
  assert.equal(second.events.filter(({ type }) => type === "draw").length, 1);
});
