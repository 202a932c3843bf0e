/**
 * Linux with X as QEMU's guest: real drivers behind SPICE's pointer and keyboard, in both mouse modes.
 *
 * Its files are those of this machine: the programs installed here, with Debian's kernel. So it is made in a second.
 */

import { guestKernel } from "./guest_kernel.ts";
import { packGuestTree } from "./guest_tree.ts";
import { type GuestShell, openGuestShell } from "./guest_shell.ts";
import { type Qemu, startQemu, type Vga } from "./qemu.ts";
import { makeTempDir } from "./temp_dir.ts";
import { waitUntil } from "./wait_until.ts";
import { type XDesktop, xDesktop } from "./x_desktop.ts";

/** How the guest is started. */
export interface LinuxGuestOptions {
  /** Display adapter. Its kernel driver gives X a cursor in hardware, which SPICE sends apart; on `std` X draws it. */
  readonly vga: Exclude<Vga, "cirrus">;
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
  const initrd = `${dir.path}/initrd`;
  const kernel = await guestKernel();
  await Deno.writeFile(initrd, await packGuestTree(await guestTree(await kernel.modules(MODULES))));

  const shellPath = `${dir.path}/shell`;
  const qemu = stack.use(
    await startQemu({
      vga: options.vga,
      boot: { kind: "kernel", image: kernel.image, initrd, command: KERNEL_COMMAND, readyText: "guest is ready" },
      memoryMb: 512,
      timeoutMs: 60_000,
      // -usb: somewhere to plug the tablet in.
      extraArgs: [
        ...["-chardev", `socket,id=shell,path=${shellPath},server=on,wait=off`, "-serial", "chardev:shell", "-usb"],
      ],
    }),
  );
  const shell = stack.use(await openGuestShell(shellPath));
  const desktop = xDesktop(shell);
  const wait = { timeoutMs: 20_000, everyMs: 200 };
  await waitUntil("openbox", async () => {
    return (await shell.run("xprop", ["-root", "-notype", "_NET_SUPPORTING_WM_CHECK"])).includes("# 0x");
  }, wait);
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
