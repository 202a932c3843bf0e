/** VNC servers as machines: QEMU's own without any SPICE, TigerVNC with a password, x11vnc, which knows symbols only. */

import assert from "node:assert/strict";
import { openRfb, RfbError, RfbMachine, type RfbMachineOptions } from "../../machines.ts";
import { freePort } from "../peers/free_port.ts";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { pictureDifference } from "../peers/picture.ts";
import { mustRunProcess, startProcess } from "../peers/process.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { VdiPicture } from "../peers/vdi_picture.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { startXDisplay, type XDisplay } from "../peers/x_display.ts";
import { startXvfb } from "../peers/xvfb.ts";

const QEMU = ["qemu-system-x86", "memtest86+"];
const GRUB = ["qemu-system-x86", "grub-common", "grub-pc-bin", "xorriso", "mtools"];
const X = ["x11-apps", "x11-utils", "x11-xserver-utils", "xdotool", "xterm"];
const PASSWORD = "s3cret! long";

for (const vga of ["std", "virtio", "cirrus"]) {
  peerTest({
    name: `VNC of QEMU, ${vga}: memtest86+ is drawn as QEMU's screendump has it`,
    needs: QEMU,
    fn: async () => {
      await using qemu = await startVnc(["-vga", vga, "-kernel", "/boot/memtest86+x64.bin"]);
      await using shown = await show({ address: qemu.address });
      await waitUntil("memtest86+", () => mostly(shown.vdi, 0x0000a8), { timeoutMs: 20_000 });
      await assertSameAsScreendump(qemu.qmp, shown.vdi);
      assert.equal(shown.vdi.name, "QEMU (memory test)");
      assert.deepEqual(shown.vdi.modes, { absolute: false, relative: true });
    },
  });
}

peerTest({
  name: "VNC of QEMU: keys reach GRUB, which changes the size; a photograph is drawn right; a size is refused",
  needs: GRUB,
  fn: async () => {
    await using iso = await makeGrubIso();
    await using qemu = await startVnc(["-vga", "std", "-cdrom", iso.path, "-boot", "d"]);
    const log: string[] = [];
    await using shown = await show({ address: qemu.address, log: (line) => log.push(line) });
    await qemu.waitSerial(iso.readyText);
    await assertSameAsScreendump(qemu.qmp, shown.vdi);
    // Down is an extended key: a wrong code would be keypad 2, which GRUB takes as a digit.
    await press(shown.machine, 0xe050, 0x1c);
    await qemu.waitSerial("second entry chosen");
    await press(shown.machine, 0x1c);
    for (let i = 0; i < 4; i++) await press(shown.machine, 0xe050);
    await press(shown.machine, 0x1c);
    await waitUntil("1280x720", () => shown.vdi.sizes.at(-1) === "1280x720", { timeoutMs: 20_000 });
    await assertSameAsScreendump(qemu.qmp, shown.vdi);
    assert.ok(shown.vdi.sizes.includes("1024x768"), shown.vdi.sizes.join(" "));
    shown.machine.input({ kind: "resize", head: 0, width: 1111, height: 777 });
    await waitUntil("a refusal: this card has one size", () => log.length > 0);
    assert.deepEqual(log, ["The VNC server refuses the new size: invalid layout"]);
  },
});

