/** Linux that writes every event of its input devices on the serial console: what a keyboard or pointer really did. */

import { guestKernel } from "./guest_kernel.ts";
import { packGuestTree } from "./guest_tree.ts";

/** Files and arguments of a guest. */
export interface InputGuest {
  /** Arguments for QEMU: kernel, first file system, serial port. Memory of 256 MiB is enough. */
  readonly args: readonly string[];
  /** @returns What the guest has written, console messages included. */
  serial(): Promise<string>;
  /** @returns Events so far, SYN ones left out. */
  events(): Promise<InputGuestEvent[]>;
}

/** An event. Source: linux/input.h input_event, linux/input-event-codes.h. */
export interface InputGuestEvent {
  /** Number of the device, as in `/dev/input/event3`. */
  readonly device: number;
  /** Its name, as `AT Translated Set 2 keyboard`. */
  readonly name: string;
  /** 1 key or button, 2 step, 3 place, 4 scancode, 17 LED. */
  readonly type: number;
  readonly code: number;
  readonly value: number;
}

/** Debian packages that it is made of, for `peerTest`. */
export const INPUT_GUEST = ["qemu-system-x86", "qemu-system-common", "busybox-static"] as const;

/**
 * Make a guest (5 s the first time, when the kernel is fetched).
 *
 * @param folder Where its files go.
 * @param more Modules beside those for PS/2 and USB, as `virtio_input`.
 * @returns What QEMU needs to run it.
 */
export async function makeInputGuest(folder: string, more: readonly string[] = []): Promise<InputGuest> {
  const kernel = await guestKernel();
  const modules = await kernel.modules(["uhci_hcd", "usbhid", "hid_generic", "psmouse", "evdev", ...more]);
  const made: Record<string, string | Uint8Array> = { "/init": INIT };
  made["/modules/order"] = modules.map((_, i) => `/modules/${i}.ko\n`).join("");
  for (const [i, path] of modules.entries()) made[`/modules/${i}.ko`] = await Deno.readFile(path);
  const tree = await packGuestTree({
    programs: ["/bin/busybox"],
    data: [],
    made,
    links: { "/bin/sh": "busybox" },
    folders: ["/proc", "/sys"],
  });
  const initrd = `${folder}/initrd`, path = `${folder}/serial`;
  await Deno.writeFile(initrd, tree);
  const serial = () => Deno.readTextFile(path);
  return {
    args: [
      ...["-kernel", kernel.image, "-initrd", initrd, "-append", "console=ttyS0 quiet mitigations=off nokaslr"],
      ...["-serial", `file:${path}`],
    ],
    serial,
    events: async () => {
      const found: InputGuestEvent[] = [];
      for (const [, device, name, hex] of (await serial()).matchAll(/^E (\d+) (.*) ([0-9a-f]{48})\r?$/gm)) {
        const view = new DataView(Uint8Array.fromHex(hex!).buffer);
        const [type, code, value] = [view.getUint16(16, true), view.getUint16(18, true), view.getInt32(20, true)];
        if (type !== 0) found.push({ device: Number(device), name: name!, type, code, value });
      }
      return found;
    },
  };
}

/** The first process. Devices are looked for again and again: they may be plugged in later. */
const INIT = `#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "$module"; done </modules/order
watch_device() {
  name=$(cat /sys/class/input/event$1/device/name)
  exec </dev/input/event$1
  # It is read from here on.
  echo "device $1 $name"
  # hexdump alone would keep what it has until it is much. One read takes all events that there are.
  while dd bs=2400 count=1 2>/dev/null | hexdump -v -e '24/1 "%02x" "\\n"' >/run-$1.hex; do
    [ -s /run-$1.hex ] || break
    while read -r hex; do echo "E $1 $name $hex"; done </run-$1.hex
  done
}
while :; do
  for path in /dev/input/event*; do
    number=\${path#/dev/input/event}
    [ -e "$path" ] || continue
    [ -e /run-$number ] && kill -0 $(cat /run-$number) 2>/dev/null && continue
    watch_device $number &
    echo $! >/run-$number
  done
  sleep 0.1
done >/dev/console
`;
