/**
 * Checks that what is generated into the tree is what its command prints today: `deno task ok generated`.
 * `deno task generate` writes it anew.
 */

import { repositoryRoot } from "./files.ts";
import { type Finding, report } from "./finding.ts";

/** A file of the tree that a command prints. */
export interface Generated {
  readonly file: string;
  /** Arguments of `deno` that print the file. It is formatted after that, so they need not care. */
  readonly command: readonly string[];
}

/** All generated files. */
export const GENERATED: readonly Generated[] = [
  {
    file: "docs/messages.md",
    command: ["run", "--no-prompt", "--allow-read=protocol", "_tools/generate_messages_doc.ts"],
  },
  {
    file: "docs/conformance_ledger.md",
    command: ["run", "--no-prompt", "--allow-read=conformance", "conformance/ledger/main.ts", "--markdown"],
  },
  {
    // What is covered now, or was once: it never shrinks by itself.
    file: "conformance/ledger/floor.json",
    command: ["run", "--no-prompt", "--allow-read=conformance", "conformance/ledger/main.ts", "--floor"],
  },
];

/**
 * Compares generated files with what their commands print, or writes them.
 *
 * @param list Files and commands.
 * @param options `root` is the folder of the files and where commands run; `write` writes what differs.
 * @returns One finding for each file that differs (none once written) and each command that fails.
 */
export async function checkGenerated(
  list: readonly Generated[],
  { root = repositoryRoot, write = false }: { root?: string; write?: boolean } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { file, command } of list) {
    const wrong = (line: number, text: string) => findings.push({ file, line, rule: "generated", text });
    const made = await deno(command, root);
    if (typeof made !== "string") {
      wrong(0, `\`deno ${command.join(" ")}\` failed: ${made.error}`);
      continue;
    }
    const wanted = await deno(["fmt", "-q", `--ext=${file.slice(file.lastIndexOf(".") + 1)}`, "-"], root, made);
    if (typeof wanted !== "string") {
      wrong(0, `cannot be formatted: ${wanted.error}`);
      continue;
    }
    const line = firstDifference(await read(`${root}/${file}`), wanted);
    if (line === null) continue;
    if (write) await Deno.writeTextFile(`${root}/${file}`, wanted);
    else wrong(line, "differs from what its command prints: run `deno task generate`");
  }
  return findings;
}

/** First line that differs, counted from 1; null for none. */
function firstDifference(was: string, wanted: string): number | null {
  if (was === wanted) return null;
  const [a, b] = [was.split("\n"), wanted.split("\n")];
  const at = b.findIndex((line, i) => line !== a[i]);
  return (at < 0 ? b.length : at) + 1;
}

async function deno(args: readonly string[], cwd: string, input = ""): Promise<string | { error: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const feed = new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}); // It may end without reading.
  const { success, stdout, stderr } = await child.output();
  await feed;
  const text = new TextDecoder();
  return success ? text.decode(stdout) : { error: text.decode(stderr).trim().split("\n")[0] ?? "" };
}

/** A file that is not there yet differs from its first line on. */
async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  const write = Deno.args.includes("--write");
  Deno.exit(report(await checkGenerated(GENERATED, { write }), `${GENERATED.length} generated files`));
}
