/** The options of the server's command line. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { parseChoice } from "../../cli/values.ts";
import {
  IMAGE_COMPRESSIONS,
  type PictureCompression,
  SLOW_LINK_CHOICES,
  type SlowLinkChoice,
} from "../core/image_compression.ts";
import type { ListenAddress } from "../spice_server.ts";
import { DEFAULT_PLACE, parsePlace } from "./listen_place.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";

/** Options about where and for whom. */
export const ACCESS_OPTIONS: readonly OptionSpec[] = [
  {
    name: "listen",
    value: "PLACE",
    repeats: true,
    about: `HOST:PORT, *:PORT or unix:/PATH; may be said again (default ${DEFAULT_PLACE})`,
  },
  { name: "password-file", value: "FILE", about: "first line of FILE is the password (- is standard input)" },
  { name: "password", value: "TEXT", about: "the password; all users of this computer can see it" },
  {
    name: "no-password",
    about: "let everyone in; else a PLACE that other computers reach gets a password",
  },
  { name: "view-only-password-file", value: "FILE", about: "first line of FILE lets in who may see, but not steer" },
  { name: "view-only-password", value: "TEXT", about: "the same; all users of this computer can see it" },
  { name: "ticket-seconds", value: "N", about: "passwords let nobody in any more after N seconds; who is in stays" },
  { name: "max-viewers", value: "N", about: "most viewers at once (default 32)" },
];

/** Options about the machine. */
export const MACHINE_OPTIONS: readonly OptionSpec[] = [
  { name: "machine", value: "NAME", about: "see above (default demo, or qemu where -- and a command follow)" },
  { name: "heads", value: "N", about: "demo: how many screens, 1 to 4 (default 1)" },
  { name: "size", value: "WxH", about: "demo: pixels of each screen (default 1024x768)" },
  {
    name: "attach",
    value: "SOCKETS",
    about: "qemu: show one that runs: qmp=PLACE,vnc=PLACE[,vnc=PLACE…], PLACE /PATH or HOST:PORT",
  },
  {
    name: "vnc-password-file",
    value: "FILE",
    about: "rfb, qemu --attach: first line of FILE is the VNC server's password",
  },
];

/** Options about pictures and logs. */
export const OTHER_OPTIONS: readonly OptionSpec[] = [
  {
    name: "image-compression",
    value: "NAME",
    about: `if no viewer asks: ${IMAGE_COMPRESSIONS.join(", ")} (default auto)`,
  },
  {
    name: "jpeg",
    value: "WHEN",
    about: "photographs lossy at first: never (default), auto (on slow links), always",
  },
  {
    name: "zlib-glz",
    value: "WHEN",
    about: "more work for fewer bytes of GLZ: auto (on slow links, default), always, never",
  },
  {
    name: "workers",
    value: "N",
    about: "most threads that encode large pictures; 0: none (default: a processor less, at most 4)",
  },
  { name: "log-level", value: "LEVEL", about: `least grave lines to log: ${LOG_LEVELS.join(", ")} (default info)` },
  { name: "log-json", about: "log in JSON, one object a line" },
  { name: "stats-seconds", value: "N", about: "log viewers, bytes and memory every N seconds" },
  { name: "verbose", about: "tell all of an error" },
  { name: "help", about: "show this" },
];

/** All of them. */
export const SERVE_OPTIONS: readonly OptionSpec[] = [...ACCESS_OPTIONS, ...MACHINE_OPTIONS, ...OTHER_OPTIONS];

/** Options, read; the passwords and the machine are read apart. */
export interface ServeOptions {
  readonly places: readonly ListenAddress[];
  readonly maxViewers: number;
  readonly imageCompression: PictureCompression;
  readonly jpeg: SlowLinkChoice;
  readonly zlibGlz: SlowLinkChoice;
  /** `null`: as many as the library takes. */
  readonly workers: number | null;
  readonly logLevel: LogLevel;
  readonly logJson: boolean;
  /** `null`: none are told. */
  readonly statsSeconds: number | null;
}

const whether = (what: string, text: string) => parseChoice(what, text, SLOW_LINK_CHOICES);

/** Viewers unless told otherwise. */
const MAX_VIEWERS = 32;

/**
 * @param args The command line.
 * @returns What it says.
 * @throws {UsageError} A value is none.
 */
export function readServeOptions(args: Arguments): ServeOptions {
  const said = args.list("listen");
  const places = (said.length === 0 ? [DEFAULT_PLACE] : said).map((text) => parsePlace("--listen", text));
  const twice = said.find((text, i) => said.indexOf(text) !== i && !text.endsWith(":0"));
  if (twice !== undefined) throw new UsageError(`--listen: "${twice}" is said twice`);
  return {
    places,
    maxViewers: args.integer("max-viewers", 1, 1000) ?? MAX_VIEWERS,
    imageCompression: args.read("image-compression", (what, text) => {
      return parseChoice(what, text, IMAGE_COMPRESSIONS);
    }) ?? "auto",
    jpeg: args.read("jpeg", whether) ?? "never",
    zlibGlz: args.read("zlib-glz", whether) ?? "auto",
    workers: args.integer("workers", 0, 64) ?? null,
    logLevel: args.read("log-level", (what, text) => parseChoice(what, text, LOG_LEVELS)) ?? "info",
    logJson: args.flag("log-json"),
    statsSeconds: args.integer("stats-seconds", 1, 86400) ?? null,
  };
}
