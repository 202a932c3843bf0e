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

/** A folder of the tree whose files a command prints. */
export interface GeneratedFolder {
  /** Holds nothing else. */
  readonly folder: string;
  /** Arguments of `deno` that print one object of JSON: path in the folder to text. The files are left as they are. */
  readonly command: readonly string[];
}

/** All generated files. */
export const GENERATED: readonly (Generated | GeneratedFolder)[] = [
  {
    file: "docs/messages.md",
    command: ["run", "--no-prompt", "--allow-read=protocol", "_tools/generate_messages_doc.ts"],
  },
  {
    folder: "conformance/vectors/messages",
    command: ["run", "--no-prompt", "--allow-read=conformance", "conformance/vectors/generate_messages.ts"],
  },
  {
    // It counts the vectors.
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
  list: readonly (Generated | GeneratedFolder)[],
  { root = repositoryRoot, write = false }: { root?: string; write?: boolean } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const one of list) {
    const files = "folder" in one ? await madeFolder(one, root) : await madeFile(one, root);
    if (!(files instanceof Map)) {
      findings.push(finding("folder" in one ? one.folder : one.file, 0, files.error));
      continue;
    }
    for (const [file, wanted] of files) {
      const line = wanted === null ? 1 : firstDifference(await read(`${root}/${file}`), wanted);
      if (line === null) continue;
      if (write) await writeFile(`${root}/${file}`, wanted);
      else findings.push(finding(file, line, "differs from what its command prints: run `deno task generate`"));
    }
  }
  return findings;
}

/** Path from the root to text; `null` for a file that is there and should not be. */
type Made = Map<string, string | null>;

async function madeFile({ file, command }: Generated, root: string): Promise<Made | { error: string }> {
  const made = await printed(command, root);
  if (typeof made !== "string") return made;
  const wanted = await deno(["fmt", "-q", `--ext=${file.slice(file.lastIndexOf(".") + 1)}`, "-"], root, made);
  return typeof wanted === "string" ? new Map([[file, wanted]]) : { error: `cannot be formatted: ${wanted.error}` };
}

async function madeFolder({ folder, command }: GeneratedFolder, root: string): Promise<Made | { error: string }> {
  const made = await printed(command, root);
  if (typeof made !== "string") return made;
  const files: Made = new Map((await filesIn(`${root}/${folder}`)).map((name) => [`${folder}/${name}`, null]));
  for (const [name, text] of Object.entries(JSON.parse(made))) files.set(`${folder}/${name}`, String(text));
  return files;
}

async function printed(command: readonly string[], root: string): Promise<string | { error: string }> {
  const made = await deno(command, root);
  return typeof made === "string" ? made : { error: `\`deno ${command.join(" ")}\` failed: ${made.error}` };
}

async function filesIn(folder: string, below = ""): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
      if (isDirectory) names.push(...await filesIn(folder, `${below}${name}/`));
      else names.push(`${below}${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

async function writeFile(path: string, text: string | null): Promise<void> {
  if (text === null) return await Deno.remove(path);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

function finding(file: string, line: number, text: string): Finding {
  return { file, line, rule: "generated", text };
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
  Deno.exit(report(await checkGenerated(GENERATED, { write }), `${GENERATED.length} generated files and folders`));
}
