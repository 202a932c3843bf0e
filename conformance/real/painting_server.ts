/**
 * A server of our library as a program of its own, which paints without end, so that its memory can be told from that of
 * its viewers. It tells its URI, then answers each line on its standard input with a line of JSON.
 */
import { PixelsMachine, SpiceServer } from "../../mod.ts";
import { below, prng } from "../../protocol/schema/prng.ts";

/** What may be asked: `paint`, `rest`, `state`. */
export interface PaintingState {
  readonly connections: number;
  readonly viewers: number;
  readonly sentBytes: number;
  readonly paints: number;
  /** Heap and buffers in use after a garbage collection, in bytes. */
  readonly usedBytes: number;
  /** Memory that the system counts for the process, in bytes. */
  readonly residentBytes: number;
}

const SIZE = { width: 800, height: 600 };

/** What V8 has to be told so that its memory can be looked at. */
export const PAINTING_SERVER_FLAGS = "--v8-flags=--expose-gc";

if (import.meta.main) await run();

async function run(): Promise<void> {
  const machine = new PixelsMachine(SIZE);
  await using server = new SpiceServer({ machine });
  console.log(await server.listen({ port: 0 }));
  const random = prng(20262);
  let paints = 0, timer: ReturnType<typeof setInterval> | undefined;
  for await (const line of lines(Deno.stdin.readable)) {
    if (line === "paint") {
      timer = setInterval(() => {
        paintOnce(machine, random);
        paints++;
      }, 10);
    } else if (line === "rest") clearInterval(timer);
    else if (line.startsWith("picture ")) {
      await Deno.writeFile(line.slice(8), new Uint8Array(server.core.screen(0)!.surface.pixels.slice().buffer));
    }
    const collect: unknown = Reflect.get(globalThis, "gc");
    if (typeof collect === "function") collect();
    const { heapUsed, external, rss } = Deno.memoryUsage();
    const { core, traffic } = server;
    const state: PaintingState = {
      connections: core.connections,
      viewers: core.viewers.length,
      sentBytes: traffic.sentBytes,
      paints,
      usedBytes: heapUsed + external,
      residentBytes: rss,
    };
    console.log(JSON.stringify(state));
  }
  clearInterval(timer);
}

/** One step of what programs do: text, fills, windows that move, lines that scroll, pictures. */
function paintOnce(machine: PixelsMachine, random: ReturnType<typeof prng>): void {
  const { width, height, pixels } = machine;
  const left = below(random, width - 40), top = below(random, height - 40);
  const area = { left, top, right: left + 8 + below(random, 32), bottom: top + 8 + below(random, 32) };
  const kind = below(random, 40), color = below(random, 0x1000000);
  if (kind === 0) {
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i + color, 2654435761) >>> 8;
    return machine.damage();
  }
  if (kind < 6) {
    pixels.copyWithin(0, 16 * width);
    return machine.damage();
  }
  for (let y = area.top; y < area.bottom; y++) {
    for (let x = area.left; x < area.right; x++) pixels[y * width + x] = kind < 20 ? color : x * y * color & 0xffffff;
  }
  machine.damage(area);
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
