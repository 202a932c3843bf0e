/** The machines that the command line knows, and what it takes to make one. */
import type { Arguments } from "../../cli/arguments.ts";
import { readPasswordFile } from "../../cli/password_file.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { parseChoice } from "../../cli/values.ts";
import type { Machine } from "../core/vdi.ts";
import { DemoMachine, MOST_DEMO_HEADS } from "../machines/demo/demo_machine.ts";
import { HEAD_LIMITS } from "../machines/demo/desktop.ts";
import { QemuMachine } from "../machines/qemu/qemu_machine.ts";
import { RfbMachine } from "../machines/rfb/rfb_machine.ts";
import { parseAttachPlaces } from "./attach_places.ts";
import type { Log } from "./log.ts";
import { parseVncTarget } from "./vnc_target.ts";

/** What was asked for. */
export interface MachineRequest {
  /** Screens; `null` where nothing was said. */
  readonly heads: number | null;
  /** Pixels of each screen; `null` where nothing was said. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** The argument: where another server is, or a file. */
  readonly target: string | null;
  /** What stands behind `--`. */
  readonly command: readonly string[] | null;
  /** The value of --attach. */
  readonly attach: string | null;
  /** Password of the VNC server. */
  readonly vncPassword: string | null;
}

/** A machine of the command line. */
export interface MachineKind {
  readonly name: string;
  /** One line of help. */
  readonly about: string;
  /** Options that only this kind or few kinds have, of those in `SPECIAL`. */
  readonly options: readonly string[];
  /** What its argument is called; absent when it takes none. */
  readonly target?: string;
  /** True when a command behind `--` belongs to it. */
  readonly command?: true;
  /**
   * Makes it, without starting anything. Absent for what this version cannot do.
   * @throws {UsageError} The command line is wrong.
   */
  readonly make?: (request: MachineRequest, log: Log) => Machine;
}

/** Options that not every machine has. */
const SPECIAL = ["heads", "size", "attach", "vnc-password-file"] as const;

/** All machines, in the order of the help. */
export const MACHINES: readonly MachineKind[] = [
  {
    name: "demo",
    about: "a small desktop, to try things out",
    options: ["heads", "size"],
    make: ({ heads, size }) => new DemoMachine({ ...(heads === null ? {} : { heads }), ...size }),
  },
  {
    name: "qemu",
    about: "a QEMU: the command behind --, or one that runs (--attach)",
    options: ["attach", "vnc-password-file"],
    command: true,
    make: makeQemu,
  },
  {
    name: "rfb",
    about: "any VNC server: vnc://HOST:PORT or vnc+unix:///PATH",
    options: ["vnc-password-file"],
    target: "vnc://HOST:PORT",
    make: ({ target, vncPassword }, log) =>
      new RfbMachine({
        address: parseVncTarget(target!),
        ...(vncPassword === null ? {} : { password: vncPassword }),
        log: (line) => log.tell("warning", "machine", line),
      }),
  },
  { name: "replay", about: "a recorded session", options: [], target: "FILE" },
  { name: "relay", about: "another SPICE server", options: [], target: "spice://HOST:PORT" },
];

/** A kind of machine and what was asked of it. */
export interface ChosenMachine {
  readonly kind: MachineKind & Required<Pick<MachineKind, "make">>;
  readonly request: MachineRequest;
}

/**
 * Chooses the machine.
 *
 * @param args The command line, up to `--`.
 * @param command What stands behind `--`; `null` where there is none.
 * @param kinds The machines that there are.
 * @param stdin Reads the standard input to its end.
 * @returns The machine's kind, and the request for its `make`.
 * @throws {UsageError} The command line is wrong, or asks for what this version cannot do.
 * @throws {FileError} The password file cannot be read.
 */
