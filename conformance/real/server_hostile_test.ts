/** Our server under attack over TCP, while spice-gtk works on it. */
import assert from "node:assert/strict";
import { concat, DEFAULT_LIMITS, encodeBytes, messages, PixelsMachine, SpiceServer } from "../../mod.ts";
import { Framer } from "../../protocol/channel/framing.ts";
import { readCorpus } from "../fuzz/corpus.ts";
import { mutate, randomBytes } from "../fuzz/mutate.ts";
import { pictureDifference } from "../peers/picture.ts";
import { below, type Prng, prng } from "../../protocol/schema/prng.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { linkRudely } from "./rude_viewer.ts";

const SIZE = { width: 320, height: 240 };
const BOX = { left: 8, top: 8, right: 40, bottom: 40 };
/** The whole campaign of the issue is 100000. */
const CONNECTIONS = Number(Deno.env.get("SAFFRON_HOSTILE_CONNECTIONS") ?? 1500);

peerTest({
  name: `${CONNECTIONS} hostile connections leave spice-gtk and the server as they were`,
  needs: ["gir1.2-spiceclientglib-2.0", "python3-gi"],
  timeoutMs: 60_000 + 60 * CONNECTIONS,
  fn: async (t) => {
    /** Codes of the faults since they were last looked at. */
    const faults: string[] = [];
    let color = 0, seed = 1;
    const machine: PixelsMachine = new PixelsMachine({
      ...SIZE,
      resizable: true,
      onInput: (input) => {
        if (input.kind === "key" && input.down && input.scancode === A) {
          machine.draw({ kind: "fill", area: BOX, color });
        }
      },
    });
    await using server = new SpiceServer({
      machine,
      limits: { ...DEFAULT_LIMITS, handshakeMs: 1500 },
      onEvent: (event) => {
        if (event.type === "fault") faults.push(event.error.code);
      },
    });
    const port = Number(new URL(await server.listen({ port: 0 })).port);
    await using gtk = await startSpiceGtk({ port });
    const good = server.core.connections;
    assert.equal(good, 4);

    /** Milliseconds from a key that spice-gtk sends to the picture in which the box has another colour. */
    const flip = async (): Promise<number> => {
      color = seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffff | 1;
      const start = performance.now();
      await gtk.rpc.execute("key", { scancodes: [A] });
      await waitUntil("the box", async () => (await gtk.shot()).pixels[10 * SIZE.width + 10] === color, { everyMs: 1 });
      return performance.now() - start;
    };
    /** Flips for as long as something else goes on. */
    const during = async (what: string, attack: Promise<unknown>): Promise<void> => {
      const ms: number[] = [];
      let over = false;
      const ended = attack.finally(() => over = true);
      do ms.push(await flip()); while (!over || ms.length < 5);
      await ended;
      report(what, ms);
      await same(gtk, server);
    };
    const calm = () => waitUntil("the end of every hostile connection", () => server.core.connections === good);
    const memory = () => Deno.memoryUsage().rss / 1e6;

    for (let i = 0; i < 10; i++) await flip();
    await during("before", pause(1000));
    const memoryBefore = memory();

    await t.step("random, mutated and half-right bytes", async () => {
      await during("bytes", throwBytes(port, CONNECTIONS));
      await calm();
      assert.ok(faults.length > CONNECTIONS / 4, `${faults.length} faults`);
    });
    await t.step("garbage, HTTP and an oversized link are answered and closed", async () => {
      for (const [bytes, code] of [[text("GET / HTTP/1.1\r\n\r\n"), "bad-magic"], [OVERSIZED, "too-large"]] as const) {
        faults.length = 0;
        await talk(port, bytes);
        await waitUntil(code, () => faults.includes(code));
      }
    });
    await t.step("200 connections that say nothing are closed when their time is over", async () => {
      faults.length = 0;
      const silent = await Promise.all(Array.from({ length: 200 }, () => Deno.connect({ port })));
      await during("200 half-open", calm());
      for (const connection of silent) connection.close();
      assert.deepEqual(new Set(faults), new Set(["timeout", "too-large"]));
    });
    await t.step("somebody else comes in while 127 connections say nothing", async () => {
      const silent = await Promise.all(Array.from({ length: 127 }, () => Deno.connect({ port })));
      await (await linkRudely(port, 1, 0, 0))[Symbol.asyncDispose]();
      for (const connection of silent) connection.close();
      await calm();
    });
    await t.step("viewers that never read, while the machine paints", async () => {
      const before = memory(), sentBefore = server.traffic.sentBytes;
      const lazy: AsyncDisposable[] = [];
      for (let i = 0; i < 8; i++) {
        const main = await linkRudely(port, 1, 0, 0);
        const display = await linkRudely(port, 2, 0, main.sessionId);
        await display.say(messages.DisplayInit, {
          pixmapCacheId: 0,
          pixmapCacheSize: 0n,
          glzDictionaryId: 0,
          glzDictionaryWindowSize: 0,
        });
        lazy.push(main, display);
      }
      await during("8 that never read", noise(machine, 3000));
      const grown = memory() - before, sent = (server.traffic.sentBytes - sentBefore) / 1e6;
      console.log(`    8 that never read: memory +${grown.toFixed(0)} MB, ${sent.toFixed(0)} MB sent to all`);
      assert.ok(grown < 200, `${grown} MB`);
      for (const one of lazy) await one[Symbol.asyncDispose]();
      await calm();
    });
    await t.step("floods of input", async () => {
      const main = await linkRudely(port, 1, 0, 0), inputs = await linkRudely(port, 3, 0, main.sessionId);
      const framer = new Framer("mini"), body = encodeBytes(messages.InputsKeyScancode.wire, { data: KEYS });
      const many = repeat(concat(framer.frame(messages.InputsKeyScancode.id, [body])), 32);
      const flood = async () => {
        for (const end = performance.now() + 3000; performance.now() < end;) await inputs.write(many);
      };
      await during("a flood of keys", flood());
      await inputs[Symbol.asyncDispose]();
      await main[Symbol.asyncDispose]();
      await calm();
    });
    await during("after", pause(1000));
    console.log(`    memory ${memoryBefore.toFixed(0)} MB before, ${memory().toFixed(0)} MB after`);
  },
});

