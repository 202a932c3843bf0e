/** Starts a peer of the matrix and judges it. */
import project from "../../deno.json" with { type: "json" };
import { parseUri } from "../../protocol/uri.ts";
import type { Run } from "../report/run.ts";
import { CASES } from "../suite/all_cases.ts";
import type { Case } from "../suite/case.ts";
import { type Control, ControlProgram, NO_CONTROL } from "../suite/control.ts";
import { type Expected, readExpected } from "../suite/expected.ts";
import { type CaseResult, runCases, type Target } from "../suite/run_cases.ts";
import { letsIn } from "../suite/kept_server.ts";
import type { ServerTarget } from "../suite/server_peer.ts";
import type { Address } from "../suite/wire.ts";
import type { MatrixPeer } from "./peers.ts";

/** How long a peer's program may take to tell its address. */
const START_MS = 60_000;

/** How long a client may take to its first connection: less than a case, which then can say what is missing. */
const CLIENT_START_MS = 8000;

/**
 * Judges a peer.
 *
 * @param cases Some of the cases of its kind; all of them unless given.
 * @param onResult Told after each.
 */
export async function judgePeer(
  { id, peer, judges, needs, program: words, beside, password, silent, jobs, expired }: MatrixPeer,
  cases: readonly Case[] = CASES.filter((one) => one.judges === judges),
  onResult: (result: CaseResult) => void = () => {},
): Promise<Run> {
  await using helper = beside === undefined ? null : new ControlProgram(beside, true);
  const address = String(await helper?.ask("address", {}, START_MS) ?? "");
  const program = words.map((word) => word.replaceAll("{beside}", address));
  await using server = judges === "server" ? new JudgedServer(program, password ?? null) : null;
  await server?.start();
  const target: Target = server === null
    ? { judges: "client", client: { command: program, speaks: silent !== true, startMs: CLIENT_START_MS } }
    : expired && password !== undefined
    ? { judges: "server", server: { address: server.address, password: null, expiredPassword: password } }
    : { judges: "server", server };
  const results = await runCases(cases, target, onResult, jobs);
  return { peer, id, judges, date: new Date().toISOString(), versions: await versionsOf(needs), results };
}

/** Versions of Debian packages that are installed; of this project where none are needed. */
async function versionsOf(packages: readonly string[]): Promise<string[]> {
  if (packages.length === 0) return [`saffron ${project.version}`];
  const args = ["--show", "--showformat", "${Package} ${Version}\\n", ...packages];
  const { stdout } = await new Deno.Command("dpkg-query", { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => /^\S+ \S+$/.test(line));
}

/** A server that is started anew when a case has ended it, or left it so that it lets nobody in. */
class JudgedServer implements ServerTarget, AsyncDisposable {
  #program: ControlProgram | null = null;
  #address: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

  constructor(readonly words: readonly string[], readonly password: string | null) {}

  get address(): Address {
    return this.#address;
  }

  get control(): Control {
    return this.#program ?? NO_CONTROL;
  }

  async start(): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    this.#program = new ControlProgram(this.words, true);
    const uri = String(await this.#program.ask("uri", {}, START_MS)), found = parseUri(uri);
    if (found.unixPath !== undefined || found.port === undefined) throw new TypeError(`${uri} is not a plain port`);
    this.#address = { kind: "tcp", host: found.host, port: found.port };
  }

  readonly ready = async (): Promise<void> => {
    if (!await letsIn({ address: this.#address, password: this.password })) await this.start();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** What a peer is known to fail. */
export async function expectedOf({ id }: MatrixPeer): Promise<Expected> {
  return readExpected(await Deno.readTextFile(new URL(`../expected/${id}.json`, import.meta.url)));
}
