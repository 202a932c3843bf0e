/** The same guest through our server and through QEMU's own SPICE, taking turns: latency, bytes, CPU. */
import {
  makePaintingGuest,
  openPainter,
  type Painter,
  PAINTING_FRAMES,
  PAINTING_SIZE,
  type PaintingGuest,
} from "../conformance/peers/painting_guest.ts";
import { freePort } from "../conformance/peers/free_port.ts";
import { pictureDifference, pictureOfRgba } from "../conformance/peers/picture.ts";
import { type PeerProcess, startProcess } from "../conformance/peers/process.ts";
import { connectQmp } from "../conformance/peers/qmp.ts";
import { makeTempDir } from "../conformance/peers/temp_dir.ts";
import { pause, waitUntil } from "../conformance/peers/wait_until.ts";
import { connect, ImageCompression, type Session } from "../mod.ts";
import { photograph } from "./activities.ts";
import { cpuMsOf } from "./process_cpu.ts";
import { summarize } from "./summarize.ts";

/** One line of the table. */
export interface ServerResult {
  readonly server: ServerKind;
  readonly activity: string;
  /** Milliseconds from when the guest had painted until the viewer's picture was finished: all steps of all runs. */
  readonly latenciesMs: readonly number[];
  /** Bytes that the viewer got for one step. */
  readonly bytes: number;
  /** CPU milliseconds for one step of all that is not the guest's own processor: QEMU's other threads, and our server. */
  readonly cpuMs: number;
}

/** `saffron`: our server before a QEMU without `-spice`; `qemu`: QEMU's own, libspice. */
export type ServerKind = "saffron" | "qemu";

/** What the guest does in a step, and how often. */
interface Activity {
  readonly name: string;
  readonly steps: number;
  readonly order: (step: number) => string;
}

const TYPING = "typing: a letter on a text console";
const IDLE = "idle: nothing changes, for a second";

const WORDS = "kernel usb device new full speed number using eth0 link up mounted filesystem with ordered data mode"
  .split(
    " ",
  );

/** Text of a log, other one for each number. */
function logLine(number: number): string {
  const words = Array.from({ length: 8 + number * 7 % 18 }, (_, i) => WORDS[(number * 31 + i * 17) % WORDS.length]);
  return `[${(number * 1.37).toFixed(6).padStart(12)}] ${words.join(" ")}`;
}

const ACTIVITIES: readonly Activity[] = [
  { name: TYPING, steps: 60, order: (step) => `type ${String.fromCharCode(97 + step * 7 % 26)}` },
  { name: "scrolling: a full text console by a line", steps: 40, order: (step) => `line ${logLine(step)}` },
  { name: "full screen: photographs of 1920 × 1080", steps: 15, order: (step) => `frame ${step % PAINTING_FRAMES}` },
];

/** Lines that fill the console before it scrolls. */
const FILL_LINES = 80;

/** A picture is finished when nothing comes for so long: longer than any server here waits between two parts. */
const QUIET_MS = 150;

/** How long the CPU of an idle server is watched. */
const IDLE_MS = 5000;

/**
 * Measures both servers on every activity.
 *
 * @param runs Machines of each, taking turns.
 * @param progress Told before each.
 * @throws {Error} A viewer's last picture is not the machine's.
 */
export async function benchServer(runs: number, progress: (text: string) => void): Promise<ServerResult[]> {
  await using dir = await makeTempDir("bench-server");
  const guest = await makePaintingGuest(dir.path, (pixels, number) => photograph(pixels, PAINTING_SIZE.width, number));
  const found = new Map<string, { -readonly [K in keyof ServerResult]: ServerResult[K] }>();
  for (let run = 0; run < runs; run++) {
    for (const server of run % 2 === 0 ? ["saffron", "qemu"] as const : ["qemu", "saffron"] as const) {
      progress(`server: ${server}, run ${run + 1} of ${runs}`);
      for (const one of await measure(server, guest, dir.path)) {
        const key = `${server} ${one.activity}`, before = found.get(key);
        if (before === undefined) found.set(key, { ...one, bytes: one.bytes / runs, cpuMs: one.cpuMs / runs });
        else {
          before.latenciesMs = [...before.latenciesMs, ...one.latenciesMs];
          before.bytes += one.bytes / runs;
          before.cpuMs += one.cpuMs / runs;
        }
      }
    }
  }
  return [...found.values()];
}

