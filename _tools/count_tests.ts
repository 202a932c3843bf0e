/** Runs test tasks and counts their tests; every step of a test counts as a test. */

import { repositoryRoot } from "./files.ts";

/** How tests ended. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A suite that says nothing for so long is stopped: CI has an hour for everything. */
const TIME_LIMIT_MS = 20 * 60_000;

/** Time to end by itself after it was told to. */
const GRACE_MS = 5_000;

/**
 * Counts a JUnit report.
 *
 * @param xml What `deno test --junit-path` wrote.
 * @returns The tests by how they ended, and the names of those that were skipped.
 */
export function countReport(xml: string): Count & { readonly skippedNames: readonly string[] } {
  // Text is escaped, so a raw "<testcase" is always a tag.
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  const failed = cases.filter(([, , body]) => /<(failure|error)\b/.test(body ?? "")).length;
  const skippedNames = cases.filter(([, , body]) => /<skipped\b/.test(body ?? "")).map(([, name]) =>
    unescape(name ?? "")
  );
  return { passed: cases.length - failed - skippedNames.length, failed, skipped: skippedNames.length, skippedNames };
}

/**
 * The line that every run ends with.
 *
 * @param count Sum of what was run.
 * @returns `12 passed, 0 failed, 1 skipped`.
 */
export function countLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Adds up.
 *
 * @param counts Parts.
 * @returns Their sum.
 */
export function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }), { passed: 0, failed: 0, skipped: 0 });
}

/**
 * Runs one test task to its end, its output passed on.
 *
 * @param task Name of the task in `deno.json`; it must end in a `deno test`.
 * @param options `cwd` holds the `deno.json`; `timeLimitMs` bounds the run; `quiet` drops the output.
 * @returns What it counted. A run that breaks outside its tests counts as one more failed.
 */
export async function runSuite(
  task: string,
  { cwd = repositoryRoot, timeLimitMs = TIME_LIMIT_MS, quiet = false }: {
    cwd?: string;
    timeLimitMs?: number;
    quiet?: boolean;
  } = {},
): Promise<Count> {
  const folder = await Deno.makeTempDir({ prefix: "saffron-tests-" });
  try {
    const report = `${folder}/report.xml`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", task, `--junit-path=${report}`],
      cwd,
      stdin: "null",
      stdout: quiet ? "null" : "inherit",
      stderr: quiet ? "null" : "inherit",
    }).spawn();
    const code = await ended(child, timeLimitMs);
    const { skippedNames, ...count } = countReport(await readReport(report));
    const total = count.passed + count.failed + count.skipped;
    if (!quiet) {
      for (const name of skippedNames) console.log(`skipped: ${name}`);
      if (code === null) console.error(`${task}: stopped after ${timeLimitMs / 1000} s`);
      else if (total === 0) console.error(`${task}: no test ran`);
    }
    const broken = count.failed === 0 && (code !== 0 || total === 0);
    return broken ? { ...count, failed: 1 } : count;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Exit code, or null if it had to be stopped. */
async function ended(child: Deno.ChildProcess, timeLimitMs: number): Promise<number | null> {
  let stopped = false;
  let last: ReturnType<typeof setTimeout> | undefined;
  const first = setTimeout(() => {
    stopped = true;
    child.kill("SIGTERM");
    last = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  }, timeLimitMs);
  const { code } = await child.status;
  clearTimeout(first);
  clearTimeout(last);
  return stopped ? null : code;
}

/** A run that fails before its first test writes no report. */
async function readReport(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function unescape(text: string): string {
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => names[name] ?? "");
}

if (import.meta.main) {
  const counts: Count[] = [];
  for (const task of Deno.args.length > 0 ? Deno.args : ["test"]) {
    const count = await runSuite(task);
    console.log(`${task}: ${countLine(count)}`);
    counts.push(count);
  }
  const total = sum(counts);
  console.log(countLine(total));
  Deno.exit(total.failed === 0 ? 0 : 1);
}
