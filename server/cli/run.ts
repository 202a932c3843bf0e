/** The server's command line, from its words to an exit code. */
import { readArguments } from "../../cli/arguments.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { printable } from "../../cli/printable.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { MachineEnd } from "../core/vdi.ts";
import { type ListenAddress, SpiceServer } from "../spice_server.ts";
import { describeFailure, ListenError } from "./failure.ts";
import { serveHelp } from "./help.ts";
import { placeText } from "./listen_place.ts";
import { Log } from "./log.ts";
import { chooseMachine, type MachineKind, MACHINES } from "./machines.ts";
import { readServeOptions, SERVE_OPTIONS } from "./options.ts";
import { findPasswords, makePassword, type Passwords } from "./passwords.ts";
import { removeStaleSocket } from "./stale_socket.ts";
import { type OpenPlace, welcome } from "./welcome.ts";

/**
 * Runs the command line: serves until a signal, or until the machine ends.
 *
 * @param words The words behind the name of the program.
 * @param terminal What it needs of the system.
 * @param kinds The machines that there are.
 * @returns The exit code; see `ExitCode`.
 */
export async function run(
  words: readonly string[],
  terminal: Terminal,
  kinds: readonly MachineKind[] = MACHINES,
): Promise<number> {
  const end = words.indexOf("--");
  const own = (end < 0 ? words : words.slice(0, end)).map((word) => word === "-h" ? "--help" : word);
  const command = end < 0 ? null : words.slice(end + 1);
  try {
    if (own.includes("--help")) {
      await print(terminal, `${serveHelp(kinds)}\n`);
      return ExitCode.DONE;
    }
    return await serve(own, command, terminal, kinds);
  } catch (error) {
    if (terminal.signal.aborted) return ExitCode.DONE;
    const { code, line } = describeFailure(error);
    // A QEMU that was asked for its version has told it.
    if (code === ExitCode.DONE) return code;
    const see = error instanceof UsageError ? "; see --help" : "";
    terminal.err(`error: ${printable(line)}${see}`);
    if (own.includes("--verbose")) {
      for (const text of chain(error)) terminal.err(text.split("\n").map(printable).join("\n"));
    }
    return code;
  }
}

async function serve(
  words: readonly string[],
  command: readonly string[] | null,
  terminal: Terminal,
  kinds: readonly MachineKind[],
): Promise<number> {
  const args = readArguments(words, SERVE_OPTIONS);
  const options = readServeOptions(args);
  const stdin = () => terminal.stdin();
  if (
    ["password-file", "view-only-password-file", "vnc-password-file"].filter((n) => args.text(n) === "-").length > 1
  ) {
    throw new UsageError("the standard input holds one password only");
  }
  const { kind, request } = await chooseMachine(args, command, kinds, stdin);
  const environment = terminal.env("SPICE_PASSWORD");
  const passwords = await findPasswords(args, options.places, { environment, stdin, make: makePassword });
  const log = new Log({
    level: options.logLevel,
    json: options.logJson,
    write: (line) => terminal.err(line),
    now: () => Date.now(),
  });
  await using server = new SpiceServer({
    machine: kind.make(request, log),
    maxViewers: options.maxViewers,
    imageCompression: options.imageCompression,
    jpeg: options.jpeg,
    zlibGlz: options.zlibGlz,
    ...(options.workers === null ? {} : { workers: options.workers }),
    onEvent: (event) => log.event(event),
    ...serverPasswords(passwords),
  });
  const stopped = untilAborted(terminal.signal);
  const opened = openAll(server, options.places);
  // Whoever stops us while the machine starts does not hear of what then fails.
  opened.catch(() => {});
  const places = await Promise.race([opened, stopped]);
  if (places === null) return ExitCode.DONE;
  for (const { uri } of places) log.tell("info", "listening", `listening on ${uri}`, { uri });
  const { maxViewers } = options;
  await print(terminal, `${welcome({ machine: kind.name, places, passwords, maxViewers }).join("\n")}\n`);

  const stats = options.statsSeconds === null
    ? undefined
    : setInterval(() => tellStats(server, log), 1000 * options.statsSeconds);
  try {
    const last = await Promise.race([server.ended, stopped]);
    // Ctrl-C reaches a QEMU of this terminal as well, so it may end first.
    if (last !== null && !terminal.signal.aborted) return tellEnd(last, log);
    log.tell("info", "stopping", "stopping: a signal asked for it", { signal: Number(terminal.signal.reason) - 128 });
    return ExitCode.DONE;
  } finally {
    clearInterval(stats);
    await server.stop();
    log.flush();
    log.tell("info", "stopped", "stopped");
  }
}

/**
 * Takes every place before the machine starts: a place in use costs no start.
 * @throws {ListenError} The system does not let us.
 */
async function openAll(server: SpiceServer, places: readonly ListenAddress[]): Promise<OpenPlace[]> {
  const open: OpenPlace[] = [];
  for (const place of places) open.push({ place, uri: await openOne(server, place) });
  await server.start();
  return open;
}

async function openOne(server: SpiceServer, place: ListenAddress): Promise<string> {
  try {
    return server.bind(place);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const stale = error instanceof Deno.errors.AddrInUse && "path" in place && await removeStaleSocket(place.path);
    if (!stale) throw new ListenError(placeText(place), error);
  }
  try {
    return server.bind(place);
  } catch (error) {
    throw new ListenError(placeText(place), error);
  }
}

function serverPasswords({ control, view, seconds }: Passwords) {
  return {
    ...(control === null ? {} : { password: control }),
    ...(view === null ? {} : { viewOnlyPassword: view }),
    ...(seconds === null ? {} : { ticketSeconds: seconds }),
  };
}

/** A machine that ended as it should, as a guest that was shut down, is no failure. */
function tellEnd({ code, message }: MachineEnd, log: Log): number {
  const level = code === 0 ? "info" : "error";
  log.tell(level, "machine-ended", `the machine ended: ${message}`, { code });
  return code ?? ExitCode.FAILED;
}

function tellStats(server: SpiceServer, log: Log): void {
  log.flush();
  const { viewers } = server.core;
  const { sentBytes, receivedBytes } = server.traffic;
  const { rss } = Deno.memoryUsage();
  const count = viewers.length === 1 ? "1 viewer" : `${viewers.length} viewers`;
  const text = `${count}, ${size(sentBytes)} sent, ${size(receivedBytes)} received, ${size(rss)} of memory`;
  log.tellAlways("stats", text, { viewers: viewers.length, sentBytes, receivedBytes, memoryBytes: rss });
}

/** @returns Bytes for people. */
function size(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

/** All of an error, and what caused it. */
function chain(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.stack ?? error.message, ...chain(error.cause).map((text) => `Caused by: ${text}`)];
}

async function print(terminal: Terminal, text: string): Promise<void> {
  await terminal.out(new TextEncoder().encode(text));
}
