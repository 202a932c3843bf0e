/** `conformance --against` and `--client`: what a peer does right, case by case. */
import { ExitCode } from "../../cli/exit_code.ts";
import { FileError } from "../../cli/file_error.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { Arguments } from "../../cli/arguments.ts";
import { parseUri } from "../../protocol/uri.ts";
import { htmlReport } from "../report/html.ts";
import { junitReport } from "../report/junit.ts";
import { countVerdicts, type Run } from "../report/run.ts";
import { CASES } from "../suite/all_cases.ts";
import type { Case } from "../suite/case.ts";
import { ControlProgram } from "../suite/control.ts";
import { type Expected, readExpected, surprises } from "../suite/expected.ts";
import { fits } from "../suite/glob.ts";
import { type CaseResult, runCases, type Target } from "../suite/run_cases.ts";
import { KeptServer } from "../suite/kept_server.ts";
import type { ServerTarget } from "../suite/server_peer.ts";
import { Finding } from "../suite/verdict.ts";
import type { Address } from "../suite/wire.ts";
import type { Command, CommandWorld } from "../../cli/command.ts";
import { splitWords } from "./split_words.ts";

/** See {@link Command}. */
export const judge: Command = {
  name: "judge",
  summary: "Judge a server (--against, --server) or a client (--client); the name may be left out",
  usage: "--against URI | --server PROGRAM | --client PROGRAM [cases]…",
  details: [
    "Cases are named by their addresses, as link/ticket/expired; link, link/* and **/expired are patterns. Each ends as ok,",
    "non-strict (it works, but not as required in full), failed, or unimplemented (the peer lacks it, or nobody can make it",
    "show it). A program speaks the control protocol of docs/conformance.md on its standard input and output, with --speaks,",
    "or is only started; {uri}, {host}, {port} and {password} in it are put in. The exit code is 1 when a must failed that",
    "--expected does not list, or a listed one passes.",
  ],
  examples: [
    "--against spice://127.0.0.1:5930",
    "--against spice://127.0.0.1:5930 --start 'my_server --port 5930'",
    "--against spice://127.0.0.1:5930 --password secret --html report.html link main",
    "--client 'spicy --uri={uri}'",
    "--client 'node my_client.js {host} {port}' --speaks --strict --json mine.json",
    "--dry-run",
  ],
  options: [
    { name: "against", value: "URI", about: "a server that runs: spice://HOST:PORT or spice+unix:///PATH" },
    { name: "password", value: "P", about: "the server's password" },
    { name: "expired-password", value: "P", about: "a password that was right and is no more" },
    { name: "control", value: "PROGRAM", about: "makes the server of --against do things, by the control protocol" },
    { name: "start", value: "PROGRAM", about: "starts the server of --against, and anew when a case has ended it" },
    { name: "server", value: "PROGRAM", about: "starts a server; it speaks the control protocol, `uri` included" },
    { name: "client", value: "PROGRAM", about: "starts a client that connects to {uri}; started anew for every case" },
    { name: "speaks", about: "the client speaks the control protocol" },
    { name: "jobs", value: "N", about: "clients that run at once, 1 to 16 (default: 1)" },
    { name: "peer", value: "NAME", about: "the peer's name in reports" },
    { name: "expected", value: "FILE", about: "what the peer is known to fail, with reasons" },
    { name: "strict", about: "a should counts as a must" },
    { name: "dry-run", about: "list the cases" },
    { name: "json", value: "FILE", about: "write the run with all evidence" },
    { name: "junit", value: "FILE", about: "write it for CI systems" },
    { name: "html", value: "FILE", about: "write it as a page" },
  ],
  takes: [0, Infinity],
  prepare(args) {
    const { positionals: patterns } = args;
    for (const pattern of patterns) {
      if (!CASES.some(({ address }) => fits(address, pattern))) throw new UsageError(`no case fits "${pattern}"`);
    }
    const chosen = (judges: Case["judges"]) =>
      CASES.filter((one) =>
        one.judges === judges && (patterns.length === 0 || patterns.some((it) => fits(one.address, it)))
      );
    const kinds = ["against", "server", "client"].filter((name) => args.text(name) !== undefined);
    if (args.flag("dry-run")) return (world) => list([...chosen("server"), ...chosen("client")], world);
    if (kinds.length !== 1) throw new UsageError("need one of --against, --server and --client");
    const judges = kinds[0] === "client" ? "client" : "server";
    const jobs = args.integer("jobs", 1, 16) ?? 1;
    const expectedPath = args.text("expected");
    return async (world) => {
      const expected = expectedPath === undefined ? { peer: "", known: [] } : await readList(expectedPath);
      const name = args.text("peer") ?? (expected.peer || args.text(kinds[0]!)!);
      await using open = await openTarget(judges, args);
      const results = await runCases(chosen(judges), open.target, (result) => void world.out(resultLine(result)), jobs);
      return await tell({ peer: name, judges, date: new Date().toISOString(), results }, expected, args, world);
    };
  },
};

