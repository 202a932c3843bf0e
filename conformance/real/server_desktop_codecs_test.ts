/**
 * People's viewers, spicy and remote-viewer, side by side on a screen, with every image codec of our server forced in
 * turn: what their windows show is what the machine shows.
 *
 * SAFFRON_SHOTS=FOLDER keeps what the screen showed, to be looked at.
 */
import assert from "node:assert/strict";
import { encodePng } from "../../cli/png.ts";
import { QemuMachine } from "../../machines.ts";
import { type DemoClock, DemoMachine, type Machine, SpiceServer, type SpiceServerOptions } from "../../mod.ts";
import { copiesOf } from "../peers/copies_of.ts";
import { DESKTOP_CLIENTS, type DesktopClientName, startDesktopClient } from "../peers/desktop_client.ts";
import { findPicture } from "../peers/find_picture.ts";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { countColours, cropPicture, type Picture } from "../peers/picture.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startTap, type Tap } from "../peers/tap.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { startXvfb, type Xvfb } from "../peers/xvfb.ts";

const SHOTS = Deno.env.get("SAFFRON_SHOTS");
const SCREEN = { width: 1400, height: 700 }, SIZE = { width: 640, height: 480 };
const VIEWERS = Object.keys(DESKTOP_CLIENTS) as DesktopClientName[];
const NEEDS = ["xvfb", "openbox", "xdotool", "x11-utils", ...VIEWERS.map((name) => DESKTOP_CLIENTS[name].package)];
const QEMU = ["qemu-system-x86", "qemu-system-common", "grub-common", "grub-pc-bin", "xorriso", "mtools"];

/** How the server is asked to code, the kinds of image that must come of it, and those that may. */
interface Forced {
  readonly options: Partial<SpiceServerOptions>;
  readonly must: readonly string[];
  readonly may: readonly string[];
}

/** By what the command line calls it. A viewer asks for nothing; small areas stay bitmaps. */
const FORCED: Readonly<Record<string, Forced>> = {
  "off": { options: { imageCompression: "off" }, must: ["BITMAP"], may: [] },
  "lz": { options: { imageCompression: "lz" }, must: ["LZ_RGB"], may: ["LZ_PLT", "BITMAP"] },
  "glz": { options: { imageCompression: "glz", zlibGlz: "never" }, must: ["GLZ_RGB"], may: ["BITMAP"] },
  "quic": { options: { imageCompression: "quic" }, must: ["QUIC"], may: ["BITMAP"] },
  "lz4": { options: { imageCompression: "lz4" }, must: ["LZ4"], may: ["BITMAP"] },
  "auto-lz": { options: { imageCompression: "auto-lz" }, must: ["QUIC"], may: ["LZ_RGB", "LZ_PLT", "BITMAP"] },
  "auto-glz": {
    options: { imageCompression: "auto-glz", zlibGlz: "never" },
    must: ["QUIC"],
    may: ["GLZ_RGB", "BITMAP"],
  },
  "quic, jpeg always": {
    options: { imageCompression: "quic", jpeg: "always" },
    // Every pixel comes again without a loss, once it rests.
    must: ["JPEG", "QUIC"],
    may: ["BITMAP"],
  },
  "glz, zlib-glz always": {
    options: { imageCompression: "glz", zlibGlz: "always" },
    must: ["ZLIB_GLZ_RGB"],
    may: ["GLZ_RGB", "BITMAP"],
  },
};

for (const [name, forced] of Object.entries(FORCED)) {
  peerTest({
    name: `spicy and remote-viewer show the demo, image compression ${name}`,
    needs: NEEDS,
    fn: async () => {
      const clock = new StandingClock(), machine = new DemoMachine({ ...SIZE, clock });
      await using server = new SpiceServer({ machine, ...forced.options });
      const change = () => {
        // A click brings another window to the front.
        machine.input({ kind: "position", head: 0, x: 60, y: 350 });
        machine.input({ kind: "button", button: "LEFT", down: true });
        machine.input({ kind: "button", button: "LEFT", down: false });
        clock.pass(5000);
        return Promise.resolve();
      };
      await shown(`demo ${name}`, server, "Saffron demo", forced, change);
    },
  });

  peerTest({
    name: `spicy and remote-viewer show GRUB with a photograph in a QEMU, image compression ${name}`,
    needs: [...NEEDS, ...QEMU],
    fn: async () => {
      await using dir = await makeTempDir("desktop-codecs");
      await using iso = await makeGrubIso(SIZE);
      const own = `${dir.path}/own`, machine = grubMachine(iso.path, own);
      await using server = new SpiceServer({ machine, ...forced.options });
      await server.listen({ port: 0 });
      await using qmp = await connectQmp(own);
      await waitUntil("GRUB's menu", async () => isMenu(await qmp.screendump()), { timeoutMs: 40_000 });
      await shown(`GRUB ${name}`, server, "grub", forced, () => press(qmp, "down"));
    },
  });
}

