/** Linux on a text console of 1920 × 1080 that paints when it is told to and says when it has: for measuring servers. */

import { guestKernel } from "./guest_kernel.ts";
import { packGuestTree } from "./guest_tree.ts";
import { waitUntil } from "./wait_until.ts";

/** Files and arguments of a guest; one serves for many machines, one after the other. */
export interface PaintingGuest {
  /** Arguments for QEMU: adapter, memory, kernel, first file system, and the serial port at {@linkcode socketPath}. */
  readonly args: readonly string[];
  /** Where the guest takes its orders, as soon as QEMU runs. */
  readonly socketPath: string;
}

/** A guest that runs. Disposing closes the line to it. */
export interface Painter extends Disposable {
  /**
   * Paint.
   *
   * @param order `type TEXT`: at the console's cursor; `line TEXT`: the same and a new line, so that all scrolls up once
   * the screen is full; `frame N`: the whole screen from a picture.
   * @returns When the guest began and when it had finished, in milliseconds of `performance.now()`.
   */
  paint(order: string): Promise<{ readonly beganMs: number; readonly endedMs: number }>;
}

/** Pixels of its screen. */
export const PAINTING_SIZE = { width: 1920, height: 1080 } as const;

/** Characters of its console. */
export const PAINTING_CELLS = { columns: 240, rows: 67 } as const;

/** How many pictures it has for `frame`. */
export const PAINTING_FRAMES = 3;

/** Debian packages that it is made of. */
export const PAINTING_GUEST = ["qemu-system-x86", "qemu-system-common", "busybox-static"] as const;

/**
 * Make a guest (5 s the first time, when the kernel is fetched).
 *
 * @param folder Where its files go.
 * @param makeFrame Fills a picture: 0x00RRGGBB, rows from the top.
 */
export async function makePaintingGuest(
  folder: string,
  makeFrame: (pixels: Uint32Array, number: number) => void,
): Promise<PaintingGuest> {
  const kernel = await guestKernel();
  const made: Record<string, string | Uint8Array> = { "/init": INIT };
  for (let number = 0; number < PAINTING_FRAMES; number++) {
    const pixels = new Uint32Array(PAINTING_SIZE.width * PAINTING_SIZE.height);
    makeFrame(pixels, number);
    made[`/frames/${number}`] = new Uint8Array(pixels.buffer);
  }
  const tree = await packGuestTree({
    programs: ["/bin/busybox"],
    data: [],
    made,
    links: { "/bin/sh": "busybox" },
    folders: ["/proc", "/sys"],
  });
  const initrd = `${folder}/initrd`, socketPath = `${folder}/orders`;
  await Deno.writeFile(initrd, tree);
  return {
    socketPath,
    args: [
      ...["-accel", "tcg", "-m", "256", "-vga", "std", "-kernel", kernel.image, "-initrd", initrd],
      // 0x391: 1920 × 1080 with 32 bits, of SeaVGABIOS. The console writes into the adapter's memory itself.
      ...["-append", "vga=0x391 quiet mitigations=off nokaslr vt.global_cursor_default=0 consoleblank=0"],
      ...["-chardev", `socket,id=orders,path=${socketPath},server=on,wait=off`, "-serial", "chardev:orders"],
    ],
  };
}

/**
 * Wait until the guest has started, and have its ear.
 *
 * @throws {Error} When it is not ready in time.
 */
export async function openPainter({ socketPath }: PaintingGuest): Promise<Painter> {
  const wait = { timeoutMs: 60_000 };
  const conn = await waitUntil("the guest's line", async () => {
    return await Deno.connect({ transport: "unix", path: socketPath }).catch(() => undefined);
  }, wait);
  /** What it said, with the time. */
  const said: { readonly byte: number; readonly atMs: number }[] = [];
  const waiting = { told: () => {} };
  void (async () => {
    const buffer = new Uint8Array(256);
    for (let n = await read(conn, buffer); n !== null; n = await read(conn, buffer)) {
      const atMs = performance.now();
      for (const byte of buffer.subarray(0, n)) said.push({ byte, atMs });
      waiting.told();
    }
  })();
  const next = async (letter: string): Promise<number> => {
    for (;;) {
      const found = said.shift();
      if (found !== undefined && found.byte === letter.charCodeAt(0)) return found.atMs;
      if (found === undefined) await new Promise<void>((done) => waiting.told = done);
    }
  };
  // Who connects late did not hear it say that it is ready: so it is asked until it answers.
  await waitUntil("the guest", async () => {
    await conn.write(new TextEncoder().encode("hello\n"));
    return said.some(({ byte }) => byte === "E".charCodeAt(0));
  }, { ...wait, everyMs: 200 });
  await new Promise((done) => setTimeout(done, 500));
  said.length = 0;
  return {
    paint: async (order) => {
      await conn.write(new TextEncoder().encode(`${order}\n`));
      return { beganMs: await next("B"), endedMs: await next("E") };
    },
    [Symbol.dispose]: () => conn.close(),
  };
}

async function read(conn: Deno.Conn, buffer: Uint8Array): Promise<number | null> {
  return await conn.read(buffer).catch(() => null);
}

/** The first process. */
const INIT = `#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
stty -F /dev/ttyS0 raw -echo
exec 3<>/dev/ttyS0 4>/dev/tty1
printf '\\033[2J\\033[H' >&4
while read -r what text <&3; do
  printf B >&3
  case $what in
    type) printf '%s' "$text" >&4 ;;
    line) printf '%s\\n' "$text" >&4 ;;
    frame) dd if=/frames/$text of=/dev/fb0 bs=8M 2>/dev/null ;;
    clear) printf '\\033[2J\\033[H' >&4 ;;
  esac
  printf E >&3
done
`;
