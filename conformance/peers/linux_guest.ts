/**
 * Linux with X as QEMU's guest: real drivers behind SPICE's pointer and keyboard, in both mouse modes.
 *
 * Its files are those of this machine: the programs installed here, with Debian's kernel. So it is made in a second.
 */

import type { GuestShell } from "./guest_shell.ts";
import { makeLinuxGuestFiles } from "./linux_guest_files.ts";
import { type Qemu, startQemu, type Vga } from "./qemu.ts";
import { makeTempDir } from "./temp_dir.ts";
import { waitUntil } from "./wait_until.ts";
import type { XDesktop } from "./x_desktop.ts";

/** How the guest is started. */
export interface LinuxGuestOptions {
  /** Display adapter. Its kernel driver gives X a cursor in hardware, which SPICE sends apart; on `std` X draws it. */
  readonly vga: Exclude<Vga, "cirrus">;
  /** More of `-spice`, as `image-compression=off`. */
  readonly spice?: string;
}

/** A running guest with X, openbox, a us keyboard and a PS/2 mouse (server mouse mode). Disposing ends it. */
export interface LinuxGuest extends AsyncDisposable {
  /** The machine. */
  readonly qemu: Qemu;
  /** Its X desktop of 1024×768. */
  readonly desktop: XDesktop;
  /** Runs commands in it. */
  readonly shell: GuestShell;
  /** Milliseconds from the start of QEMU until X and the window manager were ready. */
  readonly startMs: number;
  /** Plug a USB tablet in, once: the mouse mode becomes client mode. Resolves when X has it. */
  plugTablet(): Promise<void>;
  /** Take that tablet off: the mouse mode becomes server mode. */
  unplugTablet(): Promise<void>;
}

/** Debian packages that a guest is made of, for `peerTest`. */
export const LINUX_GUEST = [
  ...["qemu-system-x86", "qemu-system-common", "busybox-static", "udev"],
  ...["xserver-xorg-core", "xserver-xorg-input-libinput", "xkb-data", "x11-xkb-utils", "x11-xserver-utils"],
  ...["x11-utils", "xdotool", "xterm", "openbox", "fonts-dejavu-core"],
] as const;

/**
 * Make a guest (1 s; 5 s the first time, when the kernel is fetched) and start it (7 to 10 s).
 *
 * @param options Display adapter.
 * @returns The guest. Own it with `await using`.
 * @throws {Error} With what it said when it is not ready in time.
 */
export async function startLinuxGuest(options: LinuxGuestOptions): Promise<LinuxGuest> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("guest"));
  const { image, initrd, command, readyText, shellArgs, open } = await makeLinuxGuestFiles(dir.path);
  const qemu = stack.use(
    await startQemu({
      vga: options.vga,
      ...(options.spice !== undefined && { spice: options.spice }),
      boot: { kind: "kernel", image, initrd, command, readyText },
      memoryMb: 512,
      timeoutMs: 60_000,
      // -usb: somewhere to plug the tablet in.
      extraArgs: [...shellArgs, "-usb"],
    }),
  );
  const { shell, desktop } = await open();
  stack.use(shell);
  const wait = { timeoutMs: 20_000, everyMs: 200 };
  const tablets = async () => (await shell.readText("/var/log/xorg")).split("Tablet: is tagged by udev").length;

  const owned = stack.move();
  return {
    qemu,
    desktop,
    shell,
    startMs: qemu.startMs,
    plugTablet: async () => {
      const before = await tablets();
      await qemu.qmp.execute("device_add", { driver: "usb-tablet", id: TABLET });
      await waitUntil("the tablet in X", async () => await tablets() > before, wait);
    },
    unplugTablet: async () => {
      await qemu.qmp.execute("device_del", { id: TABLET });
      await qemu.qmp.event("DEVICE_DELETED");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** QEMU's name for the tablet. */
const TABLET = "tablet";
