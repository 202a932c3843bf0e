/** The grammar of QEMU's command line: options, and the properties within their values. */
import { QemuError } from "./qemu_error.ts";

/** One option, or the name of a disk image. */
export interface QemuOption {
  /** Without dashes; empty for a disk image. */
  readonly name: string;
  /** `null` for options that take none. */
  readonly value: string | null;
  /** The words as they were given. */
  readonly words: readonly string[];
}

/** Properties by name. Those without a value have "on". */
export type Properties = ReadonlyMap<string, string>;

/** Options that take no value. Source: QEMU qemu-options.hx, of versions 4 to 10. */
const FLAGS = new Set(
  ("h help version mem-prealloc audio-help usb snapshot nographic portrait full-screen no-frame alt-grab ctrl-grab " +
    "no-quit sdl curses win2k-hack no-fd-bootchk no-acpi no-hpet singlestep preconfig S s enable-kvm no-kvm " +
    "no-kvm-pit-reinjection enable-hax xen-attach xen-domid-restrict no-reboot no-shutdown daemonize nodefaults " +
    "no-user-config nouserconfig only-migratable async-teardown enable-sync-profile enable-fips old-param semihosting " +
    "tb-size-auto perfmap jitdump").split(" "),
);

/**
 * Splits a command line into options.
 *
 * @param words Arguments without the program.
 * @throws {QemuError} `refused`, when the last option lacks its value.
 */
export function splitOptions(words: readonly string[]): QemuOption[] {
  const options: QemuOption[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at++]!, name = word.replace(/^--?/, "");
    if (!word.startsWith("-") || word === "-") options.push({ name: "", value: word, words: [word] });
    else if (FLAGS.has(name)) options.push({ name, value: null, words: [word] });
    else if (at === words.length) throw new QemuError("refused", `${word} lacks its value`);
    else {
      const value = words[at++]!;
      options.push({ name, value, words: [word, value] });
    }
  }
  return options;
}

/**
 * Reads the properties of a value, in either of QEMU's forms: `virtio-vga,id=a` or `{"driver":"virtio-vga","id":"a"}`.
 *
 * @param value The value. One that is neither form has no properties: it is QEMU's to refuse.
 * @param first Name of the property whose name may be left out at the start.
 */
export function splitProperties(value: string, first: string): Properties {
  if (value.startsWith("{")) return new Map(Object.entries(parsed(value)).map(([name, one]) => [name, textOf(one)]));
  const properties = new Map<string, string>();
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at <= value.length; at++) {
    if (at < value.length && value[at] !== ",") continue;
    if (value[at + 1] === ",") {
      // A comma within a value is written twice.
      at++;
      continue;
    }
    parts.push(value.slice(from, at).replaceAll(",,", ","));
    from = at + 1;
  }
  parts.forEach((part, i) => {
    const equals = part.indexOf("=");
    if (equals >= 0) properties.set(part.slice(0, equals), part.slice(equals + 1));
    else if (i === 0) properties.set(first, part);
    else if (part !== "") properties.set(part, "on");
  });
  return properties;
}

/** @returns The value with one more property, in the form it has. */
export function joinProperties(value: string, name: string, added: string): string {
  if (value.startsWith("{")) return JSON.stringify({ ...parsed(value), [name]: added });
  return `${value},${name}=${added.replaceAll(",", ",,")}`;
}

function parsed(value: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(value);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? { ...found } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function textOf(value: unknown): string {
  return value === true ? "on" : value === false ? "off" : String(value);
}
