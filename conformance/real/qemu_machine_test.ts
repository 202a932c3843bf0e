/**
 * The `qemu` machine on real QEMUs without -spice: pictures equal QMP screendumps, several heads, and resizing.
 *
 * The machine is driven directly: what it draws is applied to a plain picture a head.
 */
import assert from "node:assert/strict";
import { GRUB_MENU, makeGrubIso } from "../peers/grub_iso.ts";
import { countColours, type Picture, pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { QEMU_PROGRAM, showQemu } from "./shown_qemu.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];

for (const vga of ["std", "virtio", "cirrus"] as const) {
  peerTest({
    name: `qemu machine: SeaBIOS on ${vga} equals the screendump`,
    needs: QEMU,
    fn: async () => {
      await using guest = await showQemu([...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-vga", vga]);
      // SeaBIOS's cursor blinks: stopped, the picture rests.
      await guest.equalsStopped(0, (picture) => countColours(picture) > 1 && picture.height === 400);
    },
  });
  peerTest({
    name: `qemu machine: memtest86+ on ${vga} equals the screendump`,
    needs: [...QEMU, "memtest86+"],
    fn: async () => {
      const memtest = ["-kernel", "/boot/memtest86+x64.bin"];
      await using guest = await showQemu([...QEMU_PROGRAM, "-nodefaults", "-m", "8", "-vga", vga, ...memtest]);
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
    await using guest = await showQemu([
      ...[...QEMU_PROGRAM, "-nodefaults", "-m", "4", "-name", "Übung,process=x"],
      ...["-uuid", "12345678-9abc-def0-1234-56789abcdef0", "-device", "virtio-vga,max_outputs=2,id=v"],
      ...["-device", "secondary-vga,id=w"],
    ]);
    const { vdi, logs, qmp } = guest;
    assert.deepEqual([vdi.name, vdi.uuid], ["Übung", "123456789abcdef0123456789abcdef0"]);
    await waitUntil("three heads", () => vdi.heads.size === 3);
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
      () => logs.some((line) => /^The size of head 2/.test(line)),
    );
  },
});

async function driveGrub(vga: string): Promise<void> {
  await using iso = await makeGrubIso();
  await using dir = await makeTempDir("serial");
  const path = `${dir.path}/serial`;
  await using guest = await showQemu([
    ...[...QEMU_PROGRAM, "-nodefaults", "-m", "64", "-vga", vga, "-cdrom", iso.path, "-boot", "d"],
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
