/**
 * The `qemu` machine on real QEMUs without -spice: pictures equal QMP screendumps, keys and pointer reach the guest,
 * several heads, resizing, and every way in which a QEMU can end.
 *
 * The machine is driven directly: what it draws is applied to a plain picture a head.
 */
import assert from "node:assert/strict";
import { type QemuAttachment, type QemuCommand, QemuError, QemuMachine } from "../../machines.ts";
import type { Drawable, MachineCursor, MachineEnd, MouseModes, Vdi } from "../../mod.ts";
import { GRUB_MENU, makeGrubIso } from "../peers/grub_iso.ts";
import { INPUT_GUEST, type InputGuestEvent, makeInputGuest } from "../peers/input_guest.ts";
import { countColours, type Picture, pictureDifference } from "../peers/picture.ts";
import { startProcess } from "../peers/process.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config"];

for (const vga of ["std", "virtio", "cirrus"] as const) {
  peerTest({
    name: `qemu machine: SeaBIOS on ${vga} equals the screendump`,
    needs: QEMU,
    fn: async () => {
      await using guest = await show([...PROGRAM, "-nodefaults", "-m", "4", "-vga", vga]);
      // SeaBIOS's cursor blinks: stopped, the picture rests.
      await guest.equalsStopped(0, (picture) => countColours(picture) > 1 && picture.height === 400);
    },
  });
  peerTest({
    name: `qemu machine: memtest86+ on ${vga} equals the screendump`,
    needs: [...QEMU, "memtest86+"],
    fn: async () => {
      const memtest = ["-kernel", "/boot/memtest86+x64.bin"];
      await using guest = await show([...PROGRAM, "-nodefaults", "-m", "8", "-vga", vga, ...memtest]);
      const isBlue = ({ pixels }: Picture) => pixels.filter((pixel) => pixel === 0xa8).length * 2 > pixels.length;
      for (let i = 0; i < 3; i++) {
        await guest.equalsStopped(0, isBlue);
        await guest.qmp.cont();
      }
    },
  });
  peerTest({
    name: `qemu machine: GRUB on ${vga} equals the screendump, and keys reach it`,
    needs: [...QEMU, ...GRUB],
    fn: () => driveGrub(vga),
  });
}

peerTest({
  name: "qemu machine: two heads of a card, a second card, name, UUID, and a size that a viewer wants",
  needs: QEMU,
  fn: async () => {
    await using guest = await show([
      ...[...PROGRAM, "-nodefaults", "-m", "4", "-name", "Übung,process=x"],
      ...["-uuid", "12345678-9abc-def0-1234-56789abcdef0", "-device", "virtio-vga,max_outputs=2,id=v"],
      ...["-device", "secondary-vga,id=w"],
    ]);
    const { seen, qmp } = guest;
    assert.deepEqual(seen.identity, ["Übung", "123456789abcdef0123456789abcdef0"]);
    await waitUntil("three heads", () => seen.heads.size === 3);
    const first = await guest.equalsStopped(0, (picture) => picture.height === 400, { device: "v", head: 0 });
    for (const [head, card] of [{ device: "v", head: 1 }, { device: "w", head: 0 }].entries()) {
      const picture = await guest.equalsStopped(head + 1, () => true, card);
      assert.notEqual(pictureDifference(picture, first), null, "heads show different things");
    }
    await qmp.cont();
    // SeaBIOS takes no size of virtio's second output: QEMU keeps it, and nothing breaks.
    guest.machine.input({ kind: "resize", head: 1, width: 800, height: 600 });
    guest.machine.input({ kind: "resize", head: 2, width: 800, height: 600 });
    await waitUntil(
      "the refusal of a card without sizes",
      () => seen.logs.some((line) => /^The size of head 2/.test(line)),
    );
  },
});

