/** Running commands in a guest, through the serial port that its init script listens on. */

import { waitUntil } from "./wait_until.ts";

/** A shell in a guest. Disposing closes the line to it. */
export interface GuestShell extends AsyncDisposable {
  /**
   * Run a program in the guest to its end and return what it wrote. Calls run one after another.
   *
   * @throws {Error} With its output when its exit code is not 0, or when it takes longer than 10 s.
   */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Start a program that stays. What it writes goes into a file of the guest. */
  start(program: string, args: readonly string[], outputPath?: string): Promise<void>;
  /** What stands in a file of the guest. */
  readText(path: string): Promise<string>;
}

/**
 * Open the shell.
 *
 * @param path Unix socket of QEMU's serial port.
 * @returns The shell. Own it with `await using`.
 */
export async function openGuestShell(path: string): Promise<GuestShell> {
  const conn = await Deno.connect({ transport: "unix", path });
  let received = "";
  const reading = readAll(conn, (part) => received += part);
  let queue: Promise<unknown> = Promise.resolve();

  const command = async (line: string): Promise<string> => {
    if (line.includes("\n")) throw new Error(`Cannot run in the guest: a line end in ${JSON.stringify(line)}`);
    received = "";
    await writeAll(conn, new TextEncoder().encode(`${line}\n`));
    // Byte 4 and the exit code end an answer: see guest_init.sh.
    // deno-lint-ignore no-control-regex
    const answer = await waitUntil(`an answer to ${line}`, () => /^([^]*)\x04(\d+)\n$/.exec(received) ?? undefined, {
      everyMs: 5,
    });
    const [, output, code] = answer;
    if (code !== "0") throw new Error(`In the guest, ${line} ended with code ${code}:\n${output}`);
    return output!;
  };
  const next = (line: string): Promise<string> => {
    const result = queue.then(() => command(line));
    queue = result.catch(() => {});
    return result;
  };
  return {
    run: (program, args) => next([program, ...args].map(quoted).join(" ")),
    start: async (program, args, outputPath = "/dev/null") =>
      void await next(`${[program, ...args].map(quoted).join(" ")} >${quoted(outputPath)} 2>&1 &`),
    readText: (file) => next(`cat ${quoted(file)}`),
    [Symbol.asyncDispose]: async () => {
      conn.close();
      await reading;
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function readAll(conn: Deno.Conn, take: (part: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return;
    take(decoder.decode(buffer.subarray(0, count), { stream: true }));
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