export async function chooseMachine(
  args: Arguments,
  command: readonly string[] | null,
  kinds: readonly MachineKind[],
  stdin: () => Promise<Uint8Array>,
): Promise<ChosenMachine> {
  const wraps = command !== null || args.text("attach") !== undefined;
  const name = args.read("machine", (what, text) => parseChoice(what, text, kinds.map(({ name }) => name))) ??
    (wraps ? "qemu" : "demo");
  const kind = kinds.find((kind) => kind.name === name);
  if (kind?.make === undefined) throw new UsageError(`the ${name} machine does not come with this version`);
  for (const option of SPECIAL) {
    if (args.text(option) === undefined || kind.options.includes(option)) continue;
    const able = kinds.filter(({ options }) => options.includes(option)).map(({ name }) => name);
    throw new UsageError(`--${option} is for ${able.join(" and ")}, not for ${name}`);
  }
  const request = {
    heads: args.integer("heads", 1, MOST_DEMO_HEADS) ?? null,
    size: args.read("size", parseSize) ?? null,
    command: checkCommand(kind, command, args.text("attach") !== undefined),
    target: checkTarget(kind, args.positionals),
    attach: args.text("attach") ?? null,
    vncPassword: await readVncPassword(args, stdin),
  };
  return { kind: { ...kind, make: kind.make }, request };
}

/** @returns `WxH` as numbers. */
export function parseSize(what: string, text: string): { width: number; height: number } {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(text) ?? [];
  const { minWidth, minHeight, maxWidth, maxHeight } = HEAD_LIMITS;
  const size = { width: Number(width), height: Number(height) };
  const fits = size.width >= minWidth && size.width <= maxWidth && size.height >= minHeight && size.height <= maxHeight;
  if (fits) return size;
  const range = `${minWidth}x${minHeight} to ${maxWidth}x${maxHeight}`;
  throw new UsageError(`${what}: want WIDTHxHEIGHT, from ${range}, as 1024x768, not "${text}"`);
}

function makeQemu({ command, attach, vncPassword }: MachineRequest, log: Log): Machine {
  const told = { log: (line: string) => log.tell("warning", "machine", line) };
  if (attach !== null) {
    const places = parseAttachPlaces("--attach", attach);
    return new QemuMachine({
      attach: { ...places, ...(vncPassword === null ? {} : { password: vncPassword }) },
      ...told,
    });
  }
  if (vncPassword !== null) throw new UsageError("--vnc-password-file is for --attach: we start QEMU without one");
  return new QemuMachine({ command: command!, onOutput: byLine((line) => log.tell("warning", "qemu", line)), ...told });
}

/** Makes lines of text that comes in pieces; a last line without an end is told with the next. */
function byLine(tell: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    // A guest's serial port can be among it, and need not end its lines.
    if (rest.length > 4096) lines.push(rest), rest = "";
    for (const line of lines) if (line !== "") tell(`qemu: ${line}`);
  };
}

function checkTarget({ name, target }: MachineKind, positionals: readonly string[]): string | null {
  const [first, second] = positionals;
  if (target === undefined && first !== undefined) {
    const hint = /qemu/.test(first)
      ? "a command goes behind --"
      : first.startsWith("vnc")
      ? "want --machine rfb"
      : `${name} takes none`;
    throw new UsageError(`"${shownTarget(first)}" is one argument too many (${hint})`);
  }
  if (target !== undefined && first === undefined) throw new UsageError(`--machine ${name} wants ${target}`);
  if (second !== undefined) throw new UsageError(`"${shownTarget(second)}" is one argument too many`);
  return first ?? null;
}

/** A password can be in a URI. */
function shownTarget(text: string): string {
  return text.replace(/^([a-z+]+:\/\/)[^/]*@/i, "$1…@");
}

function checkCommand(
  kind: MachineKind,
  command: readonly string[] | null,
  attached: boolean,
): readonly string[] | null {
  if (kind.command !== true) {
    if (command !== null) throw new UsageError(`--machine ${kind.name} takes no command behind --`);
    return null;
  }
  if (command !== null && attached) throw new UsageError("give --attach or a command behind --, not both");
  if (attached) return null;
  if (command !== null && command.length > 0) return command;
  throw new UsageError(`--machine ${kind.name} wants a command, as -- qemu-system-x86_64 …, or --attach`);
}

async function readVncPassword(args: Arguments, stdin: () => Promise<Uint8Array>): Promise<string | null> {
  const file = args.text("vnc-password-file");
  return file === undefined ? null : await readPasswordFile(file, stdin);
}