async function list(cases: readonly Case[], world: CommandWorld): Promise<number> {
  const width = Math.max(...cases.map(({ address }) => address.length));
  for (const { address, judges, level, title } of cases) {
    await world.out(`${judges}  ${level.padEnd(6)}  ${address.padEnd(width)}  ${title}`);
  }
  return ExitCode.DONE;
}

function resultLine({ verdict, level, address, reason, ms }: CaseResult): string {
  return `${verdict.padEnd(13)} ${level.padEnd(6)} ${address}${reason === "" ? "" : `: ${reason}`}  (${ms} ms)`;
}

/** Writes the reports and the verdict of all. */
async function tell(run: Run, expected: Expected, args: Arguments, world: CommandWorld): Promise<number> {
  const { results } = run, whole = args.positionals.length === 0;
  const reports = [["json", JSON.stringify(run)], ["junit", junitReport(run)], [
    "html",
    await htmlReport([run]),
  ]] as const;
  for (const [option, text] of reports) {
    const path = args.text(option);
    if (path === undefined) continue;
    await Deno.writeTextFile(path, text).catch((error) => {
      throw new FileError(path, "write", error);
    });
  }
  const found = surprises(results, expected, args.flag("strict"), whole);
  for (const { about, text } of found) world.warn(`${about}: ${text}`);
  const counts = countVerdicts(results);
  await world.out(Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`).join(", "));
  const passed = results.length - counts.unimplemented - found.length;
  await world.out(`${Math.max(0, passed)} passed, ${found.length} failed, ${counts.unimplemented} skipped`);
  const lost = results.find(({ lostAfter }) => lostAfter !== undefined)?.lostAfter;
  if (lost !== undefined) {
    world.warn(`the server is gone since ${lost}: the rest is not judged (--start brings it back)`);
  }
  return found.length === 0 && lost === undefined ? ExitCode.DONE : ExitCode.FAILED;
}

async function readList(path: string): Promise<Expected> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new FileError(path, "read", error);
  });
  try {
    return readExpected(text);
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}

/** A peer as it is judged. Disposing ends what was started for it. */
interface OpenTarget extends AsyncDisposable {
  readonly target: Target;
}

async function openTarget(judges: Case["judges"], args: Arguments): Promise<OpenTarget> {
  await using stack = new AsyncDisposableStack();
  const start = (option: string, speaks: boolean) => {
    const words = splitWords(args.text(option)!);
    return words.length === 0 ? usage(`--${option} names no program`) : stack.use(new ControlProgram(words, speaks));
  };
  const done = (target: Target): OpenTarget => {
    const owned = stack.move();
    return { target, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };
  if (judges === "client") {
    return done({ judges, client: { command: splitWords(args.text("client")!), speaks: args.flag("speaks") } });
  }
  const expiredPassword = args.text("expired-password"), program = args.text("server");
  const control = program !== undefined
    ? start("server", true)
    : args.text("control") === undefined
    ? undefined
    : start("control", true);
  const uri = program === undefined ? args.text("against")! : String(await control!.ask("uri", {}, 30_000));
  const { address, password } = addressOf(uri);
  const server: ServerTarget = {
    address,
    password: args.text("password") ?? password,
    ...(expiredPassword !== undefined && { expiredPassword }),
    ...(control !== undefined && { control }),
  };
  const kept = args.text("start");
  if (kept === undefined) return done({ judges, server });
  if (program !== undefined) usage("--start is for a server of --against");
  const keeper = stack.use(new KeptServer(splitWords(kept), server));
  await keeper.ready().catch((error) => {
    throw error instanceof Finding ? new UsageError(error.reason) : error;
  });
  return done({ judges, server: { ...server, ready: () => keeper.ready() } });
}

function addressOf(uri: string): { readonly address: Address; readonly password: string | null } {
  const target = parseUri(uri), password = target.password ?? null;
  if (target.unixPath !== undefined) return { address: { kind: "unix", path: target.unixPath }, password };
  if (target.port === undefined) return usage("the suite does not speak TLS yet: give a plain port");
  return { address: { kind: "tcp", host: target.host, port: target.port }, password };
}

function usage(text: string): never {
  throw new UsageError(text);
}
