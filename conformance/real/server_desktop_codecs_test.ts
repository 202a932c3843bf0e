/**
 * What a person sees with every image codec of our server forced in turn: spicy and remote-viewer, in front of the demo
 * and of a QEMU without -spice. The codecs are counted on the wire, the pixels are those of the screen: at first, where
 * JPEG loses something, and in the end.
 *
 * Both viewers decode every type that our server sends, LZ4 included, and ask for none by themselves.
 * SAFFRON_SHOTS=FOLDER keeps what the screen showed, to be looked at.
 */
import assert from "node:assert/strict";
import { encodePng } from "../../cli/png.ts";
import { DemoMachine, SpiceServer, type SpiceServerOptions } from "../../mod.ts";
import { copiesOf, type Copy } from "../peers/copies_of.ts";
import { DESKTOP_CLIENTS, type DesktopClientName, startDesktopClient } from "../peers/desktop_client.ts";
import { findPicture } from "../peers/find_picture.ts";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { countColours, cropPicture, type Picture, pictureDifference } from "../peers/picture.ts";
import { startProcess } from "../peers/process.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { StandingClock } from "../peers/standing_clock.ts";
import { startTap } from "../peers/tap.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { pause, type WaitOptions, waitUntil } from "../peers/wait_until.ts";
import { startXvfb, type Xvfb } from "../peers/xvfb.ts";
import { replay, serverReads } from "../replay.ts";
import { startServer } from "./server_command.ts";
import { QEMU_PROGRAM } from "./shown_qemu.ts";

type ImageKind = Copy["image"]["body"]["is"];

const SCREEN = { width: 900, height: 640 };
const HEAD = { width: 640, height: 480 };
const X = ["xvfb", "openbox", "xdotool", "x11-utils"];
const GRUB = ["qemu-system-x86", "qemu-system-common", "grub-common", "grub-pc-bin", "xorriso", "mtools"];
const LOCAL = ["--listen", "127.0.0.1:0"];
const WAIT: WaitOptions = { timeoutMs: 20_000 };
const SHOTS = Deno.env.get("SAFFRON_SHOTS");

/** A codec, forced. */
interface Way {
  readonly options: Pick<SpiceServerOptions, "imageCompression" | "jpeg" | "zlibGlz">;
  /** Types that must come of both machines. */
  readonly must: readonly ImageKind[];
  /** Others that may: few bytes are not compressed, or not once more; few colours have a palette. */
  readonly may?: readonly ImageKind[];
}

/** A viewer is alone, so `auto` is `auto-glz`. A busy computer can look like a slow link: hence `never`. */
const WAYS: readonly Way[] = [
  { options: { imageCompression: "off" }, must: ["BITMAP"] },
  { options: { imageCompression: "auto-glz", zlibGlz: "never" }, must: ["GLZ_RGB", "QUIC"] },
  { options: { imageCompression: "auto-lz" }, must: ["LZ_RGB", "QUIC"], may: ["LZ_PLT", "BITMAP"] },
  { options: { imageCompression: "quic" }, must: ["QUIC"], may: ["BITMAP"] },
  { options: { imageCompression: "glz", zlibGlz: "never" }, must: ["GLZ_RGB"] },
  { options: { imageCompression: "lz" }, must: ["LZ_RGB"], may: ["LZ_PLT", "BITMAP"] },
  { options: { imageCompression: "lz4" }, must: ["LZ4"], may: ["BITMAP"] },
  // QUIC takes what was JPEG to its very pixels.
  { options: { jpeg: "always", zlibGlz: "never" }, must: ["GLZ_RGB", "JPEG", "QUIC"], may: ["BITMAP"] },
  { options: { zlibGlz: "always" }, must: ["QUIC", "ZLIB_GLZ_RGB"], may: ["GLZ_RGB"] },
  { options: { imageCompression: "glz", zlibGlz: "always" }, must: ["ZLIB_GLZ_RGB"], may: ["GLZ_RGB"] },
];

