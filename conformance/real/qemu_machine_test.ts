/**
 * The `qemu` machine on real QEMUs without -spice: pictures equal QMP screendumps, keys and pointer reach the guest,
 * several heads, resizing, and every way in which a QEMU can end.
 *
 * The machine is driven directly: what it draws is applied to a plain picture a head.
 */
import assert from "node:assert/strict";
import type { Drawable, MachineCursor, MachineEnd, MouseModes, Vdi } from "../../server/core/vdi.ts";
import { QemuError } from "../../server/machines/qemu/qemu_error.ts";
import { type QemuAttachment, type QemuCommand, QemuMachine } from "../../server/machines/qemu/qemu_machine.ts";
import { GRUB_MENU, makeGrubIso } from "../peers/grub_iso.ts";
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

peerTest({
  name: "qemu machine: the guest's own end, with a code, a note and a clean folder",
  needs: QEMU,
  fn: async () => {
    // A device that ends QEMU with (value << 1) | 1; GRUB is not needed, QMP has no such command.
    await using guest = await show([...PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"]);
    await guest.qmp.execute("system_reset");
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
  },
});

peerTest({
  name: "qemu machine: nonsense on either socket ends an attached machine that shall not come back",
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
