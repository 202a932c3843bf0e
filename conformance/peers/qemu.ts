/** QEMU with its own SPICE server, on loopback or a unix socket, under software emulation. */

import { freePort } from "./free_port.ts";
import { type Picture, pictureDifference } from "./picture.ts";
import { type PeerProcess, startProcess } from "./process.ts";
import { connectQmp, type Qmp } from "./qmp.ts";
import { makeTempDir } from "./temp_dir.ts";
import { pause, type WaitOptions, waitUntil } from "./wait_until.ts";

/** Display adapter, as in `-vga`. */
export type Vga = "qxl" | "std" | "virtio" | "cirrus";

/**
 * What the machine runs.
 *
 * - `none`: nothing; SeaBIOS writes that it found no bootable device.
 * - `memtest`: memtest86+, which shows its start screen for some seconds, then never stops drawing.
 * - `iso`: a CD. When `readyText` is given, the start is over once the serial port has shown it.
 * - `kernel`: a Linux kernel with its first file system; the start is over once the serial port has shown `readyText`.
 */
export type Boot =
  | { readonly kind: "none" }
  | { readonly kind: "memtest" }
  | { readonly kind: "iso"; readonly path: string; readonly readyText?: string }
  | {
    readonly kind: "kernel";
    readonly image: string;
    readonly initrd: string;
    readonly command: string;
    readonly readyText: string;
  };

/** How a machine is started. */
export interface QemuOptions {
  /** Display adapter. `none` adds none: give devices in `extraArgs`. */
  readonly vga: Vga | "none";
  /** What it runs. */
  readonly boot: Boot;
  /** Ticket clients must know; without one they need none. */
  readonly ticket?: string;
  /** Let the ticket expire before the start is over. */
  readonly ticketExpired?: boolean;
  /** Port to listen on. Default: one that is free. */
  readonly port?: number;
  /** Listen on a unix socket instead of a port. */
  readonly unix?: boolean;
  /** Listen for TLS, and not for plain SPICE: folder with ca-cert.pem, server-cert.pem and server-key.pem. */
  readonly tlsDir?: string;
  /** More of `-spice`, as `image-compression=off`. */
  readonly spice?: string;
  /** Add a USB tablet, so that the mouse can be absolute (client mode). */
  readonly tablet?: boolean;
  /** Memory in MiB, 64 by default; SeaBIOS and memtest86+ run in 4. */
  readonly memoryMb?: number;
  /** Variables added to the environment, as `SASL_CONF_PATH`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The name that the machine's host has for QEMU, in a namespace of its own; needs root. */
  readonly hostName?: string;
  /** More arguments. */
  readonly extraArgs?: readonly string[];
  /** Time limit of the start in milliseconds, 20000 by default. */
  readonly timeoutMs?: number;
}

/** A machine that runs and shows what it was told to. Disposing ends it. */
export interface Qemu extends AsyncDisposable {
  /** `spice://127.0.0.1:PORT`, `spice+unix:///PATH` or `spice+tls://127.0.0.1:PORT`. */
  readonly uri: string;
  /** Port of plain or TLS SPICE; 0 on a unix socket. */
  readonly port: number;
  /** Path of the SPICE socket, with `unix`. */
  readonly socketPath: string | null;
  /** Its control connection. */
  readonly qmp: Qmp;
  /** The process, for its output. */
  readonly process: PeerProcess;
  /** Milliseconds from the start of the process until the machine showed what it runs. */
  readonly startMs: number;
  /** The pixels that QEMU's own display code holds. */
  screendump(): Promise<Picture>;
  /**
   * Stop the machine at a moment when its picture has been still for a while, so that the SPICE server has drawn all
   * that the screendump shows.
   *
   * @returns The picture while stopped.
   */
  stopStill(options?: WaitOptions & { readonly stillMs?: number }): Promise<Picture>;
  /** Let the machine run on. */
  cont(): Promise<void>;
  /** All that the machine wrote to its first serial port, terminal escapes removed. */
  serial(): Promise<string>;
  /** Wait until the serial port has shown a text, at or after character `from` of {@linkcode serial}. */
  waitSerial(text: string, options?: WaitOptions & { readonly from?: number }): Promise<void>;
  /** Wait until a screendump satisfies a test, and return it. */
  waitScreen(what: string, test: (picture: Picture) => boolean, options?: WaitOptions): Promise<Picture>;
  /** Replace the ticket, as an administrator would. */
  setTicket(ticket: string): Promise<void>;
  /** Let the ticket expire: `now`, `never`, or `+N` seconds from now. */
  expireTicket(time: string): Promise<void>;
}

/**
 * Start a machine and wait until it shows what it runs.
 *
 * @param options Adapter, boot, SPICE's authentication and transport.
 * @returns The machine. Own it with `await using`.
 * @throws {Error} With QEMU's output when it ends or does not show it in time.
 */
export async function startQemu(options: QemuOptions): Promise<Qemu> {
  // Between freePort() and QEMU's bind another process can take the port: then try the next.
  for (let tries = 1;; tries++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (tries === 3 || !String(error).includes("failed to initialize spice server")) throw error;
    }
  }
}

