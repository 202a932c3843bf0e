/** `conformance record`: a proxy that keeps what passes. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import {
  CommonCap,
  DisplayCap,
  InputsCap,
  MainCap,
  PlaybackCap,
  RecordCap,
  SpicevmcCap,
} from "../../protocol/capabilities.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { type Enumeration, metaOf } from "../../protocol/schema/enumeration.ts";
import type { Channel } from "../../protocol/schema/message.ts";
import { captureName, isArchive, packFolder } from "../capture_files.ts";
import type { Clearing } from "../cleared.ts";
import { checkPlain, type RecordedConnection, startRecorder } from "../recorder.ts";
import type { Command, CommandWorld } from "../../cli/command.ts";

/** See {@link Command}. */
export const record: Command = {
  name: "record",
  summary: "Stand between clients and a server, and keep every byte",
  usage: "--listen HOST:PORT --to <target> [--without CAPS] <out>",
  details: [
    "The target is spice://HOST:PORT or spice+unix:///PATH, without TLS: what is encrypted cannot be read. <out> is a folder",
    "or a .tar.gz that is not there yet. What passes is written at once; an archive is packed at the end, from a folder",
    "beside it. Ctrl-C ends the recording. A session is a client that was let in, with all its channels; one that is",
    "refused, as with a wrong password, does not count.",
    "Passwords are encrypted in a recording, but keys typed in a session are not.",
    "With --without, capabilities are taken out of the link messages of both sides, so that two peers do without what both",
    "can do: common.MINI_HEADER gives full headers. The recording tells what was taken out.",
  ],
  examples: [
    "record --listen 127.0.0.1:5931 --to spice://127.0.0.1:5930 boot",
    "record --listen 127.0.0.1:5931 --to spice+unix:///run/vm1.spice --sessions 1 boot.tar.gz",
  ],
  options: [
    { name: "listen", value: "HOST:PORT", about: "where clients connect; port 0 is any free one" },
    { name: "to", value: "URI", about: "the server" },
    { name: "without", value: "SET.CAP,…", about: "capabilities to take out, as common.MINI_HEADER,display.COMPOSITE" },
    { name: "sessions", value: "N", about: "end when N sessions are over (default: at Ctrl-C)" },
  ],
  takes: [1, 1],
  prepare(args) {
    const listen = args.read("listen", parseListen), to = args.text("to"), out = args.positionals[0]!;
    if (listen === undefined || to === undefined) throw new UsageError(`record wants ${this.usage}`);
    const without = args.read("without", parseCaps) ?? [];
    const sessions = args.integer("sessions", 1, 1_000_000) ?? Infinity;
    checkPlain(to);
    return async (world) => {
      const folder = makeFolder(out);
      const count = await recordUntil(world, { ...listen, to, folder, without, sessions });
      if (count === 0) {
        for (const path of new Set([folder, out])) await Deno.remove(path, { recursive: true });
        world.warn("nobody connected: nothing was recorded");
        return ExitCode.FAILED;
      }
      if (isArchive(out)) {
        await packFolder(folder, out);
        await Deno.remove(folder, { recursive: true });
      }
      await world.out(`${count} connections in ${out}`);
      return ExitCode.DONE;
    };
  },
};

/** What to record. */
interface Order {
  readonly hostname: string;
  readonly port: number;
  readonly to: string;
  readonly folder: string;
  readonly without: readonly Clearing[];
  readonly sessions: number;
}

/** @returns How many connections there were. */
async function recordUntil(world: CommandWorld, order: Order): Promise<number> {
  const { hostname, port, to, folder, without, sessions } = order;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  world.signal.addEventListener("abort", () => end(), { once: true });
  const listener = listenOn(hostname, port);
  let left = sessions;
  const onEnd = ({ name, isMain, error }: RecordedConnection) => {
    if (error !== null) world.warn(`connection ${name}: ${error instanceof Error ? error.message : error}`);
    if (isMain) left--;
    if (left <= 0 && recorder.open === 0) end();
  };
  await using recorder = startRecorder({ listener, target: to, folder, without, onEnd });
  const { hostname: host, port: chosen } = listener.addr;
  await world.out(`recording: connect to spice://${host.includes(":") ? `[${host}]` : host}:${chosen}`);
  if (!world.signal.aborted) await over;
  return recorder.connections;
}

/** Capabilities by the channel they are of. */
const SETS: Readonly<Record<string, Enumeration>> = {
  common: CommonCap,
  main: MainCap,
  display: DisplayCap,
  inputs: InputsCap,
  playback: PlaybackCap,
  record: RecordCap,
  usbredir: SpicevmcCap,
  port: SpicevmcCap,
  webdav: SpicevmcCap,
};

function parseCaps(what: string, text: string): Clearing[] {
  return text.split(",").map((word) => {
    const [set = "", name = ""] = word.split("."), members = SETS[set];
    const cap = members === undefined ? undefined : metaOf(members).members[name];
    if (cap === undefined) throw new UsageError(`${what}: "${word}" is no capability, as common.MINI_HEADER is`);
    const channel = Object.values<Channel>(channels).find((one) => one.name === set);
    return { set: channel?.type ?? "common", cap };
  });
}

function parseListen(what: string, text: string): { readonly hostname: string; readonly port: number } {
  const [, host, bracketed, port] = /^(?:([^:[\]/]+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new UsageError(`${what}: want HOST:PORT, as 127.0.0.1:5931, not "${text}"`);
  }
  return { hostname: host === "*" ? "0.0.0.0" : host ?? bracketed!, port: Number(port) };
}

function listenOn(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.AddrNotAvailable)) throw error;
    throw new UsageError(`--listen: cannot listen on ${hostname}:${port}: ${error.message}`);
  }
}

/** The folder to record to: the one that was asked for, or one beside the archive. */
function makeFolder(out: string): string {
  try {
    if (!isArchive(out)) {
      Deno.mkdirSync(out);
      return out;
    }
    Deno.openSync(out, { write: true, createNew: true }).close();
    const slash = out.lastIndexOf("/");
    return Deno.makeTempDirSync({ dir: slash < 0 ? "." : out.slice(0, slash) || "/", prefix: `${captureName(out)}-` });
  } catch (error) {
    throw new FileError(out, "write", error);
  }
}
