/**
 * The control line to a peer: a program that makes the peer do what no message can ask for, as "draw" or "press a key".
 *
 * The suite writes one JSON object a line to the program's standard input, `{"id": 1, "do": "key", "scancode": 30, "down":
 * true}`, and reads one a line from its standard output: `{"id": 1, "ok": VALUE}`, `{"id": 1, "unsupported": true}`, or
 * `{"id": 1, "error": "why"}`. Other lines are passed over. `docs/conformance.md` lists the verbs.
 */
import { fail, lacks } from "./verdict.ts";

/** What a peer can be asked to do. */
export interface Control {
  /**
   * Asks.
   * @param verb As `shot`.
   * @param args As `{ display: 0 }`.
   * @returns What the program answers under `ok`.
   * @throws {Finding} `unimplemented`: there is no such program, or it cannot do that; `failed`: it could not.
   */
  ask(verb: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** The control of a peer that has none. */
export const NO_CONTROL: Control = {
  ask: (verb) => lacks(`this peer has no control program, and the case needs it to "${verb}"`),
};

/** What became of a question: the fields of the answer, or none in time, or the program ended before. */
type Answer = Readonly<Record<string, unknown>> | "silent" | "ended";

/** Longest answer, in characters: a path or some numbers. */
const MOST_LINE = 1024 * 1024;

/** A program that runs and may speak the control protocol. Disposing ends it. */
export class ControlProgram implements Control, AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #reading: Promise<unknown>;
  #asked = 0;
  #output = "";
  #ended: Deno.CommandStatus | null = null;

  /**
   * Starts it.
   * @param words Program and arguments.
   * @param speaks False for a program that is not known to speak the protocol: it is asked nothing.
   */
  constructor(words: readonly string[], readonly speaks: boolean) {
    const [program, ...args] = words;
    this.#child = new Deno.Command(program!, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#reading = Promise.all([
      this.#read(this.#child.stdout, true),
      this.#read(this.#child.stderr, false),
      this.#child.status.then((status) => void (this.#ended = status)),
    ]).then(() => {
      // Not before: it may have answered, and said why it ends.
      for (const done of this.#waiting.values()) done("ended");
    });
  }

  /** What it has written, the end of it. */
  get output(): string {
    return this.#output;
  }

  /** True once it has ended. */
  get ended(): boolean {
    return this.#ended !== null;
  }

  /**
   * Whether it answers, whatever it says.
   * @returns False also when it cannot be asked, or has ended.
   */
  async answers(patienceMs = 5000): Promise<boolean> {
    return this.speaks && !this.ended && typeof await this.#exchange("ended", {}, patienceMs) === "object";
  }

  /** Waits for its end. @returns How it ended; `null` when it still runs. */
  async ending(patienceMs: number): Promise<Deno.CommandStatus | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<null>((done) => timer = setTimeout(() => done(null), patienceMs));
    const status = await Promise.race([this.#child.status, limit]);
    clearTimeout(timer);
    return status;
  }

  async ask(verb: string, args: Readonly<Record<string, unknown>> = {}, patienceMs = 5000): Promise<unknown> {
    if (!this.speaks) return NO_CONTROL.ask(verb);
    if (this.ended) fail(`its program has ended: ${this.#output.slice(-300)}`);
    const answer = await this.#exchange(verb, args, patienceMs);
    if (answer === "ended") fail(`its program ended when asked to "${verb}": ${this.#output.slice(-300)}`);
    if (answer === "silent") fail(`its control program gives no answer to "${verb}" in ${patienceMs} ms`);
    if (answer["unsupported"] === true) lacks(`its control program cannot "${verb}"`);
    if (answer["error"] !== undefined) fail(`its control program could not "${verb}": ${answer["error"]}`);
    return answer["ok"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    this.#signal("SIGTERM");
    const hard = setTimeout(() => this.#signal("SIGKILL"), 2000);
    await this.#child.status;
    clearTimeout(hard);
    await this.#reading;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended, which may not be known yet.
    }
  }

  /** Asks, and waits for the answer or the end. */
  async #exchange(verb: string, args: Readonly<Record<string, unknown>>, patienceMs: number): Promise<Answer> {
    const id = ++this.#asked;
    const answered = new Promise<Answer>((done) => this.#waiting.set(id, done));
    const limit = setTimeout(() => this.#waiting.get(id)?.("silent"), patienceMs);
    try {
      // A program that is ending takes nothing any more: its end is the answer, a moment later.
      const line = new TextEncoder().encode(`${JSON.stringify({ id, do: verb, ...args })}\n`);
      await this.#input.write(line).catch(() => {});
      return await answered;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, answers: boolean): Promise<void> {
    let line = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#output = (this.#output + text).slice(-8192);
      if (!answers) continue;
      const lines = (line + text).split("\n");
      line = lines.pop()!.slice(0, MOST_LINE);
      for (const one of lines) this.#answer(one);
    }
  }

  #answer(line: string): void {
    if (!line.startsWith("{")) return;
    try {
      const answer: unknown = JSON.parse(line);
      if (typeof answer !== "object" || answer === null) return;
      const fields = answer as Record<string, unknown>;
      this.#waiting.get(Number(fields["id"]))?.(fields);
    } catch {
      // Not for us.
    }
  }
}
