/** Who may come in: passwords given, passwords made. */
import type { Arguments } from "../../cli/arguments.ts";
import { readPasswordFile } from "../../cli/password_file.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { ListenAddress } from "../spice_server.ts";
import { isLocal } from "./listen_place.ts";

/** Passwords of a server. */
export interface Passwords {
  /** For viewers that see and steer; `null`: everyone may. */
  readonly control: string | null;
  /** For viewers that only see; `null`: there is none. */
  readonly view: string | null;
  /** The control password was made here, so it must be told. */
  readonly made: boolean;
  /** How long they let viewers in; `null` for ever. */
  readonly seconds: number | null;
}

/** Bytes of a SPICE ticket. Source: spice/protocol.h SPICE_MAX_PASSWORD_LENGTH. */
const MAX_BYTES = 60;

/** Where passwords can come from, beside the command line. */
export interface PasswordSources {
  /** The variable SPICE_PASSWORD. */
  readonly environment: string | undefined;
  /** Reads the standard input to its end. */
  stdin(): Promise<Uint8Array>;
  /** Makes a password. */
  make(): string;
}

/**
 * Finds the passwords. Where none was given, one is made if the server can be reached from other computers, or if
 * something else was asked for that needs one.
 *
 * @param args The command line.
 * @param places Where the server listens.
 * @param sources The other places.
 * @throws {UsageError} They contradict each other, or are too long.
 * @throws {FileError} A file cannot be read.
 */
export async function findPasswords(
  args: Arguments,
  places: readonly ListenAddress[],
  sources: PasswordSources,
): Promise<Passwords> {
  const seconds = args.integer("ticket-seconds", 1, 10 * 365 * 86400) ?? null;
  const given = await find(args, "password", sources);
  const view = await find(args, "view-only-password", sources) ?? null;
  if (args.flag("no-password")) {
    const other = ["password", "password-file", "view-only-password", "view-only-password-file", "ticket-seconds"]
      .find((name) => args.text(name) !== undefined);
    if (other !== undefined) throw new UsageError(`--no-password lets everyone in, so --${other} makes no sense`);
    return { control: null, view: null, made: false, seconds: null };
  }
  const control = given ?? check("SPICE_PASSWORD", sources.environment) ?? null;
  if (control !== null && control === view) {
    throw new UsageError("the view-only password must differ from the other one, which lets steer");
  }
  if (control !== null) return { control, view, made: false, seconds };
  const needed = view !== null || seconds !== null || !places.every(isLocal);
  return needed
    ? { control: sources.make(), view, made: true, seconds }
    : { control: null, view: null, made: false, seconds: null };
}

/** @returns 12 letters and digits that are hard to mistake for each other: 57 bits. */
export function makePassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz2345";
  let password = "";
  while (password.length < 12) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      // 252 is the largest multiple of 28 in a byte: beyond it, some letters would come more often.
      if (byte < 252 && password.length < 12) password += letters[byte % letters.length];
    }
  }
  return password;
}

async function find(args: Arguments, name: string, sources: PasswordSources): Promise<string | undefined> {
  const text = args.text(name), file = args.text(`${name}-file`);
  if (text !== undefined && file !== undefined) {
    throw new UsageError(`give it with --${name} or with --${name}-file, not with both`);
  }
  if (file === undefined) return check(`--${name}`, text);
  return check(`--${name}-file`, await readPasswordFile(file, () => sources.stdin()));
}

function check(what: string, password: string | undefined): string | undefined {
  if (password === undefined) return undefined;
  if (password === "") throw new UsageError(`${what}: the password is empty; --no-password lets everyone in`);
  // A ticket ends at its first NUL.
  if (password.includes("\0")) throw new UsageError(`${what}: a password has no NUL`);
  const { length } = new TextEncoder().encode(password);
  if (length <= MAX_BYTES) return password;
  throw new UsageError(`${what}: a password has at most ${MAX_BYTES} bytes, this one has ${length}`);
}
