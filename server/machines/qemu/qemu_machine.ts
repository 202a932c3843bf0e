/**
 * QEMU as a machine, with or without libspice: one that we start from its ordinary command line, or one that runs
 * elsewhere.
 */
import type { Machine, MachineEnd, MachineInput, Vdi } from "../../core/vdi.ts";
import { RfbError } from "../rfb/rfb_error.ts";
import type { RfbAddress } from "../rfb/rfb_head.ts";
import { headSocket, planQemu, type QemuPlan } from "./qemu_arguments.ts";
import { QemuError } from "./qemu_error.ts";
import { type QemuAddresses, type QemuHandler, QemuLink } from "./qemu_link.ts";
import { type QemuExit, QemuProcess } from "./qemu_process.ts";
import type { QmpAddress, QmpEvent } from "./qmp_client.ts";

/** A QEMU that we start. It ends with the machine. */
export interface QemuCommand {
  /** Program and arguments, as `["qemu-system-x86_64", "-m", "512"]`. */
  readonly command: readonly string[];
  /** Called with what QEMU says on its standard error, and on its standard output unless that is a terminal. */
  readonly onOutput?: (text: string) => void;
  /** Told in one line what a user should know. */
  readonly log?: (line: string) => void;
  /** Longest start in milliseconds. Default: 30000. */
  readonly startMs?: number;
}

/** A QEMU that runs already. It outlives the machine. */
export interface QemuAttachment {
  readonly attach: {
    readonly qmp: QmpAddress;
    /** A VNC server for each head, in order. */
    readonly vnc: readonly RfbAddress[];
    /** For VNC authentication. */
    readonly password?: string;
  };
  /** Milliseconds between two tries to come back after it went away; `null` ends the machine instead. Default: 1000. */
  readonly reconnectMs?: number | null;
  /** Told in one line what befalls the connections. */
  readonly log?: (line: string) => void;
}

/** Between two looks whether QEMU listens. */
const LOOK_MS = 10;
/** A connection that breaks is most often QEMU's end: it is given this long to be seen. */
const END_MS = 1000;

