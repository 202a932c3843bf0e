/** The files of a Linux with X, to be QEMU's guest, and the way into it. */

import { guestKernel } from "./guest_kernel.ts";
import { type GuestShell, openGuestShell } from "./guest_shell.ts";
import { packGuestTree } from "./guest_tree.ts";
import { waitUntil } from "./wait_until.ts";
import { hasWindowManager, type XDesktop, xDesktop } from "./x_desktop.ts";

/** What QEMU starts, with 512 MiB of memory and two serial ports: the console, then the shell. */
export interface LinuxGuestFiles {
  readonly image: string;
  readonly initrd: string;
  /** Kernel command line. */
  readonly command: string;
  /** The first serial port says it when the shell and X are there. */
  readonly readyText: string;
  /** QEMU's arguments for the second serial port. */
  readonly shellArgs: readonly string[];
  /** Connects to the shell, which then is the caller's, and waits for the window manager. */
  open(): Promise<{ readonly shell: GuestShell; readonly desktop: XDesktop }>;
}

/**
 * Make the files (1 s; 5 s the first time, when the kernel is fetched).
 *
 * @param folder Where they go, and the shell's socket.
 * @returns What QEMU needs to run the guest.
 */
export async function makeLinuxGuestFiles(folder: string): Promise<LinuxGuestFiles> {
  const initrd = `${folder}/initrd`, shellPath = `${folder}/shell`;
  const kernel = await guestKernel();
  await Deno.writeFile(initrd, await packGuestTree(await guestTree(await kernel.modules(MODULES))));
  return {
    image: kernel.image,
    initrd,
    command: KERNEL_COMMAND,
    readyText: "guest is ready",
    shellArgs: ["-chardev", `socket,id=shell,path=${shellPath},server=on,wait=off`, "-serial", "chardev:shell"],
    open: async () => {
      await using stack = new AsyncDisposableStack();
      const shell = stack.use(await openGuestShell(shellPath));
      await waitUntil("openbox", () => hasWindowManager(shell.run), { timeoutMs: 20_000, everyMs: 200 });
      stack.move();
      return { shell, desktop: xDesktop(shell) };
    },
  };
}

/** Display, USB and pointer drivers. */
const MODULES = ["virtio_pci", "virtio_gpu", "qxl", "bochs", "uhci_hcd", "usbhid", "hid_generic", "psmouse", "evdev"];

/** Emulation needs no guards against flaws of real processors. */
const KERNEL_COMMAND = "console=ttyS0 quiet mitigations=off nokaslr";

async function guestTree(modules: readonly string[]) {
  const made: Record<string, string | Uint8Array> = {
    "/init": await Deno.readTextFile(new URL("./guest_init.sh", import.meta.url)),
    "/modules/order": modules.map((_, i) => `/modules/${i}.ko\n`).join(""),
    "/etc/xorg.conf": XORG_CONFIG,
    "/etc/passwd": "root:x:0:0:root:/tmp:/bin/sh\n",
    "/etc/group": "root:x:0:\ninput:x:1:\nvideo:x:2:\ntty:x:5:\n",
  };
  for (const [i, path] of modules.entries()) made[`/modules/${i}.ko`] = await Deno.readFile(path);
  const x = ["Xorg", "modules/drivers/modesetting_drv.so", "modules/input/libinput_drv.so", "modules/libshadow.so"];
  const programs = [
    "udevadm",
    "xkbcomp",
    "openbox",
    "xterm",
    "xdotool",
    "xwininfo",
    "xprop",
    "xev",
    "setxkbmap",
    "xset",
    "xrandr",
    "xsetroot",
  ];
  const rules = ["50-udev-default", "60-input-id"];
  return {
    programs: [
      "/bin/busybox",
      ...programs.map((name) => `/usr/bin/${name}`),
      ...x.map((name) => `/usr/lib/xorg/${name}`),
      ...["/usr/bin/stdbuf", "/usr/libexec/coreutils/libstdbuf.so"],
    ],
    data: [
      ...["/usr/share/X11/xkb", "/usr/share/X11/locale", "/usr/lib/locale/C.utf8", "/usr/share/libinput"],
      ...["/etc/xdg/openbox", "/usr/share/themes/Clearlooks/openbox-3"],
      "/usr/share/X11/xorg.conf.d/40-libinput.conf",
      ...["/etc/fonts", "/usr/share/fonts/truetype/dejavu"],
      ...rules.map((name) => `/usr/lib/udev/rules.d/${name}.rules`),
    ],
    made,
    links: { "/bin/sh": "busybox", "/lib/systemd/systemd-udevd": "/usr/bin/udevadm" },
    folders: ["/proc", "/sys", "/tmp/.X11-unix", "/run", "/var/log", "/var/lib/xkb"],
  };
}

/** Without 3D: the libraries for it are as large as all the rest. */
const XORG_CONFIG = `Section "Device"
  Identifier "device"
  Driver "modesetting"
  Option "AccelMethod" "none"
EndSection
Section "Monitor"
  Identifier "monitor"
  Option "PreferredMode" "1024x768"
EndSection
Section "Screen"
  Identifier "screen"
  Device "device"
  Monitor "monitor"
  DefaultDepth 24
EndSection
`;
