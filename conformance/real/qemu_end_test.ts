/** The `qemu` machine on real QEMUs without -spice: every way in which it can begin and end, and attachments. */
import assert from "node:assert/strict";
import { QemuError, QemuMachine } from "../../machines.ts";
import type { MachineEnd } from "../../mod.ts";
import { startProcess } from "../peers/process.ts";
import { connectQmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { VdiPicture } from "../peers/vdi_picture.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { QEMU_PROGRAM, showQemu } from "./shown_qemu.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];

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
      await using guest = await showQemu([
        ...[...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-vga", "std", "-device", "isa-debug-exit"],
        ...["-drive", `file=${dir.path}/disk,format=raw,snapshot=on`],
        ...["-chardev", `file,id=debug,path=${dir.path}/debug`, "-device", "isa-debugcon,iobase=0x402,chardev=debug"],
      ]);
      const booting = async () => (await Deno.readTextFile(`${dir.path}/debug`)).includes("Booting from 0000:7c00");
      await waitUntil("the boot sector", booting);
      for (const down of [true, false]) guest.machine.input({ kind: "key", scancode: 0x1c, down });
      assert.deepEqual(await guest.end, end);
    },
  });
}

peerTest({
  name: "qemu machine: QMP quit by someone else ends it, with code 0",
  needs: QEMU,
  fn: async () => {
    await using guest = await showQemu([...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"]);
    await guest.qmp.execute("quit");
    assert.deepEqual(await guest.end, { code: 0, message: "QEMU ended" });
  },
});

peerTest({
  name: "qemu machine: kill -9 of QEMU is told with code and signal",
  needs: QEMU,
  fn: async () => {
    await using guest = await showQemu([...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"]);
    guest.machine.watched(1);
    Deno.kill(guest.machine.pid!, "SIGKILL");
    assert.deepEqual(await guest.end, { code: 137, message: "QEMU was ended by SIGKILL" });
    guest.machine.input({ kind: "key", scancode: 1, down: true });
  },
});

peerTest({
  name: "qemu machine: stop ends a QEMU that answers, one that is stuck, and removes its sockets",
  needs: QEMU,
  fn: async () => {
    for (const stuck of [false, true]) {
      const ends: MachineEnd[] = [], before = await folders();
      const machine = new QemuMachine({ command: [...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-vga", "std"] });
      await machine.start(new VdiPicture(), (end) => void ends.push(end));
      const pid = machine.pid!;
      const [mine] = (await folders()).filter((folder) => !before.includes(folder));
      assert.equal((await Deno.stat(`/tmp/${mine}`)).mode! & 0o777, 0o700);
      if (stuck) Deno.kill(pid, "SIGSTOP");
      const started = performance.now();
      await machine.stop();
      assert(performance.now() - started < (stuck ? 8000 : 2000));
      assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
      await assert.rejects(Deno.stat(`/tmp/${mine}`), Deno.errors.NotFound);
      assert.deepEqual(ends, [], "a machine that was stopped does not end by itself");
    }
  },
});

peerTest({
  name: "qemu machine: what cannot be started is told in a line, with QEMU's code and words",
  needs: QEMU,
  fn: async () => {
    const cases: readonly [command: string[], code: string, exitCode: number | null, text: RegExp][] = [
      [["qemu-system-none"], "not-found", null, /qemu-system-none cannot be started: no such program/],
      [[...QEMU_PROGRAM, "-daemonize"], "refused", null, /-daemonize would let QEMU outlive/],
      [[...QEMU_PROGRAM, "-m", "nonsense"], "ended", 1, /QEMU ended with code 1: .*nonsense/s],
      [[...QEMU_PROGRAM, "-device", "virtio-vga,max_outputs=99"], "ended", 1, /code 1: .*max_outputs/s],
      [[...QEMU_PROGRAM, "-version"], "ended", 0, /QEMU emulator version/],
    ];
    for (const [command, code, exitCode, text] of cases) {
      const ends: MachineEnd[] = [], machine = new QemuMachine({ command });
      await assert.rejects(machine.start(new VdiPicture(), (end) => void ends.push(end)), (error) => {
        assert(error instanceof QemuError, String(error));
        assert.deepEqual([error.code, error.exitCode], [code, exitCode]);
        assert.match(error.message, text);
        return true;
      });
      assert.deepEqual(ends, []);
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
      ...[...QEMU_PROGRAM.slice(1), "-nodefaults", "-m", "4", "-vga", "std", "-display", "none"],
      ...["-qmp", `unix:${paths.qmp},server=on,wait=off`, "-qmp", `unix:${paths.own},server=on,wait=off`],
      ...["-vnc", `unix:${paths.vnc}`],
    ];
    const first = startProcess(QEMU_PROGRAM[0]!, args);
    await waitUntil("QMP", () => connects(paths.own));
    await using guest = await showQemu({
      attach: { qmp: { kind: "unix", path: paths.qmp }, vnc: [{ kind: "unix", path: paths.vnc }] },
      reconnectMs: 50,
    }, paths.own);
    await guest.equalsStopped(0, (picture) => picture.height === 400);
    await first[Symbol.asyncDispose]();
    await waitUntil("a line about it", () => guest.logs.some((line) => /trying again/.test(line)));

    await using second = startProcess(QEMU_PROGRAM[0]!, args);
    await waitUntil("its return", () => guest.logs.includes("QEMU is back"));
    await using qmp = await connectQmp(paths.own);
    await guest.equalsStopped(0, (picture) => picture.height === 400, undefined, qmp);
    await guest.machine.stop();
    assert.equal(second.ended(), undefined);
    assert.deepEqual(guest.ends, []);

    const last = Promise.withResolvers<MachineEnd>();
    const once = new QemuMachine({
      attach: { qmp: { kind: "unix", path: paths.qmp }, vnc: [{ kind: "unix", path: paths.vnc }] },
      reconnectMs: null,
    });
    await once.start(new VdiPicture(), last.resolve);
    Deno.kill(second.pid, "SIGKILL");
    const { code, message } = await last.promise;
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
    const machine = new QemuMachine({ attach: { qmp: { kind: "unix", path }, vnc: [] } });
    await assert.rejects(machine.start(new VdiPicture(), () => {}), /does not speak QMP: it says "HTTP/);

    const args = [...QEMU_PROGRAM.slice(1), "-nodefaults", "-m", "4", "-display", "none"];
    await using _ = startProcess(QEMU_PROGRAM[0]!, [...args, "-qmp", `unix:${dir.path}/qmp,server=on,wait=off`]);
    await waitUntil("QMP", () => connects(`${dir.path}/qmp`));
    const halfRight = new QemuMachine({
      attach: { qmp: { kind: "unix", path: `${dir.path}/qmp` }, vnc: [{ kind: "unix", path }] },
    });
    await assert.rejects(
      halfRight.start(new VdiPicture(), () => {}),
      /Cannot use the VNC server.*does not begin as a VNC/,
    );
    listener.close();
    await talking;
  },
});

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
