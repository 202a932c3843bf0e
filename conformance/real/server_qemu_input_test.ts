/**
 * What spice-gtk does at our server reaches Linux in a QEMU without -spice: keys, LEDs, and the pointer in both mouse
 * modes and on two heads.
 */
import assert from "node:assert/strict";
import { QemuMachine } from "../../machines.ts";
import { SpiceServer } from "../../mod.ts";
import { followInput } from "../peers/follow_input.ts";
import { INPUT_GUEST, type InputGuest, type InputGuestEvent, makeInputGuest } from "../peers/input_guest.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";

const NEEDS = [...INPUT_GUEST, "gir1.2-spiceclientglib-2.0", "python3-gi"];
const PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config", "-nodefaults", "-m", "256"];
const BOOT = { timeoutMs: 60_000 };

/** linux/input-event-codes.h. */
const [EV_KEY, EV_REL, EV_ABS, REL_WHEEL] = [1, 2, 3, 8];
/** What is pressed: spice-gtk's scancode, and Linux's code. PS/2 holds 16 bytes, so one at a time. */
const KEYS = [[0x1e, 30], [0x14b, 105], [0x138, 100], [0x56, 86], [0x151, 109]] as const;
type Button = readonly [button: number, state: number, code: number];
/** spice-gtk's button and its bit in the state, and Linux's code. */
const BUTTONS: readonly Button[] = [[1, 1, 0x110], [2, 2, 0x112], [3, 4, 0x111], [6, 32, 0x113], [7, 64, 0x114]];
const WHEEL = [[4, 1], [5, -1]] as const;

peerTest({
  name: "keys, LEDs, buttons, wheel, steps and places of spice-gtk reach Linux behind our server, in both mouse modes",
  needs: NEEDS,
  timeoutMs: 120_000,
  fn: async () => {
    await using guest = await serve(["-vga", "std", "-usb"]);
    const { gtk, linux, qmp } = guest;
    for (const device of ["AT Translated", "ImExPS"]) await guest.hasDevice(device);
    await keys(guest);
    await text(guest);
    await lock(gtk);

    await waitUntil("server mode", () => lastMode(gtk) === 1);
    await steps(guest);
    await buttons(guest, /ImExPS/, BUTTONS);

    await qmp.execute("device_add", { driver: "usb-tablet", id: "tablet" });
    await guest.hasDevice("QEMU QEMU USB Tablet");
    await waitUntil("client mode", () => lastMode(gtk) === 2);
    await places(guest);
    // QEMU's tablet has three buttons.
    await buttons(guest, /Tablet/, BUTTONS.slice(0, 3));
    await keys(guest);

    await qmp.execute("device_del", { id: "tablet" });
    await waitUntil("server mode again", () => lastMode(gtk) === 1);
    const after = followInput(linux, (await linux.events()).length);
    await gtk.rpc.execute("motion", { x: -3, y: 2 });
    assert.deepEqual(valuesOf(await after(2, ({ type }) => type === EV_REL)), [[0, -3], [1, 2]]);
  },
});

peerTest({
  name: "places of spice-gtk on two display channels reach the tablet of their head",
  needs: NEEDS,
  timeoutMs: 120_000,
  fn: async () => {
    const tablets = [0, 1].flatMap((head) => ["-device", `virtio-tablet-pci,display=card,head=${head}`]);
    const args = ["-device", "virtio-vga,max_outputs=2,id=card", ...tablets];
    await using guest = await serve(args, ["virtio_pci", "virtio_input"]);
    const { gtk, linux } = guest;
    await guest.hasDevice("QEMU Virtio Tablet", 2);
    await waitUntil("client mode", () => lastMode(gtk) === 2);
    await waitUntil("the second display", async () => await gtk.rpc.execute("primary", { channel: 1 }) !== null);
    const after = followInput(linux, (await linux.events()).length), used = new Set<number>();
    for (const display of [0, 1]) {
      const { width, height } = await gtk.shot(display), [x, y] = [width - 10, 20 + display];
      await gtk.rpc.execute("position", { x, y, display });
      await gtk.rpc.execute("button", { button: 1, buttons: 1, down: true });
      await gtk.rpc.execute("button", { button: 1, buttons: 0, down: false });
      const events = await after(4, ({ type }) => type === EV_ABS || type === EV_KEY);
      assert.deepEqual(valuesOf(events), [
        [0, tabletPlace(x, width)],
        [1, tabletPlace(y, height)],
        [0x110, 1],
        [0x110, 0],
      ]);
      assert.equal(new Set(events.map(({ device }) => device)).size, 1);
      used.add(events[0]!.device);
    }
    assert.equal(used.size, 2);
  },
});

interface Served extends AsyncDisposable {
  readonly gtk: SpiceGtk;
  readonly linux: InputGuest;
  readonly qmp: Qmp;
  /** Waits until the guest reads a device. */
  hasDevice(name: string, count?: number): Promise<void>;
}