for (
  const [what, code, end] of [
    ["with a code", [0xba, 0x01, 0x05, 0xb0, 0x03, 0xee], { code: 7, message: "QEMU ended with code 7" }],
    ["by ACPI", [0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef], { code: 0, message: "The guest shut down" }],
  ] as const
) {
  peerTest({
    name: `qemu machine: a guest that ends itself ${what} when a key is pressed`,
    needs: QEMU,
    fn: async () => {
      await using dir = await makeTempDir("sector");
      // INT 16h waits for a key; then one OUT to port 0x501 or 0x604 ends the machine.
      const sector = new Uint8Array(512);
      sector.set([0xb4, 0x0e, 0xb0, 0x21, 0xcd, 0x10, 0xb4, 0x00, 0xcd, 0x16, ...code, 0xf4]);
      sector.set([0x55, 0xaa], 510);
      await Deno.writeFile(`${dir.path}/disk`, sector);
      await using guest = await show([
        ...[...PROGRAM, "-nodefaults", "-m", "4", "-vga", "std", "-device", "isa-debug-exit"],
        ...["-drive", `file=${dir.path}/disk,format=raw,snapshot=on`],
        ...["-chardev", `file,id=debug,path=${dir.path}/debug`, "-device", "isa-debugcon,iobase=0x402,chardev=debug"],
      ]);
      const booting = async () => (await Deno.readTextFile(`${dir.path}/debug`)).includes("Booting from 0000:7c00");
      await waitUntil("the boot sector", booting);
      for (const down of [true, false]) guest.machine.input({ kind: "key", scancode: 0x1c, down });
      assert.deepEqual(await guest.seen.end.promise, end);
    },
  });
}