for (const name of Object.keys(DESKTOP_CLIENTS) as DesktopClientName[]) {
  const needs = [...X, DESKTOP_CLIENTS[name].package];

  peerTest({
    name: `${name} shows the demo, every codec forced in turn`,
    needs,
    timeoutMs: 180_000,
    fn: async (t) => {
      await using screen = await openScreen();
      for (const way of WAYS) {
        const { options } = way, words = wordsOf(options);
        await t.step(words.join(" "), async () => {
          const clock = new StandingClock(), machine = new DemoMachine({ ...HEAD, clock });
          await using server = new SpiceServer({ machine, ...options });
          const uri = await server.listen({ port: 0 });
          const truth = () => {
            const { width, height, pixels } = server.core.screen(0)!.surface;
            return Promise.resolve({ width, height, pixels: pixels.slice() });
          };
          const later = () => Promise.resolve(clock.pass(2000));
          const front = () => {
            machine.input({ kind: "position", head: 0, x: 60, y: 350 });
            for (const down of [true, false]) machine.input({ kind: "button", button: "LEFT", down });
            return later();
          };
          const changes = [front, later], lossy = "jpeg" in options, shot = ["demo", ...words];
          mustBe(way, await watch({ screen, name, uri, machine: "Saffron demo", truth, changes, lossy, shot }));
        });
      }
    },
  });

  peerTest({
    name: `${name} shows GRUB in QEMU, every codec forced in turn`,
    needs: [...needs, ...GRUB],
    timeoutMs: 180_000,
    fn: async (t) => {
      await using screen = await openScreen();
      await using grub = await startGrub();
      for (const way of WAYS) {
        const { options } = way, words = wordsOf(options);
        await t.step(words.join(" "), async () => {
          await using server = startServer([...LOCAL, "--attach", grub.sockets, ...words]);
          const [uri = ""] = await server.serving();
          const truth = () => grub.qmp.screendump(), changes = [() => grub.press("c"), () => grub.press("esc")];
          const lossy = "jpeg" in options, shot = ["grub", ...words];
          mustBe(way, await watch({ screen, name, uri, machine: "grub", truth, changes, lossy, shot }));
        });
      }
    },
  });

  peerTest({
    name: `${name} shows the moving demo of deno task demo`,
    needs,
    fn: async () => {
      await using screen = await openScreen();
      await using server = startServer([...LOCAL, "--size", "640x480"], { task: "demo" });
      await using tap = await startTap((await server.serving())[0]!);
      const options = { name, uri: tap.uri, machine: "Saffron demo", heads: 1, pitch: SCREEN.width };
      const client = await startDesktopClient(screen, options);
      await pause(1500);
      // Nothing more comes; what the viewer has been sent becomes its picture.
      Deno.kill(server.pid, "SIGSTOP");
      let shown = await screen.memory(), same = 0;
      await waitUntil("a still picture", async () => {
        const before = shown;
        shown = await screen.memory();
        same = pictureDifference(shown, before) === null ? same + 1 : 0;
        return same === 5;
      }, { ...WAIT, everyMs: 100 });
      await keep(shown, [name, "demo", "as started"]);
      await client.process[Symbol.asyncDispose]();
      server.signal("SIGKILL");
      const capture = await tap.finish();
      assert.ok(copiesOf(capture).length > 10, "it does not move");
      const { width, height, pixels } = replay(serverReads(capture.connections)).core.displays.get(0)!.primary!;
      assert.notEqual(findPicture(shown, { width, height, pixels: pixels.slice() }), null);
    },
  });
}

/** What is compared in front of a viewer. */
interface Watched {
  readonly screen: Xvfb;
  readonly name: DesktopClientName;
  readonly uri: string;
  /** The machine's name. */
  readonly machine: string;
  /** The machine's picture. */
  readonly truth: () => Promise<Picture>;
  /** Each changes the picture, and ends when it stands again. */
  readonly changes: readonly (() => Promise<void>)[];
  /** Whether a change is seen with a loss first. */
  readonly lossy: boolean;
  /** Names of the screenshots. */
  readonly shot: readonly string[];
}

/**
 * Has a viewer show the picture at first and after each change, pixel for pixel in the end.
 *
 * @returns How many images of each type it was sent.
 */
async function watch({ screen, name, uri, machine, truth, changes, lossy, shot }: Watched) {
  await using tap = await startTap(uri);
  const client = await startDesktopClient(screen, { name, uri: tap.uri, machine, heads: 1, pitch: SCREEN.width });
  let place: { readonly x: number; readonly y: number } | null = null;
  const seen = async () => cropPicture(await screen.memory(), { ...place!, ...HEAD });
  const shows = async (what: string) => {
    let expected = await truth();
    await waitUntil(`${what} in ${name}`, async () => {
      client.process.mustRun();
      // What a viewer tells of its pointer can change it.
      expected = await truth();
      if (place === null) return (place = findPicture(await screen.memory(), expected)) !== null;
      return pictureDifference(await seen(), expected) === null;
    }, WAIT).catch(async (error) => {
      await keep(await screen.memory(), [name, ...shot, "failed"]);
      const difference = place === null ? "it is nowhere" : pictureDifference(await seen(), expected);
      throw new Error(`${error.message}\n${difference}\n${client.process.output()}`);
    });
    return expected;
  };
  await shows("the first picture");
  await keep(await screen.memory(), [name, ...shot, "first"]);
  for (const [number, change] of changes.entries()) {
    let over = false;
    const samples: Picture[] = [];
    const sampling = (async () => {
      for (; lossy && !over; await pause(20)) samples.push(await seen());
    })();
    try {
      await change();
      const expected = await shows(`change ${number}`);
      if (!lossy) continue;
      const losses = samples.map((sample) => lossOf(sample, expected));
      const near = losses.findIndex(({ count, mean, max }) =>
        count > LEAST_LOSSY && mean < MOST_MEAN && max < MOST_MAX
      );
      assert.ok(near >= 0, `nothing like JPEG was seen: ${JSON.stringify(losses)}`);
      await keep(samples[near]!, [name, ...shot, `lossy ${number}`]);
    } finally {
      over = true;
      await sampling;
    }
  }
  await keep(await screen.memory(), [name, ...shot, "last"]);
  await client.process[Symbol.asyncDispose]();
  const counts = new Map<ImageKind, number>();
  for (const { image: { body } } of copiesOf(await tap.finish())) counts.set(body.is, (counts.get(body.is) ?? 0) + 1);
  return counts;
}