/** A guest behind our server, and spice-gtk in front of it. */
async function serve(args: readonly string[], modules: readonly string[] = []): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("server-input")), own = `${dir.path}/own`;
  const linux = await makeInputGuest(dir.path, modules);
  const machine = new QemuMachine({
    command: [...PROGRAM, ...args, ...linux.args, "-qmp", `unix:${own},server=on,wait=off`],
  });
  const server = stack.use(new SpiceServer({ machine }));
  const uri = await server.listen({ port: 0 });
  const qmp = stack.use(await connectQmp(own));
  const gtk = stack.use(await startSpiceGtk({ port: Number(new URL(uri).port) }));
  const owned = stack.move();
  return {
    gtk,
    linux,
    qmp,
    hasDevice: async (name, count = 1) => {
      const devices = async () => (await linux.serial()).matchAll(new RegExp(`^device \\d+ .*${name}`, "gm"));
      await waitUntil(`${count} × ${name}`, async () => [...await devices()].length === count, BOOT);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function keys({ gtk, linux }: Served): Promise<void> {
  const after = followInput(linux, (await linux.events()).length);
  for (const [scancode, code] of KEYS) {
    await gtk.key(scancode);
    assert.deepEqual(valuesOf(await after(2, isKey)), [[code, 1], [code, 0]]);
  }
}

/** "Hi 42!": up to 0x58, Linux's codes are the scancodes. */
async function text({ gtk, linux }: Served): Promise<void> {
  const after = followInput(linux, (await linux.events()).length);
  const shift = 0x2a;
  for (const [scancode, shifted] of [[0x23, true], [0x17], [0x39], [0x05], [0x03], [0x02, true]] as const) {
    if (shifted) await gtk.rpc.execute("press", { scancode: shift });
    await gtk.key(scancode);
    if (shifted) await gtk.rpc.execute("release", { scancode: shift });
    const typed = [[scancode, 1], [scancode, 0]];
    const expected = shifted ? [[shift, 1], ...typed, [shift, 0]] : typed;
    assert.deepEqual(valuesOf(await after(expected.length, isKey)), expected);
  }
}

/** Linux lights the keyboard's LED, and spice-gtk is told. */
async function lock(gtk: SpiceGtk): Promise<void> {
  const CAPS_LOCK = 4;
  for (const lit of [CAPS_LOCK, 0]) {
    const isLit = async () => await gtk.rpc.execute("locks") === lit;
    await gtk.key(0x3a);
    // A key that comes while Linux tells the keyboard its LEDs is lost: a command empties the keyboard's queue.
    // Source: QEMU hw/input/ps2.c ps2_write_keyboard, ps2_cqueue_2.
    await waitUntil(`LEDs ${lit}`, isLit, { timeoutMs: 3000 }).catch(async () => {
      await gtk.key(0x3a);
      await waitUntil(`LEDs ${lit}`, isLit);
    });
  }
}

async function steps({ gtk, linux }: Served): Promise<void> {
  const after = followInput(linux, (await linux.events()).length);
  for (const [x, y] of [[5, -7], [-120, 100], [1, 1]] as const) {
    await gtk.rpc.execute("motion", { x, y });
    assert.deepEqual(valuesOf(await after(2, ({ type }) => type === EV_REL)), [[0, x], [1, y]]);
  }
}

async function places({ gtk, linux }: Served): Promise<void> {
  const { width, height } = await gtk.shot();
  const after = followInput(linux, (await linux.events()).length);
  for (const [x, y] of [[100, height - 1], [width - 1, 0], [0, 57]] as const) {
    await gtk.rpc.execute("position", { x, y });
    assert.deepEqual(valuesOf(await after(2, ({ type }) => type === EV_ABS)), [
      [0, tabletPlace(x, width)],
      [1, tabletPlace(y, height)],
    ]);
  }
}

/** @param device Name of the device that they must be buttons of. */
async function buttons({ gtk, linux }: Served, device: RegExp, which: readonly Button[]): Promise<void> {
  const after = followInput(linux, (await linux.events()).length);
  for (const [button, state, code] of which) {
    await gtk.rpc.execute("button", { button, buttons: state, down: true });
    await gtk.rpc.execute("button", { button, buttons: 0, down: false });
    const events = await after(2, isKey);
    assert.deepEqual(valuesOf(events), [[code, 1], [code, 0]]);
    for (const { name } of events) assert.match(name, device);
  }
  for (const [button, step] of WHEEL) {
    for (const down of [true, false]) await gtk.rpc.execute("button", { button, buttons: 0, down });
    assert.deepEqual(valuesOf(await after(1, ({ type, code }) => type === EV_REL && code === REL_WHEEL)), [
      [REL_WHEEL, step],
    ]);
  }
}

function isKey({ type }: InputGuestEvent): boolean {
  return type === EV_KEY;
}

function valuesOf(events: readonly InputGuestEvent[]): number[][] {
  return events.map(({ code, value }) => [code, value]);
}

/** The mouse mode that spice-gtk was told last. */
function lastMode({ rpc }: SpiceGtk): unknown {
  return rpc.events.findLast(({ event }) => event === "MOUSE_MODE")?.data["mode"];
}

/** The middle of a pixel, in the 32768 steps of QEMU's tablets. */
function tabletPlace(at: number, side: number): number {
  return Math.floor((at + 0.5) * 0x8000 / side);
}