peerTest({
  name: "qemu machine: QMP quit by someone else ends it, with code 0",
  needs: QEMU,
  fn: async () => {
    await using guest = await show([...PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"]);
    await guest.qmp.execute("quit");
    assert.deepEqual(await guest.seen.end.promise, { code: 0, message: "QEMU ended" });
  },
});

peerTest({
  name: "qemu machine: kill -9 of QEMU is told with code and signal",
  needs: QEMU,
  fn: async () => {
    await using guest = await show([...PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"]);
    guest.machine.watched(1);
    Deno.kill(guest.machine.pid!, "SIGKILL");
    assert.deepEqual(await guest.seen.end.promise, { code: 137, message: "QEMU was ended by SIGKILL" });
    guest.machine.input({ kind: "key", scancode: 1, down: true });
  },
});

peerTest({
  name: "qemu machine: stop ends a QEMU that answers, one that is stuck, and removes its sockets",
  needs: QEMU,
  fn: async () => {
    for (const stuck of [false, true]) {
      const seen = recorder(), before = await folders();
      const machine = new QemuMachine({ command: [...PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"] });
      await machine.start(seen.vdi, seen.ended);
      const pid = machine.pid!;
      const [mine] = (await folders()).filter((folder) => !before.includes(folder));
      assert.equal((await Deno.stat(`/tmp/${mine}`)).mode! & 0o777, 0o700);
      if (stuck) Deno.kill(pid, "SIGSTOP");
      const started = performance.now();
      await machine.stop();
      assert(performance.now() - started < (stuck ? 8000 : 2000));
      assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
      await assert.rejects(Deno.stat(`/tmp/${mine}`), Deno.errors.NotFound);
      assert.equal(seen.ends.length, 0, "a machine that was stopped does not end by itself");
    }
  },
});

peerTest({
  name: "qemu machine: what cannot be started is told in a line, with QEMU's code and words",
  needs: QEMU,
  fn: async () => {
    const cases: readonly [command: string[], code: string, exitCode: number | null, text: RegExp][] = [
      [["qemu-system-none"], "not-found", null, /qemu-system-none cannot be started: no such program/],
      [[...PROGRAM, "-daemonize"], "refused", null, /-daemonize would let QEMU outlive/],
      [[...PROGRAM, "-m", "nonsense"], "ended", 1, /QEMU ended with code 1: .*nonsense/s],
      [[...PROGRAM, "-device", "virtio-vga,max_outputs=99"], "ended", 1, /code 1: .*max_outputs/s],
      [[...PROGRAM, "-version"], "ended", 0, /QEMU emulator version/],
    ];
    for (const [command, code, exitCode, text] of cases) {
      const seen = recorder();
      await assert.rejects(new QemuMachine({ command }).start(seen.vdi, seen.ended), (error) => {
        assert(error instanceof QemuError, String(error));
        assert.deepEqual([error.code, error.exitCode], [code, exitCode]);
        assert.match(error.message, text);
        return true;
      });
      assert.equal(seen.ends.length, 0);
    }
  },
});

peerTest({
  name: "qemu machine: attached to a QEMU that runs, comes back when it does, and leaves it running",
  needs: QEMU,
  fn: async () => {
    await using dir = await makeTempDir("attach");
    const paths = { qmp: `${dir.path}/ours`, own: `${dir.path}/own`, vnc: `${dir.path}/vnc` };
    const args = [
      ...[...PROGRAM.slice(1), "-nodefaults", "-m", "4", "-vga", "std", "-display", "none"],
      ...["-qmp", `unix:${paths.qmp},server=on,wait=off`, "-qmp", `unix:${paths.own},server=on,wait=off`],
      ...["-vnc", `unix:${paths.vnc}`],
    ];
    const first = startProcess(PROGRAM[0]!, args);
    await waitUntil("QMP", () => connects(paths.own));
    await using guest = await show({
      attach: { qmp: { kind: "unix", path: paths.qmp }, vnc: [{ kind: "unix", path: paths.vnc }] },
      reconnectMs: 50,
    }, paths.own);
    await guest.equalsStopped(0, (picture) => picture.height === 400);
    await first[Symbol.asyncDispose]();
    await waitUntil("a line about it", () => guest.seen.logs.some((line) => /trying again/.test(line)));

    await using second = startProcess(PROGRAM[0]!, args);
    await waitUntil("its return", () => guest.seen.logs.includes("QEMU is back"));
    await using qmp = await connectQmp(paths.own);
    await guest.equalsStopped(0, (picture) => picture.height === 400, undefined, qmp);
    await guest.machine.stop();
    assert.equal(second.ended(), undefined);
    assert.equal(guest.seen.ends.length, 0);

    const seen = recorder();
    const once = new QemuMachine({
      attach: { qmp: { kind: "unix", path: paths.qmp }, vnc: [{ kind: "unix", path: paths.vnc }] },
      reconnectMs: null,
    });
    await once.start(seen.vdi, seen.ended);
    Deno.kill(second.pid, "SIGKILL");
    const { code, message } = await seen.end.promise;
    assert.equal(code, null);
    assert.match(message, /closed/);
    await once.stop();
  },
});

peerTest({
  name: "qemu machine: nonsense on either socket of an attachment is told in a line",
  needs: QEMU,
  fn: async () => {
    await using dir = await makeTempDir("nonsense");
    const path = `${dir.path}/s`;
    using listener = Deno.listen({ transport: "unix", path });
    const talking = (async () => {
      for await (const conn of listener) {
        await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
        conn.close();
      }
    })().catch(() => {});
    const seen = recorder();
    const machine = new QemuMachine({ attach: { qmp: { kind: "unix", path }, vnc: [] } });
    await assert.rejects(machine.start(seen.vdi, seen.ended), /does not speak QMP: it says "HTTP/);

    const args = [...PROGRAM.slice(1), "-nodefaults", "-m", "4", "-display", "none"];
    await using _ = startProcess(PROGRAM[0]!, [...args, "-qmp", `unix:${dir.path}/qmp,server=on,wait=off`]);
    await waitUntil("QMP", () => connects(`${dir.path}/qmp`));
    const halfRight = new QemuMachine({
      attach: { qmp: { kind: "unix", path: `${dir.path}/qmp` }, vnc: [{ kind: "unix", path }] },
    });
    await assert.rejects(halfRight.start(seen.vdi, seen.ended), /Cannot use the VNC server.*does not begin as a VNC/);
    listener.close();
    await talking;
  },
});

peerTest({
  name: "qemu machine: keys, LEDs, steps, places, buttons and wheel reach Linux, in both mouse modes",
  needs: INPUT_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using dir = await makeTempDir("input");
    const linux = await makeInputGuest(dir.path);
    await using guest = await show([...PROGRAM, "-nodefaults", "-m", "256", "-vga", "std", "-usb", ...linux.args]);
    const { machine, seen } = guest;
    const wait = { timeoutMs: 60_000 };
    for (const device of ["AT Translated", "ImExPS"]) {
      await waitUntil(device, async () => new RegExp(`device \\d+ ${device}`).test(await linux.serial()), wait);
    }
    assert.deepEqual(seen.modes.at(-1), { absolute: false, relative: true });
    const { after } = eventsOf(linux);

    // One at a time: a PS/2 device holds 16 bytes and drops what is more, and pause alone is eight.
    for (const [scancode, code] of [[0x1e, 30], [0xe04b, 105], [0xe038, 100], [0xe046, 119], [0x56, 86]] as const) {
      for (const down of [true, false]) machine.input({ kind: "key", scancode, down });
      const keys = await after(2, ({ type }) => type === 1);
      assert.deepEqual(keys.map(({ code, value }) => [code, value]), [[code, 1], [code, 0]]);
    }

    machine.input({ kind: "motion", dx: 5, dy: -7 });
    assert.deepEqual((await after(2, ({ type }) => type === 2)).map(({ code, value }) => [code, value]), [[0, 5], [
      1,
      -7,
    ]]);
    const buttons = { LEFT: 0x110, MIDDLE: 0x112, RIGHT: 0x111, SIDE: 0x113, EXTRA: 0x114, UP: 1, DOWN: -1 } as const;
    for (const button of ["LEFT", "MIDDLE", "RIGHT", "SIDE", "EXTRA", "UP", "DOWN"] as const) {
      const isWheel = button === "UP" || button === "DOWN", what = buttons[button];
      for (const down of [true, false]) machine.input({ kind: "button", button, down });
      const events = await after(isWheel ? 1 : 2, ({ type, code }) => isWheel ? type === 2 && code === 8 : type === 1);
      assert.deepEqual(events.map(({ code, value }) => [code, value]), isWheel ? [[8, what]] : [[what, 1], [what, 0]]);
    }

    // Linux lights caps lock when its key is pressed; a viewer that wants it off has it pressed again.
    for (const down of [true, false]) machine.input({ kind: "key", scancode: 0x3a, down });
    await waitUntil("caps lock", () => seen.leds.at(-1) === 4);
    machine.input({ kind: "leds", modifiers: 0 });
    await waitUntil("no caps lock", () => seen.leds.at(-1) === 0);

    await guest.qmp.execute("device_add", { driver: "usb-tablet", id: "tablet" });
    await waitUntil("absolute mode", () => seen.modes.at(-1)?.absolute, wait);
    assert.deepEqual(seen.modes.at(-1), { absolute: true, relative: true });
    await waitUntil("a tablet", async () => /device \d+ QEMU QEMU USB Tablet/.test(await linux.serial()), wait);
    const { width, height } = seen.heads.get(0)!;
    const places = eventsOf(linux, (await linux.events()).length);
    machine.input({ kind: "position", head: 0, x: 100, y: height - 1 });
    const both = await places.after(2, ({ type }) => type === 3);
    assert.deepEqual(both.map(({ value }) => value), [place(100, width), place(height - 1, height)]);
    for (const down of [true, false]) machine.input({ kind: "button", button: "RIGHT", down });
    const right = await places.after(2, ({ type }) => type === 1);
    assert.deepEqual(right.map(({ name, code, value }) => [/Tablet/.test(name), code, value]), [
      [true, 0x111, 1],
      [true, 0x111, 0],
    ]);
    await guest.qmp.execute("device_del", { id: "tablet" });
    await waitUntil("relative mode", () => seen.modes.at(-1)?.absolute === false, wait);
  },
});

peerTest({
  name: "qemu machine: places go to the tablet that is bound to their head",
  needs: INPUT_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using dir = await makeTempDir("bound");
    const linux = await makeInputGuest(dir.path, ["virtio_pci", "virtio_input"]);
    await using guest = await show([
      ...[...PROGRAM, "-nodefaults", "-m", "256", "-device", "virtio-vga,max_outputs=2", ...linux.args],
      ...[0, 1].flatMap((head) => ["-device", `virtio-tablet-pci,display=saffron-card-0,head=${head}`]),
    ]);
    const tablets = async () => (await linux.serial()).match(/^device \d+ QEMU Virtio Tablet/gm) ?? [];
    await waitUntil("two tablets", async () => (await tablets()).length === 2, { timeoutMs: 60_000 });
    assert.equal(guest.seen.modes.at(-1)?.absolute, true);
    const used: number[] = [], { after } = eventsOf(linux);
    for (const head of [0, 1]) {
      const { width, height } = guest.seen.heads.get(head)!;
      guest.machine.input({ kind: "position", head, x: 10, y: 20 });
      guest.machine.input({ kind: "button", button: "LEFT", down: true });
      const events = await after(3, ({ type }) => type === 3 || type === 1);
      assert.deepEqual(events.map(({ value }) => value), [place(10, width), place(20, height), 1]);
      const devices = new Set(events.map(({ device }) => device));
      assert.equal(devices.size, 1);
      used.push(...devices);
    }
    assert.notEqual(used[0], used[1]);
  },
});

async function driveGrub(vga: string): Promise<void> {
  await using iso = await makeGrubIso();
  await using dir = await makeTempDir("serial");
  const path = `${dir.path}/serial`;
  await using guest = await show([
    ...[...PROGRAM, "-nodefaults", "-m", "64", "-vga", vga, "-cdrom", iso.path, "-boot", "d"],
    ...["-serial", `file:${path}`],
  ]);
  const serial = async () => {
    // deno-lint-ignore no-control-regex
    return (await Deno.readTextFile(path)).replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
  };
  const waitSerial = (text: string, from = 0) =>
    waitUntil(`"${text}"`, async () => (await serial()).includes(text, from), { timeoutMs: 30_000 });
  await waitSerial(iso.readyText);
  await guest.equalsStopped(0, (picture) => countColours(picture) > 1000);
  await guest.qmp.cont();

  const press = async (...scancodes: number[]) => {
    for (const scancode of scancodes) {
      for (const down of [true, false]) guest.machine.input({ kind: "key", scancode, down });
      await pause(20);
    }
  };
  await press(0xe050, 0x1c); // down, enter
  await waitSerial(GRUB_MENU[1].says);
  await press(0x1c);
  const from = (await serial()).length;
  await press(0x2e); // c
  await waitSerial("grub>", from);
  await press(0x12, 0x2e, 0x23, 0x18, 0x39); // echo
  guest.machine.input({ kind: "key", scancode: 0x2a, down: true });
  await press(0x1e);
  guest.machine.input({ kind: "key", scancode: 0x2a, down: false });
  await press(0x02, 0x1c);
  await waitSerial("\n\rA1", from);
  await guest.equalsStopped(0, () => true);
}

/** The middle of a pixel, in QEMU's steps. */
function place(at: number, side: number): number {
  return Math.floor((at + 0.5) * 0x8000 / side);
}

/** Gives the guest's events from event `from` on, each once. */
function eventsOf(linux: { events(): Promise<InputGuestEvent[]> }, from = 0) {
  return {
    after: async (count: number, wanted: (event: InputGuestEvent) => boolean): Promise<InputGuestEvent[]> => {
      const all = await waitUntil(`${count} events`, async () => {
        const found = await linux.events();
        return found.slice(from).filter(wanted).length >= count ? found : undefined;
      });
      const wantedOnes = all.slice(from).filter(wanted);
      from = all.length;
      return wantedOnes;
    },
  };
}

interface Guest extends AsyncDisposable {
  readonly machine: QemuMachine;
  readonly qmp: Qmp;
  readonly seen: ReturnType<typeof recorder>;
  /** Waits for a picture, stops the machine, and has our picture become QEMU's. It stays stopped. */
  equalsStopped(
    head: number,
    ready: (picture: Picture) => boolean,
    card?: { readonly device: string; readonly head: number },
    qmp?: Qmp,
  ): Promise<Picture>;
}

/** Starts a machine that is watched, with a control socket for the test beside its own. */
async function show(what: readonly string[] | QemuAttachment, ownQmp?: string): Promise<Guest> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("show")), path = ownQmp ?? `${dir.path}/qmp`;
  const seen = recorder(), log = (line: string) => void seen.logs.push(line);
  const options: QemuCommand | QemuAttachment = "attach" in what
    ? { ...what, log }
    : { command: [...what, "-qmp", `unix:${path},server=on,wait=off`], log };
  const machine = new QemuMachine(options);
  stack.defer(() => machine.stop());
  await machine.start(seen.vdi, seen.ended);
  machine.watched(1);
  const qmp = stack.use(await connectQmp(path));
  const owned = stack.move();
  return {
    machine,
    qmp,
    seen,
    equalsStopped: async (head, ready, card, control = qmp) => {
      await waitUntil("the picture", async () => ready(await control.screendump(card)), { timeoutMs: 30_000 });
      await control.stop();
      const expected = await control.screendump(card);
      let difference: string | null = "nothing";
      const equal = () => {
        const picture = seen.heads.get(head);
        difference = picture === undefined ? "no head" : pictureDifference(picture, expected);
        return difference === null;
      };
      await waitUntil("an equal picture", equal, { timeoutMs: 3000 }).catch(() => {});
      assert.equal(difference, null);
      return expected;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Keeps what a machine tells. */
function recorder() {
  const heads = new Map<number, { width: number; height: number; pixels: Uint32Array }>();
  const cursors = new Map<number, MachineCursor>();
  const modes: MouseModes[] = [], leds: number[] = [], logs: string[] = [], ends: MachineEnd[] = [];
  const identity: (string | null)[] = [];
  const end = Promise.withResolvers<MachineEnd>();
  const vdi: Vdi = {
    identity: (name, uuid) => void identity.splice(0, 2, name, uuid?.toHex() ?? null),
    head: (head, size) => {
      if (size === null) heads.delete(head);
      else heads.set(head, { ...size, pixels: new Uint32Array(size.width * size.height) });
    },
    resizable: () => {},
    drawing: () => {},
    draw: (head, drawable) => apply(heads.get(head), drawable),
    cursor: (head, cursor) => void cursors.set(head, cursor),
    leds: (modifiers) => void leds.push(modifiers),
    mouseModes: (mode) => void modes.push(mode),
  };
  const ended = (last: MachineEnd) => {
    ends.push(last);
    end.resolve(last);
  };
  return { vdi, ended, end, ends, heads, cursors, modes, leds, logs, identity };
}

function apply(picture: { width: number; height: number; pixels: Uint32Array } | undefined, drawable: Drawable): void {
  assert(picture !== undefined, "a drawable for a head that is not there");
  const { width, height, pixels } = picture, { left, top, right, bottom } = drawable.area;
  assert(left >= 0 && top >= 0 && right <= width && bottom <= height && left < right && top < bottom);
  const old = drawable.kind === "copy" ? pixels.slice() : pixels;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      pixels[y * width + x] = drawable.kind === "fill"
        ? drawable.color
        : drawable.kind === "pixels"
        ? drawable.pixels[(y - top) * (right - left) + x - left]!
        : old[(drawable.from.y + y - top) * width + drawable.from.x + x - left]!;
    }
  }
}

/** @returns Folders of sockets that machines have now. */
async function folders(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir("/tmp")) if (name.startsWith("saffron-qemu-")) names.push(name);
  return names;
}

async function connects(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}
