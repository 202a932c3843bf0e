/** Recordings of QEMU with guests that use keyboard and pointer. */

import { type LinuxGuestOptions, startLinuxGuest } from "../peers/linux_guest.ts";
import { startQemu } from "../peers/qemu.ts";
import { pause } from "../peers/wait_until.ts";
import { pressButtons, pressKeys, switchLocks, walkBy, walkTo } from "./input.ts";
import { type Recorded, type Recording, recordSpiceGtk } from "./recording.ts";

/** All of them. */
export const QEMU_RECORDINGS: readonly Recording[] = [
  { name: "qemu-linux-qxl", record: () => recordLinux("qxl", "off") },
  { name: "qemu-linux-virtio", record: () => recordLinux("virtio", "auto_glz") },
  { name: "qemu-text-std", record: () => recordText() },
];

/** Letters, digits, space and enter: no combination that the window manager knows. */
const HARMLESS_KEYS = [...Array(10).keys()].map((i) => 2 + i).concat([0x10, 0x11, 0x12, 0x1e, 0x1f, 0x2c, 0x39, 0x1c]);

async function recordLinux(vga: LinuxGuestOptions["vga"], compression: string): Promise<Recorded> {
  await using guest = await startLinuxGuest({ vga, spice: `image-compression=${compression},streaming-video=off` });
  const terminal = await guest.desktop.openTerminal({ title: "terminal", geometry: "60x12+140+160" });
  const events = await guest.desktop.openEventWindow({ title: "events", geometry: "300x200+660+440" });
  return await recordSpiceGtk(guest.qemu.uri, async (gtk) => {
    await gtk.rpc.execute("mouse_mode", { mode: 1 });
    await walkBy(gtk, 300);
    await pressButtons(gtk);
    await guest.shell.run("xdotool", ["windowfocus", terminal.window]);
    await pressKeys(gtk, HARMLESS_KEYS);
    await switchLocks(gtk);

    await guest.plugTablet();
    await gtk.rpc.execute("mouse_mode", { mode: 2 });
    await pause(500);
    await walkTo(gtk, 300, { width: 1024, height: 768 });
    await pressButtons(gtk);
    await pressKeys(gtk, HARMLESS_KEYS);
    for (let i = 0; i < 20; i++) {
      await guest.shell.run("xdotool", ["windowmove", events.window, `${600 - 20 * i}`, `${400 - 10 * i}`]);
    }
    await guest.unplugTablet();
    await pause(500);
    await walkBy(gtk, 50);
    await pause(1000);
  });
}

/** SeaBIOS, then memtest86+, which never stops drawing: it is stopped. */
async function recordText(): Promise<Recorded> {
  await using qemu = await startQemu({
    vga: "std",
    boot: { kind: "memtest" },
    ticket: "throw-away",
    spice: "image-compression=lz,streaming-video=off",
  });
  return await recordSpiceGtk(qemu.uri, async (gtk) => {
    await pause(8000);
    await pressKeys(gtk, [0x3b, 0x150, 0x148, 0x01]);
    await walkBy(gtk, 30);
    await pause(4000);
    await qemu.stopStill({ stillMs: 0 });
    await pause(300);
  }, { ticket: "throw-away" });
}