/** Set 1 scancodes: A, and a key that the machine does not heed. */
const A = 0x1e;
const KEYS = Uint8Array.from({ length: 1000 }, (_, i) => [0x30, 0xb0][i % 2]!);
/** A link header that announces 4 GiB. */
const OVERSIZED = Uint8Array.of(0x52, 0x45, 0x44, 0x51, 2, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 255);

/** So many connections, 16 at a time. */
async function throwBytes(port: number, count: number): Promise<void> {
  const random = prng(20261), { links } = readCorpus();
  let left = count;
  const thrower = async () => {
    while (left-- > 0) await talk(port, hostileBytes(random, links.client));
  };
  await Promise.all(Array.from({ length: 16 }, thrower));
}

function hostileBytes(random: Prng, links: readonly Uint8Array[]): Uint8Array {
  const link = links[below(random, links.length)]!;
  switch (below(random, 4)) {
    case 0:
      return randomBytes(random, 1 + below(random, 3000));
    case 1:
      return repeat(mutate(link, random), 1 + below(random, 20));
    default:
      return mutate(link, random);
  }
}

/** Says something, hears what comes for a moment, and leaves. */
async function talk(port: number, bytes: Uint8Array): Promise<void> {
  const connection = await Deno.connect({ port });
  const hear = connection.read(new Uint8Array(1000)).catch(() => null);
  await connection.write(bytes).catch(() => 0);
  await Promise.race([hear, pause(5)]);
  connection.close();
  await hear;
}

/** Noise of the whole head, for a while. */
async function noise(machine: PixelsMachine, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end; await pause(20)) {
    const step = performance.now() | 0;
    // The box belongs to the latency.
    for (let i = 40 * SIZE.width; i < machine.pixels.length; i++) {
      machine.pixels[i] = Math.imul(i + step, 2654435761) >>> 8;
    }
    machine.damage({ left: 0, top: 40, right: SIZE.width, bottom: SIZE.height });
  }
}

async function same(gtk: SpiceGtk, server: SpiceServer): Promise<void> {
  await waitUntil("the same picture", async () => {
    return pictureDifference(await gtk.shot(), server.core.screen(0)!.surface) === null;
  });
}

function report(what: string, ms: number[]): void {
  ms.sort((a, b) => a - b);
  const [median, worst] = [ms[ms.length >> 1]!, ms.at(-1)!].map((value) => value.toFixed(0));
  console.log(`    ${what}: key to picture ${median} ms median, ${worst} ms at most, ${ms.length} times`);
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}