async function startOnce(options: QemuOptions): Promise<Qemu> {
  const start = performance.now();
  const timeoutMs = options.timeoutMs ?? 20_000;
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("qemu"));
  const port = options.unix ? 0 : options.port ?? freePort();
  const socketPath = options.unix ? `${dir.path}/spice` : null;
  const command = ["qemu-system-x86_64", ...qemuArgs(options, dir.path, port)];
  const { hostName, env = {} } = options;
  const inNamespace = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', hostName ?? ""];
  const [program, ...args] = hostName === undefined ? command : [...inNamespace, ...command];
  const process = stack.use(startProcess(program!, args, { env }));

  const qmp = stack.use(
    await waitUntil(`QMP of QEMU (${process.output()})`, () => {
      process.mustRun();
      return connectQmp(`${dir.path}/qmp`).catch(() => undefined);
    }, { timeoutMs }),
  );

  const readText = (name: string) => Deno.readTextFile(`${dir.path}/${name}`);
  const serial = async () => withoutEscapes(await readText("serial"));
  const qemu: Qemu = {
    uri: socketPath !== null
      ? `spice+unix://${socketPath}`
      : `spice${options.tlsDir === undefined ? "" : "+tls"}://127.0.0.1:${port}`,
    port,
    socketPath,
    qmp,
    process,
    startMs: 0,
    screendump: () => qmp.screendump(),
    stopStill: (wait) => stopStill(qmp, wait),
    cont: () => qmp.cont(),
    serial,
    waitSerial: async (text, wait = {}) => {
      const seen = async () => (await serial()).includes(text, wait.from ?? 0);
      await waitUntil(`"${text}" on the serial port`, seen, wait);
    },
    waitScreen: (what, test, wait) =>
      waitUntil(what, async () => {
        const picture = await qmp.screendump();
        return test(picture) ? picture : undefined;
      }, wait),
    setTicket: async (password) => void await qmp.execute("set_password", { protocol: "spice", password }),
    expireTicket: async (time) => void await qmp.execute("expire_password", { protocol: "spice", time }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  if (options.ticketExpired) await qemu.expireTicket("now");
  const { boot } = options;
  if (boot.kind === "none") {
    const seen = async () => (await readText("debug")).includes("No bootable device.");
    await waitUntil("SeaBIOS finding no bootable device", seen, { timeoutMs });
  } else if (boot.kind === "memtest") await qemu.waitScreen("memtest86+", isMostlyBlue, { timeoutMs });
  else if (boot.readyText !== undefined) await qemu.waitSerial(boot.readyText, { timeoutMs });

  const owned = stack.move();
  return Object.assign(qemu, { startMs: performance.now() - start });
}

function qemuArgs(options: QemuOptions, dir: string, port: number): string[] {
  const { boot } = options;
  const spice = options.unix
    ? [`unix=on,addr=${dir}/spice`]
    : options.tlsDir !== undefined
    ? [`addr=127.0.0.1,tls-port=${port},x509-dir=${options.tlsDir}`]
    : [`addr=127.0.0.1,port=${port}`];
  spice.push(options.ticket === undefined ? "disable-ticketing=on" : "password-secret=ticket");
  if (options.spice !== undefined) spice.push(options.spice);
  return [
    ...["-nodefaults", "-no-user-config", "-accel", "tcg", "-display", "none", "-m", `${options.memoryMb ?? 64}`],
    ...["-vga", options.vga, "-qmp", `unix:${dir}/qmp,server=on,wait=off`, "-serial", `file:${dir}/serial`],
    // SeaBIOS tells what it does on this port.
    ...["-chardev", `file,id=debug,path=${dir}/debug`, "-device", "isa-debugcon,iobase=0x402,chardev=debug"],
    ...(options.ticket === undefined
      ? []
      : ["-object", `secret,id=ticket,data=${options.ticket.replaceAll(",", ",,")}`]),
    ...["-spice", spice.join(",")],
    ...(options.tablet ? ["-usb", "-device", "usb-tablet"] : []),
    ...(boot.kind === "memtest" ? ["-kernel", "/boot/memtest86+x64.bin"] : []),
    ...(boot.kind === "iso" ? ["-cdrom", boot.path, "-boot", "d"] : []),
    ...(boot.kind === "kernel" ? ["-kernel", boot.image, "-initrd", boot.initrd, "-append", boot.command] : []),
    ...(options.extraArgs ?? []),
  ];
}

async function stopStill(qmp: Qmp, options: WaitOptions & { readonly stillMs?: number } = {}): Promise<Picture> {
  return await waitUntil("a still picture", async () => {
    const before = await qmp.screendump();
    // QEMU hands changes to the SPICE server every 30 ms while the machine runs.
    await pause(options.stillMs ?? 150);
    await qmp.stop();
    const after = await qmp.screendump();
    if (pictureDifference(before, after) === null) return after;
    await qmp.cont();
    return undefined;
  }, options);
}

/** memtest86+ is white on 0000a8. */
function isMostlyBlue(picture: Picture): boolean {
  let blue = 0;
  for (const pixel of picture.pixels) if (pixel === 0x0000a8) blue++;
  return blue * 2 > picture.pixels.length;
}

/** What a terminal would show, roughly: the text without cursor movements and colours. */
function withoutEscapes(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
}
