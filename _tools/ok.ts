/**
 * All checks and all tests, as CI runs them: `deno task ok`, or some of them by name: `deno task ok fmt lint`.
 * Every check counts as one test. The last line is `N passed, N failed, N skipped`.
 */

import { parseArgs } from "node:util";
import { type Count, countLine, runSuite, sum } from "./count_tests.ts";
import { repositoryRoot } from "./files.ts";

/** One thing that must hold. */
export interface Step {
  readonly name: string;
  /** For people, in `--help`. */
  readonly about: string;
  /** Arguments of `deno` for a check; its output is shown when it fails. */
  readonly check?: readonly string[];
  /** Task in `deno.json` for tests; its output is passed on. */
  readonly suite?: string;
}

/** All steps, in order: the quick ones first. */
export const STEPS: readonly Step[] = [
  { name: "fmt", about: "every file is formatted", check: ["fmt", "--check"] },
  { name: "lint", about: "Deno's linter", check: ["lint"] },
  { name: "types", about: "every file type-checks", check: ["check", "--quiet"] },
  tool("purity", "protocol, codecs, canvas and both cores touch no host", "_tools/check_purity.ts"),
  tool("layers", "imports point one way", "_tools/check_layers.ts"),
  tool("docs", "JSDoc, examples, links, commands and the table of features", "_tools/check_docs.ts", "--allow-write"),
  tool("words", "no text names a place on one machine", "_tools/check_words.ts"),
  tool("generated", "generated files are what their commands print", "_tools/check_generated.ts"),
  { name: "test", about: "tests that need no real peer", suite: "test" },
  {
    name: "real",
    about: "tests against real peers; a missing peer is skipped, but fails when CI is set",
    suite: "test:real",
  },
];

/** How a step ended. */
export interface Outcome {
  readonly name: string;
  readonly count: Count;
  readonly seconds: number;
}

/**
 * Picks steps by name.
 *
 * @param names Steps to run; none for all.
 * @param without Steps to leave out.
 * @returns In the order of {@link STEPS}.
 * @throws {RangeError} For a name that is no step.
 */
export function pick(names: readonly string[], without: readonly string[] = []): Step[] {
  for (const name of [...names, ...without]) {
    if (!STEPS.some((step) => step.name === name)) throw new RangeError(`Cannot run ${name}: no such step`);
  }
  return STEPS.filter(({ name }) => (names.length === 0 || names.includes(name)) && !without.includes(name));
}

/**
 * Runs steps one after the other, all of them, whatever fails.
 *
 * @param steps What to run.
 * @param options `cwd` is the folder of the `deno.json`; `print` takes the output of checks and the line of each step.
 * @returns How each ended.
 */
export async function run(
  steps: readonly Step[],
  { cwd = repositoryRoot, print = console.log }: { cwd?: string; print?: (text: string) => void } = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    const start = performance.now();
    const count = step.suite !== undefined
      ? await runSuite(step.suite, { cwd })
      : await runCheck(step.check ?? [], cwd, print);
    const outcome = { name: step.name, count, seconds: (performance.now() - start) / 1000 };
    print(line(outcome));
    outcomes.push(outcome);
  }
  return outcomes;
}

function tool(name: string, about: string, file: string, ...more: string[]): Step {
  return { name, about, check: ["run", "--allow-read", "--allow-run", "--allow-env", ...more, file] };
}

async function runCheck(args: readonly string[], cwd: string, print: (text: string) => void): Promise<Count> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  if (success) return { passed: 1, failed: 0, skipped: 0 };
  for (const output of [stdout, stderr]) print(new TextDecoder().decode(output).trimEnd());
  return { passed: 0, failed: 1, skipped: 0 };
}

function line({ name, count, seconds }: Outcome): string {
  const verdict = count.failed === 0 ? "ok    " : "FAILED";
  const tests = count.passed + count.failed + count.skipped === 1 ? "" : `  ${countLine(count)}`;
  return `${name.padEnd(9)}  ${verdict}  ${seconds.toFixed(1).padStart(6)} s${tests}`;
}

function help(): string {
  const steps = STEPS.map(({ name, about }) => `  ${name.padEnd(9)}  ${about}`).join("\n");
  return `deno task ok [STEP]… [--without STEP]…\n\nRuns all steps, or those named:\n${steps}`;
}

if (import.meta.main) {
  let steps: Step[];
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      allowPositionals: true,
      options: { without: { type: "string", multiple: true }, help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) {
      console.log(help());
      Deno.exit(0);
    }
    steps = pick(positionals, values.without);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(help());
    Deno.exit(2);
  }
  const outcomes = await run(steps);
  const total = sum(outcomes.map(({ count }) => count));
  const failed = outcomes.filter(({ count }) => count.failed > 0);
  console.log();
  for (const outcome of outcomes) console.log(line(outcome));
  if (failed.length > 0) console.log(`failed: ${failed.map(({ name }) => name).join(", ")}`);
  console.log(countLine(total));
  Deno.exit(failed.length === 0 ? 0 : 1);
}