peerTest({
  name: "VNC of QEMU: stays awake while watched, rests while not, tells LEDs, and its end is told",
  needs: QEMU,
  timeoutMs: 90_000,
  fn: async () => {
    await using qemu = await startVnc(["-vga", "virtio", "-kernel", "/boot/memtest86+x64.bin"]);
    await using shown = await show({ address: qemu.address, reconnectMs: null });
    await waitUntil("memtest86+", () => mostly(shown.vdi, 0x0000a8), { timeoutMs: 20_000 });
    // Its start screen stands still for some seconds; from then on it draws all the time.
    let atWork = 0;
    await waitUntil("memtest86+ at work", async () => {
      const before = shown.vdi.drawn;
      await pause(150);
      atWork = shown.vdi.drawn > before ? atWork + 1 : 0;
      return atWork === 8;
    }, { timeoutMs: 30_000 });
    // After 4 s without a sign of life QEMU looks every 600 ms: five changes then take 1.5 s in all on average.
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      await qemu.qmp.stop();
      await pause(4000);
      const before = shown.vdi.drawn, start = performance.now();
      await qemu.qmp.cont();
      await waitUntil("a change", () => shown.vdi.drawn > before, { everyMs: 1 });
      times.push(performance.now() - start);
    }
    await qemu.qmp.stop();
    assert.ok(times.reduce((sum, ms) => sum + ms) < 700, `changes showed after ${times.map(Math.round)} ms`);

    await qemu.qmp.cont();
    shown.machine.watched(0);
    await pause(300);
    const resting = shown.vdi.drawn;
    await pause(1500);
    assert.equal(shown.vdi.drawn, resting);
    shown.machine.watched(1);
    await waitUntil("changes again", () => shown.vdi.drawn > resting);
    await assertSameAsScreendump(qemu.qmp, shown.vdi);
    await qemu.qmp.cont();

    assert.equal(shown.vdi.modifiers, 0);
    await qemu.qmp.execute("quit");
    await waitUntil("the end", () => shown.ends.length > 0);
    assert.deepEqual(shown.ends.map(({ code }) => code), [null]);
    assert.match(shown.ends[0]!.message, /closed the connection/);
  },
});

peerTest({
  name: "VNC of QEMU: a machine comes back when QEMU does, and stops while it is away",
  needs: QEMU,
  fn: async () => {
    const log: string[] = [];
    await using dir = await makeTempDir("vnc");
    const address = { kind: "unix", path: `${dir.path}/vnc` } as const;
    const start = () => startVnc(["-vga", "std", "-kernel", "/boot/memtest86+x64.bin"], dir.path);
    const first = await start();
    await using shown = await show({ address, reconnectMs: 100, log: (line) => log.push(line) });
    await first[Symbol.asyncDispose]();
    await waitUntil("a lost connection", () => log.length > 0);
    {
      await using again = await start();
      await waitUntil("a new connection", () => log.at(-1) === "The VNC server is back");
      await waitUntil("memtest86+", () => mostly(shown.vdi, 0x0000a8), { timeoutMs: 20_000 });
      await assertSameAsScreendump(again.qmp, shown.vdi);
    }
    assert.deepEqual(shown.ends, []);
  },
});

peerTest({
  name: "TigerVNC: password, an X program, text, pointer, colours of the cursor, a new size",
  needs: [...X, "tigervnc-standalone-server", "x11vnc"],
  timeoutMs: 90_000,
  fn: async () => {
    await using dir = await makeTempDir("vnc");
    await mustRunProcess("x11vnc", ["-storepasswd", PASSWORD, `${dir.path}/password`]);
    const port = freePort(), address = { kind: "tcp", host: "127.0.0.1", port } as const;
    // Xtigervnc 1.12 sends cursors of two colours as black: so this one comes from a theme.
    await Deno.mkdir(`${dir.path}/default/cursors`, { recursive: true });
    await Deno.writeFile(`${dir.path}/default/cursors/watch`, cursorFile([...HALVES, ...HALVES], 8, 2));
    await using desktop = await startXDisplay("Xtigervnc", [
      ...["-rfbport", `${port}`, "-localhost", "-geometry", "800x600", "-depth", "24", "-AcceptSetDesktopSize=1"],
      ...["-SecurityTypes", "VncAuth", "-PasswordFile", `${dir.path}/password`],
    ], { env: { XCURSOR_PATH: dir.path, XCURSOR_THEME: "default" } });
    await rejectsWith("password-needed", { address });
    await rejectsWith("password-wrong", { address, password: "wrong" });
    await desktop.run("xsetroot", ["-solid", "#123456"]);
    await desktop.run("xsetroot", ["-cursor_name", "watch"]);
    await using shown = await show({ address, password: PASSWORD });
    await drive(shown, desktop);
    const shape = await waitUntil("the cursor of the background", async () => {
      shown.machine.input({ kind: "position", head: 0, x: 700, y: 550 });
      await pause(50);
      const shape = shown.vdi.cursors.get(0);
      return shape?.width === 8 ? shape : undefined;
    });
    assert.deepEqual(shape.pixels, Uint32Array.of(...HALVES, ...HALVES));
    assert.deepEqual([shape.hotX, shape.hotY], [3, 1]);

    shown.machine.input({ kind: "resize", head: 0, width: 1000, height: 700 });
    await waitUntil("1000x700", () => shown.vdi.sizes.at(-1) === "1000x700");
    await assertSameAsDisplay(desktop, shown.vdi);
  },
});