/** Shows a machine in both viewers at once, and what it shows after a change. */
async function shown(
  what: string,
  server: SpiceServer,
  machine: string,
  { must, may }: Forced,
  change: () => Promise<void>,
): Promise<void> {
  await using tap = await startTap(await server.listen({ port: 0 }));
  {
    await using screen = await startXvfb(SCREEN);
    await screen.startWindowManager();
    await park(screen);
    for (const [i, name] of VIEWERS.entries()) {
      const left = i * SCREEN.width / VIEWERS.length;
      await startDesktopClient(screen, { name, uri: tap.uri, machine, heads: 1, pitch: SCREEN.width / 2, left });
    }
    const before = truthOf(server);
    await bothShow(what, screen, server);
    await change();
    await waitUntil("a change", () => truthOf(server).pixels.some((pixel, i) => pixel !== before.pixels[i]));
    await bothShow(`${what}, changed`, screen, server);
  }
  const kinds = await kindsOf(tap);
  for (const kind of must) assert.ok(kinds.has(kind), `no ${kind} came, but ${[...kinds]}`);
  assert.deepEqual([...kinds].filter((kind) => !must.includes(kind) && !may.includes(kind)), []);
}

/** Waits until both halves of the screen show what the server shows, pixel for pixel. */
async function bothShow(what: string, screen: Xvfb, server: SpiceServer): Promise<void> {
  const half = SCREEN.width / VIEWERS.length;
  for (const [i, name] of VIEWERS.entries()) {
    await waitUntil(`${what} in ${name}`, async () => {
      await park(screen);
      const part = cropPicture(await screen.memory(), { x: i * half, y: 0, width: half, height: SCREEN.height });
      return findPicture(part, truthOf(server)) !== null;
    }, { timeoutMs: 30_000, everyMs: 200 });
  }
  if (SHOTS === undefined) return;
  const { width, height, pixels } = await screen.memory();
  await Deno.writeFile(`${SHOTS}/${what}.png`, encodePng({ width, height, pixels: Uint32Array.from(pixels) }));
}

function truthOf(server: SpiceServer): Picture {
  const { width, height, pixels } = server.core.screen(0)!.surface;
  return { width, height, pixels: pixels.slice() };
}

/** X draws the pointer into its screen: a corner beside the windows is for it. */
async function park(screen: Xvfb): Promise<void> {
  await screen.run("xdotool", ["mousemove", `${SCREEN.width - 1}`, `${SCREEN.height - 1}`]);
}

async function kindsOf(tap: Tap): Promise<Set<string>> {
  return new Set(copiesOf(await tap.finish()).map(({ image }) => image.body.is));
}

function grubMachine(iso: string, own: string): Machine {
  const args = ["-accel", "tcg", "-no-user-config", "-nodefaults", "-name", "grub", "-m", "64", "-vga", "std"];
  const disk = ["-cdrom", iso, "-boot", "d", "-serial", "null", "-qmp", `unix:${own},server=on,wait=off`];
  return new QemuMachine({ command: ["qemu-system-x86_64", ...args, ...disk] });
}

function isMenu(picture: Picture): boolean {
  return picture.width === SIZE.width && picture.height === SIZE.height && countColours(picture) > 1000;
}

async function press(qmp: Qmp, qcode: string): Promise<void> {
  await qmp.execute("send-key", { keys: [{ type: "qcode", data: qcode }] });
}

/** A clock that stands, so that pictures can be compared, and goes on when told. */
class StandingClock implements DemoClock {
  #now = Date.UTC(2026, 0, 2, 9, 41, 7);
  #call: (() => void) | null = null;
  readonly nowMs = () => this.#now;
  readonly after = (_ms: number, call: () => void) => {
    this.#call = call;
    return () => void (this.#call = null);
  };

  pass(ms: number): void {
    this.#now += ms;
    this.#call?.();
  }
}
