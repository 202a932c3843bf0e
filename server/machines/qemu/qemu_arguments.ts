/**
 * QEMU's command line: what a user gave, and what is added so that the machine can be shown.
 *
 * ```text
 * -display none                                  unless there is a -display or -nographic
 * -chardev socket,id=saffron-qmp,…  -mon …       control
 * -vnc unix:…,id=saffron-head-0[,display=…,head=…]   one a head
 * ```
 *
 * Whatever else the user gave stays, in its order. Cards that must be named, and are not, get an id.
 *
 * Source: QEMU softmmu/vl.c qemu_init, default_list; ui/vnc.c vnc_display_open; ui/console.c new_console.
 */
import { QemuError } from "./qemu_error.ts";
import { joinProperties, type Properties, splitOptions, splitProperties } from "./qemu_options.ts";

/** One output of one card. */
export interface QemuHead {
  /** Id of the card; `null` for the first card of a machine, when it has none. */
  readonly device: string | null;
  /** Number of the output, from 0. */
  readonly output: number;
  /** A tablet is bound to this output, so that places must be addressed to it. */
  readonly boundTablet: boolean;
}

/** Where QEMU is to listen. */
export interface QemuSockets {
  /** Path of the control socket. */
  readonly qmp: string;
  /** Folder of the sockets of the heads. */
  readonly folder: string;
}

/** A command line that can be shown. */
export interface QemuPlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly heads: readonly QemuHead[];
  /** QEMU uses the terminal: its standard input and output are to be those of the server. */
  readonly usesTerminal: boolean;
  /** For the user, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Adds what is needed to show a machine.
 *
 * @param command Program and arguments, as `["qemu-system-x86_64", "-m", "512"]`.
 * @param sockets Where QEMU is to listen.
 * @returns The command line to start.
 * @throws {QemuError} `refused`, with what to change.
 */
export function planQemu(command: readonly string[], sockets: QemuSockets): QemuPlan {
  const program = command[0] ?? "";
  if (!/qemu|kvm/i.test(program.split("/").at(-1)!)) {
    throw refused(`the command must begin with QEMU's program, as qemu-system-x86_64; it begins with "${program}"`);
  }
  const options = splitOptions(command.slice(1));
  const notes: string[] = [];
  for (const { name, value } of options) check(name, value, notes);
  const has = (...names: string[]) => options.some(({ name }) => names.includes(name));

  const args = options.flatMap((option) => option.words);
  const cards: Card[] = [];
  let at = 0;
  for (const { name, value, words } of options) {
    const index = at + words.length - 1;
    at += words.length;
    if (name !== "device" || value === null) continue;
    const card = cardOf(value, index);
    if (card !== null) cards.push(card);
  }
  const ownCard = hasOwnCard(program, options.map(({ name, value }) => ({ name, value })), cards);
  const named = cards.map((card, i) => {
    if (card.id !== null || (!ownCard && cards.length === 1 && card.outputs === 1)) return card;
    const id = `saffron-card-${i}`;
    args[card.index] = joinProperties(args[card.index]!, "id", id);
    return { ...card, id };
  });
  if (options.some(({ name, value }) => /^(set|global)$/.test(name) && /max_outputs/.test(value ?? ""))) {
    notes.push("heads set by -set or -global are not seen: give max_outputs to -device");
  }
  if (has("readconfig")) notes.push("cards in a file of -readconfig are not seen: only the first card is shown");

  const tablets = options.flatMap(({ name, value }) => name === "device" && value !== null ? tabletOf(value) : []);
  const outputs = named.flatMap(({ id, outputs }) =>
    Array.from({ length: outputs }, (_, output) => ({ device: id, output }))
  );
  if (ownCard || outputs.length === 0) outputs.unshift({ device: null, output: 0 });
  const heads = outputs.map(({ device, output }): QemuHead => ({
    device,
    output,
    boundTablet: tablets.some((tablet) => tablet.display === device && tablet.head === output),
  }));

  if (!has("display", "nographic")) args.push("-display", "none");
  // A control socket takes the place of the default monitor, which -nographic puts on the terminal.
  if (has("nographic") && !has("serial", "monitor", "qmp", "qmp-pretty", "mon", "nodefaults")) {
    args.push("-serial", "mon:stdio");
  }
  args.push("-chardev", `socket,id=saffron-qmp,path=${escaped(sockets.qmp)},server=on,wait=off`);
  args.push("-mon", "chardev=saffron-qmp,mode=control");
  heads.forEach(({ device, output }, head) => {
    const where = device === null ? "" : `,display=${escaped(device)},head=${output}`;
    args.push("-vnc", `unix:${escaped(headSocket(sockets.folder, head))},id=saffron-head-${head}${where}`);
  });
  return { program, args, heads, notes, usesTerminal: options.some(usesTerminal) };
}