peerTest({
  name: "x11vnc: password, an X program, text by symbols, pointer",
  needs: [...X, "x11vnc", "xvfb"],
  timeoutMs: 90_000,
  fn: async () => {
    await using desktop = await startXvfb({ width: 800, height: 600 });
    await desktop.run("xsetroot", ["-solid", "#654321"]);
    const port = freePort(), address = { kind: "tcp", host: "127.0.0.1", port } as const;
    await using server = startProcess("x11vnc", [
      ...["-display", desktop.display, "-rfbport", `${port}`, "-localhost", "-forever", "-shared", "-passwd", PASSWORD],
      ...["-noxrecord", "-noipv6", "-nowf"],
    ]);
    await waitForPort(port, () => server.mustRun());
    await rejectsWith("password-wrong", { address, password: "wrong" });
    await using shown = await show({ address, password: PASSWORD });
    await drive(shown, desktop);
  },
});

/** A row of a cursor: orange and blue, and at its end half a red. */
const HALVES = [0xffff8000, 0xffff8000, 0xffff8000, 0xffff8000, 0xff0000ff, 0xff0000ff, 0xff0000ff, 0x80800000];

/** An Xcursor file of one picture, hot spot 3, 1. Source: Xcursor(3), "Cursor files". */
function cursorFile(pixels: readonly number[], width: number, height: number): Uint8Array {
  const image = 0xfffd0002, size = 24;
  const head = [0x72756358, 16, 0x10000, 1, image, size, 28];
  return new Uint8Array(Uint32Array.of(...head, 36, image, size, 1, width, height, 3, 1, 0, ...pixels).buffer);
}

/** Text, keys with shift, buttons, wheel and pixels on a desktop. */
async function drive(shown: Shown, desktop: XDisplay): Promise<void> {
  const { machine, vdi } = shown;
  assert.deepEqual(vdi.modes, { absolute: true, relative: false });
  const terminal = await desktop.openTerminal();
  const events = await desktop.openEventWindow({ geometry: "200x150+500+350" });
  machine.input({ kind: "position", head: 0, x: 80, y: 100 });
  await waitUntil("the pointer", async () => (await desktop.pointer()).x === 80);
  await pause(300);
  // "aZ1!-_\n" by scancode.
  await press(machine, 0x1e);
  await pressWithShift(machine, 0x2c);
  await press(machine, 0x02);
  await pressWithShift(machine, 0x02);
  await press(machine, 0x0c);
  await pressWithShift(machine, 0x0c);
  await press(machine, 0x1c);
  const typed = await waitUntil("typed text", async () => {
    const text = await terminal.typed();
    return text.includes("\n") ? text : undefined;
  });
  assert.equal(typed, "aZ1!-_\n");

  machine.input({ kind: "position", head: 0, x: 600, y: 420 });
  for (const button of ["LEFT", "MIDDLE", "RIGHT", "UP", "DOWN"] as const) {
    machine.input({ kind: "button", button, down: true });
    machine.input({ kind: "button", button, down: false });
    await pause(50);
  }
  await waitUntil("five buttons", async () => (await events.buttons()).length === 5);
  assert.deepEqual(await events.buttons(), [1, 2, 3, 4, 5]);
  await assertSameAsDisplay(desktop, vdi);
}

interface Shown extends AsyncDisposable {
  readonly machine: RfbMachine;
  readonly vdi: VdiPicture;
  readonly ends: { readonly code: number | null; readonly message: string }[];
}

async function show(options: RfbMachineOptions): Promise<Shown> {
  const machine = new RfbMachine(options), vdi = new VdiPicture();
  const ends: { code: number | null; message: string }[] = [];
  await machine.start(vdi, (last) => ends.push(last));
  machine.watched(1);
  return { machine, vdi, ends, [Symbol.asyncDispose]: () => machine.stop() };
}

