/** Options that every command has. */
import type { Arguments } from "../../cli/arguments.ts";
import type { OptionSpec } from "../../cli/option.ts";
import { readPasswordFile } from "../../cli/password_file.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { parseChoice } from "../../cli/values.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { ImageCompression } from "../../protocol/messages/enums.ts";
import type { ConnectOptions } from "../connect.ts";

/** Image compressions by the name on the command line, as `auto-glz`. */
const COMPRESSIONS: ReadonlyMap<string, number> = new Map(
  Object.entries(ImageCompression).filter(([name]) => name !== "INVALID")
    .map(([name, value]): [string, number] => [name.toLowerCase().replace("_", "-"), value]),
);

/** Options that every command has. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  {
    name: "password-file",
    value: "FILE",
    about: "read the password from the first line of a file (- is standard input)",
  },
  {
    name: "password",
    value: "TEXT",
    about: "the password; all users of this computer can see it while the command runs",
  },
  {
    name: "mouse-mode",
    value: "MODE",
    about: "client: the pointer goes where it is sent (default); server: the guest moves it",
  },
  {
    name: "compression",
    value: "NAME",
    about: `image compression to ask for: ${[...COMPRESSIONS.keys()].join(", ")} (default: the server's)`,
  },
  {
    name: "handshake-ms",
    value: "MS",
    about: `give up a server that does not answer (default ${DEFAULT_LIMITS.handshakeMs})`,
  },
  { name: "verbose", about: "tell what happens, and all of an error" },
  { name: "help", about: "show this" },
];

/**
 * Reads the common options, all but the password.
 *
 * @param args The command line.
 * @returns Options for `connect`.
 * @throws {UsageError} A value is none.
 */
export function readConnectOptions(args: Arguments): ConnectOptions {
  if (args.text("password") !== undefined && args.text("password-file") !== undefined) {
    throw new UsageError("give the password with --password or with --password-file, not with both");
  }
  const mouseMode = args.read("mouse-mode", (what, text) => parseChoice(what, text, ["client", "server"]));
  const compression = args.read("compression", (what, text) => parseChoice(what, text, [...COMPRESSIONS.keys()]));
  const handshakeMs = args.integer("handshake-ms", 1, 3_600_000);
  return {
    ...(mouseMode === undefined ? {} : { mouseMode }),
    ...(compression === undefined ? {} : { preferredCompression: COMPRESSIONS.get(compression)! }),
    ...(handshakeMs === undefined ? {} : { limits: { ...DEFAULT_LIMITS, handshakeMs } }),
  };
}

/** Where a password can come from, beside the command line. */
export interface PasswordSources {
  /** What the target says. */
  readonly target: string | undefined;
  /** What the environment says. */
  readonly environment: string | undefined;
  /** Reads the standard input to its end. */
  stdin(): Promise<Uint8Array>;
}

/**
 * Finds the password: on the command line, in the file, in the target, in the environment, in this order.
 *
 * @param args The command line.
 * @param sources The other places.
 * @returns The password, or `undefined`.
 * @throws {FileError} The file cannot be read.
 */
export async function findPassword(args: Arguments, sources: PasswordSources): Promise<string | undefined> {
  const file = args.text("password-file");
  if (file === undefined) return args.text("password") ?? sources.target ?? sources.environment;
  return await readPasswordFile(file, sources.stdin);
}
