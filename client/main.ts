/**
 * The command line of the client: `deno task client --help`.
 *
 * Needs `--allow-net` for the server, `--allow-read` and `--allow-write` for pictures and unix sockets, and
 * `--allow-env=SPICE_PASSWORD`.
 */
import { run, type Terminal } from "./cli/run.ts";

/** Exit codes of signals: 128 and the number of the signal. */
const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

if (import.meta.main) {
  const interruption = new AbortController();
  for (const [signal, code] of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      // Who asks twice does not want to wait until the server has been told.
      if (interruption.signal.aborted) Deno.exit(code);
      interruption.abort(code);
    });
  }
  Deno.exit(await run(Deno.args, terminal(interruption.signal)));
}

function terminal(signal: AbortSignal): Terminal {
  return {
    out: (bytes) => writeAll(Deno.stdout, bytes),
    err: (line) => console.error("%s", line),
    stdin: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
    env: readVariable,
    isTerminal: Deno.stdout.isTerminal(),
    signal,
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
