/** The text of `--help`. */
import { optionLines } from "../../cli/option.ts";
import type { MachineKind } from "./machines.ts";
import { ACCESS_OPTIONS, MACHINE_OPTIONS, OTHER_OPTIONS } from "./options.ts";

/** How the program is called in its own texts. */
const PROGRAM = "deno task serve";

/** @returns The help. */
export function serveHelp(kinds: readonly MachineKind[]): string {
  const width = Math.max(...kinds.map(({ name }) => name.length));
  const about = ({ name, about, make }: MachineKind) =>
    `  ${name.padEnd(width)}  ${about}${make === undefined ? " (not in this version)" : ""}`;
  return [
    "Put a machine on the wire: SPICE viewers see and steer it.",
    "",
    `Usage: ${PROGRAM} [options]                                  a demo, nothing to install`,
    `       ${PROGRAM} [options] -- qemu-system-x86_64 …          a virtual machine; its QEMU needs no SPICE`,
    `       ${PROGRAM} [options] --machine rfb vnc://HOST:PORT    any VNC server`,
    "",
    "Machines:",
    ...kinds.map(about),
    "",
    "Who gets in, and where:",
    ...optionLines(ACCESS_OPTIONS),
    "The password can also stand in the variable SPICE_PASSWORD.",
    "Pictures and keys are not encrypted: across networks, go through a tunnel.",
    "",
    "The machine:",
    ...optionLines(MACHINE_OPTIONS),
    "",
    "The rest:",
    ...optionLines(OTHER_OPTIONS),
    "",
    "What is listening goes to the standard output, the log to the standard error.",
    "Ctrl-C or SIGTERM tells the viewers and stops the machine; a second one does not wait.",
    "",
    "Examples:",
    `  ${PROGRAM}`,
    `  ${PROGRAM} --heads 2 --size 1280x720 --listen '*:5900'`,
    `  ${PROGRAM} --listen unix:/run/vm1.spice --password-file vm1.pw -- qemu-system-x86_64 -m 2G disk.qcow2`,
    `  ${PROGRAM} --machine rfb vnc://10.0.0.7:5901 --vnc-password-file vnc.pw --stats-seconds 60 --log-json`,
    "",
    "Exit codes:",
    "    0  done: stopped by a signal, or the machine ended well",
    "    1  failed",
    "    2  the command line is wrong, or asks for what this version cannot do",
    "    3  the machine refused: a password",
    "    4  cannot listen there, or the machine cannot be reached",
    "  A QEMU that ends by itself passes on its own exit code.",
  ].join("\n");
}