/** Path of the socket of a head. */
export function headSocket(folder: string, head: number): string {
  return `${folder}/head-${head}`;
}

interface Card {
  readonly driver: string;
  readonly id: string | null;
  readonly outputs: number;
  /** Of its value, among the arguments. */
  readonly index: number;
}

interface NameAndValue {
  readonly name: string;
  readonly value: string | null;
}

/** Devices with a picture. */
const CARD =
  /^(VGA|(secondary|isa|cirrus|isa-cirrus|ati|qxl|virtio|vhost-user)-vga|virtio-vga-gl|vmware-svga|bochs-display|qxl|ramfb|(virtio|vhost-user)-gpu(-.+)?)$/;
/** Those with several outputs. */
const MANY_OUTPUTS = /^(virtio|vhost-user)-(gpu|vga)/;
/** Those that keep the machine from adding its own. Source: QEMU softmmu/vl.c default_list. */
const REPLACES_OWN_CARD = /^(VGA|(isa|cirrus|isa-cirrus|ati|qxl|virtio|vhost-user)-vga|virtio-vga-gl|vmware-svga)$/;
/** More outputs than QEMU lets a card have are its to refuse. Source: QEMU VIRTIO_GPU_MAX_SCANOUTS. */
const MAX_OUTPUTS = 16;

function check(name: string, value: string | null, notes: string[]): void {
  switch (name) {
    case "daemonize":
      throw refused("-daemonize would let QEMU outlive its server: leave it out");
    case "preconfig":
      throw refused("-preconfig keeps the machine from being built: leave it out");
    case "add-fd":
      throw refused("-add-fd cannot be served: file descriptors are not passed on");
    case "incoming":
      if (value?.startsWith("fd:")) throw refused("-incoming fd: cannot be served: file descriptors are not passed on");
      return;
    case "spice":
      return void notes.push("QEMU serves SPICE itself, too, as -spice says");
    case "vnc":
      if (value !== "none") notes.push("QEMU serves VNC, too, as -vnc says");
      return;
    case "display": {
      const kind = value?.split(/[,=]/)[0] ?? "";
      if (kind === "spice-app") throw refused("-display spice-app opens a viewer of QEMU's own SPICE: leave it out");
      if (kind === "vnc") notes.push("QEMU serves VNC, too, as -display says");
      else if (kind !== "none") notes.push(`QEMU has a display of its own, too, as -display ${kind} says`);
    }
  }
}

function usesTerminal({ name, value }: NameAndValue): boolean {
  switch (name) {
    case "nographic":
      return true;
    case "serial":
    case "parallel":
    case "monitor":
    case "qmp":
    case "qmp-pretty":
    case "debugcon":
      return value === "stdio" || value === "mon:stdio";
    case "chardev":
      return /^(backend=)?stdio(,|$)/.test(value ?? "");
    case "display":
      return /^curses(,|$)/.test(value ?? "");
    default:
      return false;
  }
}

function cardOf(value: string, index: number): Card | null {
  const properties = splitProperties(value, "driver"), driver = properties.get("driver") ?? "";
  if (!CARD.test(driver) && !(driver.startsWith("vfio-pci") && properties.get("display") === "on")) return null;
  const asked = MANY_OUTPUTS.test(driver) ? Number(properties.get("max_outputs") ?? 1) : 1;
  const outputs = Number.isInteger(asked) && asked >= 1 && asked <= MAX_OUTPUTS ? asked : 1;
  return { driver, id: properties.get("id") ?? null, outputs, index };
}

function tabletOf(value: string): readonly { readonly display: string; readonly head: number }[] {
  const properties: Properties = splitProperties(value, "driver"), display = properties.get("display");
  if (!/^virtio-(tablet|multitouch)/.test(properties.get("driver") ?? "") || display === undefined) return [];
  return [{ display, head: Number(properties.get("head") ?? 0) }];
}

/** Whether the machine has a card that is no -device, which then is its first. */
function hasOwnCard(program: string, options: readonly NameAndValue[], cards: readonly Card[]): boolean {
  const last = (...names: string[]) => options.findLast(({ name }) => names.includes(name))?.value ?? null;
  const vga = last("vga");
  if (vga !== null) return vga !== "none";
  if (options.some(({ name }) => name === "nodefaults")) return false;
  if (cards.some(({ driver }) => REPLACES_OWN_CARD.test(driver))) return false;
  if (/-(arm|aarch64|riscv32|riscv64|s390x|loongarch64|avr|xtensa|microblaze|tricore)/.test(program)) return false;
  const machine = splitProperties(last("machine", "M") ?? "", "type").get("type") ?? "";
  return !/^(microvm|none|virt|xenpv)/.test(machine);
}

/** Within an option's value, a comma is written twice. */
function escaped(text: string): string {
  return text.replaceAll(",", ",,");
}

function refused(detail: string): QemuError {
  return new QemuError("refused", detail);
}