async function rejectsWith(code: string, options: RfbMachineOptions): Promise<void> {
  const vdi = new VdiPicture();
  const none = { named: () => {}, sizeAnswered: () => {}, ended: () => {} };
  const handler = {
    ...none,
    head: () => vdi.head(0, null),
    draw: () => {},
    resizable: () => {},
    drawing: () => {},
    cursor: () => {},
    leds: () => {},
    mouseModes: () => {},
  };
  await assert.rejects(openRfb(options, handler), (error) => error instanceof RfbError && error.code === code);
  assert.deepEqual(vdi.sizes, []);
}

async function press(machine: RfbMachine, ...scancodes: number[]): Promise<void> {
  for (const scancode of scancodes) {
    machine.input({ kind: "key", scancode, down: true });
    await pause(40);
    machine.input({ kind: "key", scancode, down: false });
    await pause(40);
  }
}

async function pressWithShift(machine: RfbMachine, scancode: number): Promise<void> {
  machine.input({ kind: "key", scancode: 0x2a, down: true });
  await press(machine, scancode);
  machine.input({ kind: "key", scancode: 0x2a, down: false });
}

function mostly(vdi: VdiPicture, colour: number): boolean {
  const { pixels } = vdi.heads.get(0) ?? { pixels: new Uint32Array(1) };
  return pixels.filter((pixel) => pixel === colour).length * 2 > pixels.length;
}

/** Stops the machine and waits until the drawn head is what QEMU holds. It stays stopped. */
async function assertSameAsScreendump(qmp: Qmp, vdi: VdiPicture): Promise<void> {
  await qmp.stop();
  const expected = await qmp.screendump();
  const difference = () => pictureDifference(vdi.heads.get(0)!, expected);
  await waitUntil("the same pixels", () => difference() === null, { timeoutMs: 4000 }).catch(() => {});
  assert.equal(difference(), null);
  await qmp.cont();
}

interface Vnc extends AsyncDisposable {
  readonly address: { readonly kind: "unix"; readonly path: string };
  readonly qmp: Qmp;
  waitSerial(text: string): Promise<void>;
}

/** QEMU with VNC and no SPICE. */
async function startVnc(args: readonly string[], folder?: string): Promise<Vnc> {
  await using stack = new AsyncDisposableStack();
  const dir = folder ?? stack.use(await makeTempDir("vnc")).path;
  const process = stack.use(startProcess("qemu-system-x86_64", [
    ...["-nodefaults", "-no-user-config", "-accel", "tcg", "-display", "none", "-m", "64", "-name", "memory test"],
    ...["-vnc", `unix:${dir}/vnc`, "-qmp", `unix:${dir}/qmp,server=on,wait=off`, "-serial", `file:${dir}/serial`],
    ...args,
  ]));
  const qmp = stack.use(
    await waitUntil("QMP", () => {
      process.mustRun();
      return connectQmp(`${dir}/qmp`).catch(() => undefined);
    }),
  );
  const owned = stack.move();
  return {
    address: { kind: "unix", path: `${dir}/vnc` },
    qmp,
    waitSerial: async (text) => {
      const seen = async () => (await Deno.readTextFile(`${dir}/serial`)).includes(text);
      await waitUntil(`"${text}" on the serial port`, seen, { timeoutMs: 20_000 });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function waitForPort(port: number, mustRun: () => void): Promise<void> {
  await waitUntil(`port ${port}`, async () => {
    mustRun();
    const conn = await Deno.connect({ port }).catch(() => undefined);
    conn?.close();
    return conn !== undefined;
  }, { everyMs: 200 });
}

async function assertSameAsDisplay(display: XDisplay, vdi: VdiPicture): Promise<void> {
  let difference: string | null = "";
  await waitUntil("the same pixels", async () => {
    difference = pictureDifference(vdi.heads.get(0)!, await display.screendump());
    return difference === null;
  }, { everyMs: 200, timeoutMs: 5000 }).catch(() => {});
  assert.equal(difference, null);
}