function mustBe({ must, may = [] }: Way, counts: ReadonlyMap<ImageKind, number>): void {
  const text = [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
  for (const kind of must) assert.ok(counts.has(kind), text);
  assert.deepEqual([...counts.keys()].filter((kind) => !must.includes(kind) && !may.includes(kind)), [], text);
}

/**
 * Pixels that JPEG changes at least, and by how much at most, as {@link lossOf} has it. Measured: 12,500 to 53,600 pixels;
 * means of 0.04 to 1; at most 89, on edges of letters. The picture before a change differs by 180 and more.
 */
const [LEAST_LOSSY, MOST_MEAN, MOST_MAX] = [5000, 2, 120];

/** Number of pixels that differ, mean over the picture and most of the differences of their colours. */
function lossOf(actual: Picture, expected: Picture): { count: number; mean: number; max: number } {
  let count = 0, sum = 0, max = 0;
  for (let i = 0; i < expected.pixels.length; i++) {
    let most = 0;
    for (const shift of [0, 8, 16]) {
      const difference = Math.abs((actual.pixels[i]! >> shift & 0xff) - (expected.pixels[i]! >> shift & 0xff));
      sum += difference;
      most = Math.max(most, difference);
    }
    if (most > 0) count++;
    max = Math.max(max, most);
  }
  return { count, mean: sum / expected.pixels.length / 3, max };
}

/** Options as the command line has them. */
function wordsOf(options: Way["options"]): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    return [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value];
  });
}

/** A screen with a window manager; its pointer, which X draws into the picture, is out of the way. */
async function openScreen(): Promise<Xvfb> {
  await using stack = new AsyncDisposableStack();
  const screen = stack.use(await startXvfb(SCREEN));
  await screen.startWindowManager();
  await screen.run("xdotool", ["mousemove", `${SCREEN.width - 1}`, `${SCREEN.height - 1}`]);
  stack.move();
  return screen;
}

/** GRUB in a QEMU without -spice, its machine stopped. */
interface Grub extends AsyncDisposable {
  readonly qmp: Qmp;
  /** For `--attach`. */
  readonly sockets: string;
  /** Lets it run, presses a key, and stops it when it has drawn what comes of it. */
  press(key: string): Promise<void>;
}

async function startGrub(): Promise<Grub> {
  await using stack = new AsyncDisposableStack();
  const iso = stack.use(await makeGrubIso(HEAD)), dir = stack.use(await makeTempDir("grub"));
  const paths = { ours: `${dir.path}/ours`, own: `${dir.path}/own`, vnc: `${dir.path}/vnc` };
  const [program, ...words] = QEMU_PROGRAM;
  const qemu = stack.use(startProcess(program, [
    ...[...words, "-nodefaults", "-name", "grub", "-m", "64", "-vga", "std", "-cdrom", iso.path, "-boot", "d"],
    ...["-serial", "null", "-display", "none", "-vnc", `unix:${paths.vnc}`],
    ...["-qmp", `unix:${paths.ours},server=on,wait=off`, "-qmp", `unix:${paths.own},server=on,wait=off`],
  ]));
  const qmp = stack.use(
    await waitUntil("QMP", () => {
      qemu.mustRun();
      return connectQmp(paths.own).catch(() => undefined);
    }, WAIT),
  );
  const stand = async (ready: (picture: Picture) => boolean) => {
    let before = await qmp.screendump();
    await waitUntil("a picture of GRUB that stands", async () => {
      const now = await qmp.screendump(), stands = pictureDifference(now, before) === null;
      before = now;
      return stands && ready(now);
    }, { timeoutMs: 30_000, everyMs: 100 });
    await qmp.stop();
  };
  await stand((picture) => picture.width === HEAD.width && countColours(picture) > 1000);
  const owned = stack.move();
  return {
    qmp,
    sockets: `qmp=${paths.ours},vnc=${paths.vnc}`,
    press: async (key) => {
      const before = await qmp.screendump();
      await qmp.cont();
      await qmp.execute("send-key", { keys: [{ type: "qcode", data: key }] });
      await stand((picture) => pictureDifference(picture, before) !== null);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Keeps a picture to be looked at, if that is wanted. */
async function keep({ width, height, pixels }: Picture, names: readonly string[]): Promise<void> {
  if (SHOTS === undefined) return;
  const file = names.map((name) => name.replace(/^--/, "").replaceAll(" ", "-")).join("_");
  await Deno.writeFile(`${SHOTS}/${file}.png`, encodePng({ width, height, pixels }));
}