/** A QEMU, shown. */
export class QemuMachine implements Machine {
  readonly #options: QemuCommand | QemuAttachment;
  readonly #abort = new AbortController();
  readonly #sizes = new Map<number, { readonly width: number; readonly height: number }>();
  #vdi: Vdi | null = null;
  #ended: ((last: MachineEnd) => void) | null = null;
  #folder: string | null = null;
  #process: QemuProcess | null = null;
  #link: QemuLink | null = null;
  #watched = false;
  #shutdown: string | null = null;
  #coming: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(options: QemuCommand | QemuAttachment) {
    this.#options = options;
  }

  /** Process id of the QEMU that was started; `null` when there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** @throws {QemuError | RfbError} When QEMU cannot be started or reached. With its exit code, when it has ended. */
  async start(vdi: Vdi, ended: (last: MachineEnd) => void): Promise<void> {
    this.#vdi = vdi;
    try {
      if ("attach" in this.#options) this.#use(await QemuLink.open(addressesOf(this.#options), this.#handler()));
      else await this.#run(this.#options);
      this.#ended = ended;
    } catch (error) {
      await this.stop();
      throw error;
    }
    // It may have gone while it was being opened.
    const process = this.#process;
    if (process !== null) void process.ended.then((exit) => this.#end(endOf(exit, this.#shutdown)));
  }

  input(input: MachineInput): void {
    this.#link?.input(input);
  }

  watched(viewers: number): void {
    this.#watched = viewers > 0;
    this.#link?.watch(this.#watched);
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#ended = null;
    this.#abort.abort();
    await this.#coming;
    const link = this.#link;
    await this.#process?.stop(() => link?.quit() ?? Promise.resolve());
    await link?.close();
    this.#link = null;
    if (this.#folder !== null) await Deno.remove(this.#folder, { recursive: true });
    this.#folder = null;
  }

  async #run(options: QemuCommand): Promise<void> {
    // Readable by this user only.
    const folder = this.#folder = await Deno.makeTempDir({ prefix: "saffron-qemu-" });
    const qmp = `${folder}/qmp`;
    const plan = planQemu(options.command, { qmp, folder });
    for (const note of plan.notes) options.log?.(note);
    const process = this.#process = QemuProcess.start(plan.program, plan.args, {
      usesTerminal: plan.usesTerminal,
      ...(options.onOutput !== undefined && { onOutput: options.onOutput }),
    });
    const addresses = addressesOfPlan(plan, qmp, folder);
    const end = performance.now() + (options.startMs ?? 30_000);
    for (;;) {
      try {
        return this.#use(await QemuLink.open(addresses, this.#handler()));
      } catch (error) {
        const exit = process.exit ?? (await within(process.ended, isUnreachable(error) ? LOOK_MS : END_MS));
        if (exit !== null) throw new QemuError("ended", endOf(exit, this.#shutdown).message, exit.code);
        if (!isUnreachable(error) || performance.now() > end || this.#abort.signal.aborted) throw error;
      }
    }
  }

  #use(link: QemuLink): void {
    this.#link = link;
    link.watch(this.#watched);
  }

  #handler(): QemuHandler {
    const vdi = this.#vdi;
    if (vdi === null) throw new TypeError("A machine shows itself once it is started");
    return {
      identity: (name, uuid) => vdi.identity(name, uuid),
      head: (head, size) => {
        // After a reconnection the old picture stays until the new one has come over it.
        const shown = this.#sizes.get(head);
        if (size?.width === shown?.width && size?.height === shown?.height) return;
        if (size === null) this.#sizes.delete(head);
        else this.#sizes.set(head, size);
        vdi.head(head, size);
      },
      resizable: (head, can) => vdi.resizable(head, can),
      draw: (head, drawable) => vdi.draw(head, drawable),
      drawing: (head, going) => vdi.drawing(head, going),
      cursor: (head, cursor) => vdi.cursor(head, cursor),
      leds: (modifiers) => vdi.leds(modifiers),
      mouseModes: (modes) => vdi.mouseModes(modes),
      event: (event) => this.#event(event),
      log: (line) => this.#options.log?.(line),
      lost: (error) => {
        if (this.#stopped === null) this.#coming = this.#lost(error);
      },
    };
  }

  #event({ event, data }: QmpEvent): void {
    if (event === "SHUTDOWN" && typeof data["reason"] === "string") this.#shutdown = data["reason"];
  }

  async #lost(error: QemuError | RfbError): Promise<void> {
    if (!("attach" in this.#options)) {
      // QEMU's own end says more, and is told by start().
      const exit = await within(this.#process?.ended ?? Promise.resolve(null), END_MS);
      if (exit === null) this.#end({ code: null, message: error.message });
      return;
    }
    const { reconnectMs = 1000, log } = this.#options, { signal } = this.#abort;
    const link = this.#link;
    this.#link = null;
    await link?.close();
    for (let last: Error = error, told = ""; !signal.aborted;) {
      if (reconnectMs === null) return this.#end({ code: null, message: last.message });
      // A machine may be off for days: what stays the same is told once.
      if (last.message !== told) log?.(`${told = last.message}; trying again`);
      await pause(reconnectMs, signal);
      if (signal.aborted) return;
      try {
        this.#use(await QemuLink.open(addressesOf(this.#options), this.#handler()));
        return log?.("QEMU is back");
      } catch (again) {
        if (!(again instanceof QemuError) && !(again instanceof RfbError)) throw again;
        last = again;
      }
    }
  }

  #end(last: MachineEnd): void {
    this.#ended?.(last);
    this.#ended = null;
  }
}

/** What a person should know of an end. Source: QEMU qapi/run-state.json ShutdownCause. */
export function endOf(exit: QemuExit, shutdown: string | null): MachineEnd {
  const { code, signal, lastWords } = exit;
  const why = signal !== null
    ? `QEMU was ended by ${signal}`
    : code !== 0
    ? `QEMU ended with code ${code}`
    : shutdown?.startsWith("guest-")
    ? "The guest shut down"
    : "QEMU ended";
  return { code, message: lastWords === "" ? why : `${why}: ${lastWords}` };
}

function addressesOf({ attach: { qmp, vnc, password } }: QemuAttachment): QemuAddresses {
  const heads = vnc.map((address, output) => ({ address, device: null, output, boundTablet: false }));
  return { qmp, heads, ...(password !== undefined && { password }) };
}

function addressesOfPlan(plan: QemuPlan, qmp: string, folder: string): QemuAddresses {
  return {
    qmp: { kind: "unix", path: qmp },
    heads: plan.heads.map((head, i) => ({ ...head, address: { kind: "unix", path: headSocket(folder, i) } })),
  };
}

function isUnreachable(error: unknown): boolean {
  return (error instanceof QemuError || error instanceof RfbError) && error.code === "unreachable";
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const limit = Promise.withResolvers<null>();
  const timer = setTimeout(() => limit.resolve(null), ms);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
