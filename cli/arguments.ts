/** A command line, read: arguments and options by name. */
import { parseArgs } from "node:util";
import { nearest } from "../protocol/nearest.ts";
import type { OptionSpec } from "./option.ts";
import { UsageError } from "./usage_error.ts";
import { parseInteger } from "./values.ts";

/** What was said on the command line. */
export class Arguments {
  /** Made by {@link readArguments}. */
  constructor(
    readonly positionals: readonly string[],
    readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
  ) {}

  /** @returns Whether an option without a value was said. */
  flag(name: string): boolean {
    return this.values[name] === true;
  }

  /** @returns The value of an option, or `undefined`. */
  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** @returns The values of an option that may be said more than once, in order. */
  list(name: string): readonly string[] {
    const value = this.values[name];
    return typeof value === "object" ? value : [];
  }

  /**
   * @returns The value of an option as a number, or `undefined`.
   * @throws {UsageError} It is none from `least` to `most`.
   */
  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseInteger(`--${name}`, text, least, most);
  }

  /** @returns What `read` makes of the value of an option, or `undefined`. */
  read<T>(name: string, read: (what: string, text: string) => T): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : read(`--${name}`, text);
  }
}

/**
 * Reads what stands behind the name of a command. Options may stand anywhere before `--`, and numbers below zero are no
 * options.
 *
 * @param args The words.
 * @param specs The options that there are.
 * @returns Arguments and options.
 * @throws {UsageError} An option that does not exist, one without its value, or with one that it does not take.
 */
export function readArguments(args: readonly string[], specs: readonly OptionSpec[]): Arguments {
  const end = args.indexOf("--");
  // parseArgs would take -3 for an option: a NUL, which no argument can hold, hides it.
  const hidden = args.map((arg, i) => (end < 0 || i < end) && /^-\d/.test(arg) ? `\0${arg}` : arg);
  const options = Object.fromEntries(specs.map(({ name, value, repeats = false }) => {
    return [name, { type: value === undefined ? "boolean" as const : "string" as const, multiple: repeats }];
  }));
  try {
    const { values, positionals } = parseArgs({ args: hidden, options, allowPositionals: true, strict: true });
    const said = Object.entries(values).map(([name, value]) => [name, plain(value)]);
    return new Arguments(positionals.map(shown), Object.fromEntries(said));
  } catch (error) {
    throw new UsageError(complaint(error, specs));
  }
}

function shown(text: string): string {
  return text.startsWith("\0") ? text.slice(1) : text;
}

function plain(value: string | boolean | (string | boolean)[] | undefined): string | boolean | readonly string[] {
  if (Array.isArray(value)) return value.map((one) => shown(String(one)));
  return typeof value === "string" ? shown(value) : value === true;
}

/** What is wrong, from the code and text of `parseArgs`. */
function complaint(error: unknown, specs: readonly OptionSpec[]): string {
  if (!(error instanceof Error)) return String(error);
  const [, option = ""] = /'(-[^' ]*)/.exec(error.message) ?? [];
  const name = option.replace(/^-+/, "");
  const spec = specs.find((spec) => spec.name === name);
  switch ("code" in error ? error.code : "") {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION": {
      const [near] = option.startsWith("--") ? nearest(name, specs.map((spec) => spec.name)) : [];
      const hint = near === undefined ? "an argument that begins with - goes behind --" : `did you mean --${near}?`;
      return `there is no option ${option} (${hint})`;
    }
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE":
      if (spec?.value !== undefined) {
        return `${option} wants a value: ${option} ${spec.value} or ${option}=${spec.value}`;
      }
      return `${option} takes no value`;
    default:
      return error.message.split("\n")[0] ?? "";
  }
}
