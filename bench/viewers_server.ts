/** One run of `bench/viewers.ts`: the server here, its viewers in a worker. Arguments: activity, viewers. */
import { PixelsMachine, SpiceServer } from "../mod.ts";
import { activities } from "./activities.ts";
import { summarize } from "./summarize.ts";

/** What one server came to. */
export interface ServerRun {
  /** CPU milliseconds of the server for one step, its machine's painting included; viewers are not. */
  readonly cpuMs: number;
  /** Bytes sent for one step to one viewer. */
  readonly bytes: number;
  /** Milliseconds from a change to the last viewer's finished picture: the middle one, and the longest. */
  readonly latencyMs: number;
  readonly worstMs: number;
  /** Megabytes of heap and buffers of the server's thread at the end. */
  readonly memoryMb: number;
}

const SIZE = { width: 1920, height: 1080 };
const MOST_CHANGES = 2000;
const WARM_STEPS = 15, STEPS = 30;

async function run(index: number, viewers: number): Promise<ServerRun> {
  const { step } = activities[index]!;
  const machine = new PixelsMachine(SIZE), shadow = new PixelsMachine(SIZE);
  await using server = new SpiceServer({ machine });
  const uri = await server.listen({ port: 0 });
  const worker = new Worker(new URL("./viewers_clients.ts", import.meta.url).href, { type: "module" });
  const next = () => new Promise<void>((done) => worker.onmessage = () => done());
  const joined = next();
  worker.postMessage({ uri, viewers });
  await joined;
  const latencies: number[] = [];
  let cpuMs = 0, bytesBefore = 0;
  for (let number = 0; number < WARM_STEPS + STEPS; number++) {
    const warm = number >= WARM_STEPS;
    if (number === WARM_STEPS) bytesBefore = server.traffic.sentBytes;
    // What will have changed is known beforehand: the viewers look for it, and the clock does not wait for looking it up.
    step(shadow, number);
    const seen = next();
    worker.postMessage({ changed: changes(machine.pixels, shadow.pixels) });
    await pause(20);
    const cpuBefore = threadCpuMs(), start = performance.now();
    step(machine, number);
    await seen;
    if (warm) {
      latencies.push(performance.now() - start);
      cpuMs += threadCpuMs() - cpuBefore;
    }
  }
  const bytes = (server.traffic.sentBytes - bytesBefore) / STEPS / viewers;
  const { heapUsed, external } = Deno.memoryUsage();
  worker.terminate();
  const { median } = summarize(latencies), worstMs = Math.max(...latencies);
  return { cpuMs: cpuMs / STEPS, bytes, latencyMs: median, worstMs, memoryMb: (heapUsed + external) / 1e6 };
}

/** At most some thousand of the pixels that differ: index and colour in turn. */
function changes(old: Uint32Array, pixels: Uint32Array): Uint32Array {
  const all: number[] = [];
  for (let i = 0; i < pixels.length; i++) if (old[i] !== pixels[i]) all.push(i);
  const every = Math.ceil(all.length / MOST_CHANGES);
  const kept = all.filter((_, n) => n % every === 0 || n === all.length - 1);
  return Uint32Array.from(kept.flatMap((i) => [i, pixels[i]!]));
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** CPU time of this thread, which is the server's; sockets are served by it too. Source: proc(5) /proc/pid/schedstat. */
function threadCpuMs(): number {
  return Number(Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ")[0]) / 1e6;
}

if (import.meta.main) console.log(JSON.stringify(await run(Number(Deno.args[0]), Number(Deno.args[1]))));
