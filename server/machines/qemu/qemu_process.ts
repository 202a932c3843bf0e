/** A QEMU that we started: its output, its end, and that it ends with us. */
import { QemuError } from "./qemu_error.ts";

/** How a QEMU ended. */
export interface QemuExit {
  /** Exit code; 128 + signal when it was killed. */
  readonly code: number;
  /** The signal that killed it, as `SIGKILL`. */
  readonly signal: string | null;
  /** The last it said. */
  readonly lastWords: string;
}

/** How it is started. */
export interface QemuProcessOptions {
  /** QEMU's standard input and output are ours. Otherwise it has no input, and its output is kept for its last words. */
  readonly usesTerminal: boolean;
  /** Called with what QEMU says, as it comes. It must not throw. */
  readonly onOutput?: (text: string) => void;
}

const MAX_WORDS = 4096;
/** What QEMU is given to end by one means before the next: QMP quit, SIGTERM, SIGKILL. */
const PATIENCE_MS = 3000;
/** A program that QEMU started may hold its output open; it is not waited for. */
const OUTPUT_MS = 300;

/** A running QEMU. */
export class QemuProcess {
  /** Resolves when it has ended. */
  readonly ended: Promise<QemuExit>;
  readonly #child: Deno.ChildProcess;
  #exit: QemuExit | null = null;
  #words = "";

  private constructor(child: Deno.ChildProcess, options: QemuProcessOptions) {
    this.#child = child;
    const outputs = options.usesTerminal ? [child.stderr] : [child.stdout, child.stderr];
    const readers = outputs.map((output) => output.getReader());
    const reading = Promise.all(readers.map((reader) =>
      readText(reader, (text) => {
        this.#words = (this.#words + text).slice(-MAX_WORDS);
        options.onOutput?.(text);
      })
    ));
    // Deno.exit and an uncaught error end us without stop().
    const kill = () => this.#signal("SIGKILL");
    globalThis.addEventListener("unload", kill);
    this.ended = (async () => {
      const { code, signal } = await child.status;
      globalThis.removeEventListener("unload", kill);
      const late = setTimeout(() => readers.forEach((reader) => void reader.cancel().catch(() => {})), OUTPUT_MS);
      await reading;
      clearTimeout(late);
      return this.#exit = { code, signal, lastWords: this.#words.trim() };
    })();
  }

  /**
   * Starts it.
   * @throws {QemuError} `not-found`, when the program is not there or may not be run.
   */
  static start(program: string, args: readonly string[], options: QemuProcessOptions): QemuProcess {
    try {
      const child = new Deno.Command(program, {
        args: [...args],
        stdin: options.usesTerminal ? "inherit" : "null",
        stdout: options.usesTerminal ? "inherit" : "piped",
        stderr: "piped",
      }).spawn();
      return new QemuProcess(child, options);
    } catch (error) {
      const why = error instanceof Deno.errors.NotFound ? "no such program" : String(error);
      throw new QemuError("not-found", `${program} cannot be started: ${why}`, null, { cause: error });
    }
  }

  /** Process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** How it ended; `null` while it runs. */
  get exit(): QemuExit | null {
    return this.#exit;
  }

  /**
   * Ends it: by asking, by SIGTERM, by SIGKILL. Resolves when it is gone.
   * @param quit Asks it, over QMP; what it throws is passed over.
   * @param patienceMs Wait after each but the last.
   */
  async stop(quit: () => Promise<unknown>, patienceMs = PATIENCE_MS): Promise<QemuExit> {
    const asked = quit().catch(() => {});
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await within(this.ended, patienceMs)) break;
      this.#signal(signal);
    }
    const exit = await this.ended;
    await asked;
    return exit;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}

async function within(ended: Promise<unknown>, ms: number): Promise<boolean> {
  const limit = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => limit.resolve(false), ms);
  try {
    return await Promise.race([ended.then(() => true), limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(decoder.decode(value, { stream: true }));
  }
}
