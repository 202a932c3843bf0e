/** What a program of ours needs of the system. */
export interface Terminal {
  /** Writes all bytes to the standard output. */
  out(bytes: Uint8Array): Promise<void>;
  /** Writes a line to the standard error. */
  err(line: string): void;
  /** Reads the standard input to its end. */
  stdin(): Promise<Uint8Array>;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** True when the standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Aborted by Ctrl-C or SIGTERM, with the exit code as its reason. */
  readonly signal: AbortSignal;
}

/** Exit codes of signals: 128 and the number of the signal. */
const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

/**
 * The terminal of this process. From now on Ctrl-C and SIGTERM abort its `signal`; a second one ends the process at
 * once.
 */
export function systemTerminal(): Terminal {
  const interruption = new AbortController();
  for (const [signal, code] of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      // Who asks twice does not want to wait until the peers have been told.
      if (interruption.signal.aborted) Deno.exit(code);
      interruption.abort(code);
    });
  }
  return {
    out: (bytes) => writeAll(Deno.stdout, bytes),
    err: (line) => console.error("%s", line),
    stdin: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
    env: readVariable,
    isTerminal: Deno.stdout.isTerminal(),
    signal: interruption.signal,
  };
}

/** Without the permission to read a variable, it is not there. */
function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

async function writeAll(to: typeof Deno.stdout, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
