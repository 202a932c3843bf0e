/** Our server in front of a QEMU without -spice: what other people's clients and ours see is what QEMU holds. */
import assert from "node:assert/strict";
import { QemuMachine } from "../../machines.ts";
import { connect, SpiceServer } from "../../mod.ts";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { countColours, type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { connectQmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi", "spice-client-gtk"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config", "-nodefaults"];
const KEY_DOWN = 0x150;

for (const vga of ["std", "virtio", "cirrus"] as const) {
  peerTest({
    name: `SeaBIOS on ${vga}, behind our server: spicy, spice-gtk and our client see the screendump`,
    needs: [...QEMU, ...GTK],
    fn: () => seen(["-m", "4", "-vga", vga], (picture) => countColours(picture) > 1 && picture.height === 400),
  });
  peerTest({
    name: `memtest86+ on ${vga}, behind our server: spicy, spice-gtk and our client see the screendump`,
    needs: [...QEMU, ...GTK, "memtest86+"],
    fn: () =>
      seen(["-m", "8", "-vga", vga, "-kernel", "/boot/memtest86+x64.bin"], (picture) => countColours(picture) > 2),
  });
  peerTest({
    name:
      `GRUB on ${vga}, behind our server: spicy, spice-gtk and our client see the screendump, spice-gtk's keys arrive`,
    needs: [...QEMU, ...GTK, ...GRUB],
    fn: async () => {
      await using iso = await makeGrubIso();
      // GRUB wants the serial port that its menu names.
      const grub = ["-m", "64", "-vga", vga, "-cdrom", iso.path, "-boot", "d", "-serial", "null"];
      await seen(grub, (picture) => countColours(picture) > 1000, KEY_DOWN);
    },
  });
}

/** @param key A key that must change the picture; pressed by spice-gtk. */
async function seen(args: readonly string[], ready: (picture: Picture) => boolean, key?: number): Promise<void> {
  await using dir = await makeTempDir("server-qemu");
  const own = `${dir.path}/own`;
  const machine = new QemuMachine({ command: [...PROGRAM, ...args, "-qmp", `unix:${own},server=on,wait=off`] });
  await using server = new SpiceServer({ machine });
  const uri = await server.listen({ port: 0 });
  await using qmp = await connectQmp(own);
  await waitUntil("the machine's picture", async () => ready(await qmp.screendump()), { timeoutMs: 30_000 });
  await using gtk = await startSpiceGtk({ port: Number(new URL(uri).port) });
  await using session = await connect(uri);
  const compare = async () => {
    await qmp.execute("stop");
    const expected = await qmp.screendump();
    const same = (what: string, shot: () => Promise<Picture>) =>
      waitUntil(what, async () => pictureDifference(await shot(), expected) === null);
    await same("the picture in spice-gtk", () => gtk.shot());
    await same("the picture in our client", async () => pictureOfRgba(await session.screen.screenshot()));
    await same("the picture in spicy-screenshot", async () => (await spicyScreenshot(uri)).picture);
    await qmp.execute("cont");
    return expected;
  };
  const before = await compare();
  if (key !== undefined) {
    await gtk.key(key);
    await waitUntil("the key's effect", async () => pictureDifference(await qmp.screendump(), before) !== null);
    await compare();
  }
  assert.deepEqual(session.unsupported, []);
}
