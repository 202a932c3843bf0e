/** The `qemu` machine on real QEMUs without -spice: keys, buttons, wheel, places and steps reach a Linux guest. */
import assert from "node:assert/strict";
import { followInput } from "../peers/follow_input.ts";
import { INPUT_GUEST, makeInputGuest } from "../peers/input_guest.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { QEMU_PROGRAM, showQemu } from "./shown_qemu.ts";

peerTest({
  name: "qemu machine: keys, LEDs, steps, places, buttons and wheel reach Linux, in both mouse modes",
  needs: INPUT_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using dir = await makeTempDir("input");
    const linux = await makeInputGuest(dir.path);
    await using guest = await showQemu([
      ...QEMU_PROGRAM,
      "-nodefaults",
      "-m",
      "256",
      "-vga",
      "std",
      "-usb",
      ...linux.args,
    ]);
    const { machine, vdi } = guest;
    const wait = { timeoutMs: 60_000 };
    for (const device of ["AT Translated", "ImExPS"]) {
      await waitUntil(device, async () => new RegExp(`device \\d+ ${device}`).test(await linux.serial()), wait);
    }
    assert.deepEqual(vdi.modes, { absolute: false, relative: true });
    const after = followInput(linux);

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
    await waitUntil("caps lock", () => vdi.modifiers === 4);
    machine.input({ kind: "leds", modifiers: 0 });
    await waitUntil("no caps lock", () => vdi.modifiers === 0);

    await guest.qmp.execute("device_add", { driver: "usb-tablet", id: "tablet" });
    await waitUntil("absolute mode", () => vdi.modes?.absolute, wait);
    assert.deepEqual(vdi.modes, { absolute: true, relative: true });
    await waitUntil("a tablet", async () => /device \d+ QEMU QEMU USB Tablet/.test(await linux.serial()), wait);
    const { width, height } = vdi.heads.get(0)!;
    const placed = followInput(linux, (await linux.events()).length);
    machine.input({ kind: "position", head: 0, x: 100, y: height - 1 });
    const both = await placed(2, ({ type }) => type === 3);
    assert.deepEqual(both.map(({ value }) => value), [place(100, width), place(height - 1, height)]);
    for (const down of [true, false]) machine.input({ kind: "button", button: "RIGHT", down });
    const right = await placed(2, ({ type }) => type === 1);
    assert.deepEqual(right.map(({ name, code, value }) => [/Tablet/.test(name), code, value]), [
      [true, 0x111, 1],
      [true, 0x111, 0],
    ]);
    await guest.qmp.execute("device_del", { id: "tablet" });
    await waitUntil("relative mode", () => vdi.modes?.absolute === false, wait);
  },
});

peerTest({
  name: "qemu machine: places go to the tablet that is bound to their head",
  needs: INPUT_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using dir = await makeTempDir("bound");
    const linux = await makeInputGuest(dir.path, ["virtio_pci", "virtio_input"]);
    await using guest = await showQemu([
      ...[...QEMU_PROGRAM, "-nodefaults", "-m", "256", "-device", "virtio-vga,max_outputs=2", ...linux.args],
      ...[0, 1].flatMap((head) => ["-device", `virtio-tablet-pci,display=saffron-card-0,head=${head}`]),
    ]);
    const tablets = async () => (await linux.serial()).match(/^device \d+ QEMU Virtio Tablet/gm) ?? [];
    await waitUntil("two tablets", async () => (await tablets()).length === 2, { timeoutMs: 60_000 });
    assert.equal(guest.vdi.modes?.absolute, true);
    const used: number[] = [], after = followInput(linux);
    for (const head of [0, 1]) {
      const { width, height } = guest.vdi.heads.get(head)!;
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

/** The middle of a pixel, in QEMU's steps. */
function place(at: number, side: number): number {
  return Math.floor((at + 0.5) * 0x8000 / side);
}