/** @returns A table in Markdown; ratios are to QEMU's own server. */
export function serverTable(results: readonly ServerResult[]): string {
  const rows = [...ACTIVITIES.map(({ name }) => name), IDLE].flatMap((activity) => {
    const of = (server: ServerKind) => results.find((one) => one.server === server && one.activity === activity)!;
    return (["qemu", "saffron"] as const).map((server) => {
      const one = of(server), peer = of("qemu");
      const sorted = one.latenciesMs.toSorted((a, b) => a - b);
      const median = (result: ServerResult) => summarize(result.latenciesMs).median;
      const timed = sorted.length > 0;
      return [
        activity,
        server === "qemu" ? "QEMU's own" : "Saffron",
        timed ? median(one).toFixed(1) : "",
        timed ? sorted[Math.floor(sorted.length * 0.95)]!.toFixed(1) : "",
        timed ? (median(one) / median(peer)).toFixed(2) : "",
        Math.round(one.bytes).toLocaleString("en"),
        peer.bytes === 0 ? "" : (one.bytes / peer.bytes).toFixed(2),
        one.cpuMs.toFixed(1),
        (one.cpuMs / peer.cpuMs).toFixed(2),
      ];
    });
  });
  return [
    "| Activity | Server | ms, median | ms, 95 % | Ratio | Bytes a step | Ratio | CPU ms a step | Ratio |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

/** One machine behind one server, seen by one viewer of our library. */
async function measure(kind: ServerKind, guest: PaintingGuest, dir: string): Promise<ServerResult[]> {
  const port = freePort(), qmpPath = `${dir}/qmp`;
  const qemu = ["-nodefaults", "-no-user-config", "-name", "bench,debug-threads=on", ...guest.args];
  qemu.push("-qmp", `unix:${qmpPath},server=on,wait=off`);
  await using server = kind === "qemu"
    ? startProcess("qemu-system-x86_64", [
      ...[...qemu, "-display", "none"],
      ...["-spice", `addr=127.0.0.1,port=${port},disable-ticketing=on,image-compression=lz`],
    ])
    : startProcess(Deno.execPath(), [
      ...["run", "--quiet", "--allow-all", new URL("../server/main.ts", import.meta.url).pathname],
      ...["--listen", `127.0.0.1:${port}`, "--", "qemu-system-x86_64", ...qemu],
    ]);
  await waitUntil("a server", () => {
    server.mustRun();
    return Deno.connect({ port }).then((conn) => (conn.close(), true), () => false);
  }, { timeoutMs: 30_000 });
  using painter = await openPainter(guest);
  const traffic = { bytes: 0, lastDrawMs: 0 };
  await using session = await connect(`spice://127.0.0.1:${port}`, {
    preferredCompression: ImageCompression.LZ,
    open: async () => {
      const conn = await Deno.connect({ port });
      conn.setNoDelay(true);
      return {
        read: async (buffer) => {
          const size = await conn.read(buffer);
          traffic.bytes += size ?? 0;
          return size;
        },
        write: (bytes) => conn.write(bytes),
        close: () => conn.close(),
      };
    },
    onEvent: ({ type }) => {
      if (type === "draw") traffic.lastDrawMs = performance.now();
    },
  });
  const results: ServerResult[] = [];
  for (const { name, steps, order } of ACTIVITIES) {
    await painter.paint("clear");
    if (name !== TYPING) { for (let line = 0; line < FILL_LINES; line++) await painter.paint(`line ${logLine(line)}`); }
    // Warm, and rested.
    for (let step = 0; step < 3; step++) await observe(painter, order(step), traffic);
    const latenciesMs: number[] = [], bytesBefore = traffic.bytes, cpuBefore = await cpuOf(server);
    for (let step = 3; step < 3 + steps; step++) {
      latenciesMs.push(await observe(painter, order(step), traffic));
      // So that steps meet the servers' timers at any moment.
      await pause(Math.imul(step, 2654435761) >>> 27);
    }
    const bytes = (traffic.bytes - bytesBefore) / steps, cpuMs = (await cpuOf(server) - cpuBefore) / steps;
    results.push({ server: kind, activity: name, latenciesMs, bytes, cpuMs });
    await assertSame(session, qmpPath);
  }
  const bytesBefore = traffic.bytes, cpuBefore = await cpuOf(server);
  await pause(IDLE_MS);
  const seconds = IDLE_MS / 1000, bytes = (traffic.bytes - bytesBefore) / seconds;
  results.push({
    server: kind,
    activity: IDLE,
    latenciesMs: [],
    bytes,
    cpuMs: (await cpuOf(server) - cpuBefore) / seconds,
  });
  return results;
}

/** @returns Milliseconds from the end of the guest's painting to the end of the viewer's drawing. */
async function observe(painter: Painter, order: string, traffic: { lastDrawMs: number }): Promise<number> {
  traffic.lastDrawMs = 0;
  const { endedMs } = await painter.paint(order);
  await waitUntil("the change in the viewer", () => {
    return traffic.lastDrawMs !== 0 && performance.now() - Math.max(traffic.lastDrawMs, endedMs) > QUIET_MS;
  }, { everyMs: 10 });
  // A viewer can have the whole change before the guest's word of it has come.
  return Math.max(0, traffic.lastDrawMs - endedMs);
}

async function assertSame(session: Session, qmpPath: string): Promise<void> {
  await using qmp = await connectQmp(qmpPath);
  const difference = pictureDifference(pictureOfRgba(session.screen.picture()), await qmp.screendump());
  if (difference !== null) throw new Error(`The viewer's picture is not the machine's: ${difference}`);
}

/** CPU time of the server's processes, without the threads that are the guest's processor. */
function cpuOf(server: PeerProcess): Promise<number> {
  return cpuMsOf(server.pid, (thread) => !/^CPU \d+\/TCG$/.test(thread));
}
