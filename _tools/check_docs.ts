/** Checks what is written for people: `deno task ok docs`. */

import { pathToFileURL } from "node:url";
import { readDocLint } from "./doc_lint.ts";
import { ignoredExamples, moduleOf } from "./examples.ts";
import { readText, repositoryFiles, repositoryRoot } from "./files.ts";
import { type Finding, report } from "./finding.ts";
import { anchorsOf, commandsOf, linksOf, tablesOf } from "./markdown.ts";
import config from "../deno.json" with { type: "json" };

/** Every file of the repository by path; null for one that is not text. */
export type Files = ReadonlyMap<string, string | null>;

/**
 * Finds relative links to files or headings that do not exist.
 *
 * @param files All files.
 * @returns One finding a link.
 */
export function checkLinks(files: Files): Finding[] {
  return pages(files).flatMap(([file, page]) =>
    linksOf(page).flatMap(({ target, line }): Finding[] => {
      if (/^([a-z][a-z+.-]*:|\/\/)/i.test(target)) return [];
      const wrong = (text: string): Finding[] => [{ file, line, rule: "link", text: `\`${target}\` ${text}` }];
      const [path = "", anchor] = target.split("#");
      const at = path === "" ? file : resolve(file, path);
      if (at === null) return wrong("leaves the repository");
      const folder = `${at.replace(/\/$/, "")}/`;
      if (!files.has(at) && !(at === "" || [...files.keys()].some((one) => one.startsWith(folder)))) {
        return wrong("does not exist");
      }
      if (anchor === undefined || !at.endsWith(".md")) return [];
      return anchorsOf(files.get(at) ?? "").has(decodeURIComponent(anchor)) ? [] : wrong("names no heading there");
    })
  );
}

/**
 * Finds commands in pages that cannot work: a task that does not exist, another version of Deno than elsewhere.
 *
 * @param files All files.
 * @param tasks Names of the tasks in `deno.json`.
 * @returns One finding a command.
 */
export function checkCommands(files: Files, tasks: ReadonlySet<string>): Finding[] {
  const wanted = /deno@(\d+\.\d+\.\d+)/.exec(files.get(".ci/run") ?? "")?.[1];
  return pages(files).flatMap(([file, page]) =>
    commandsOf(page).flatMap(({ text, line }) => {
      const findings: Finding[] = [];
      const [, task] = /(?:^|[\s$])deno(?:@\S+)? task ([\w:-]+)/.exec(text) ?? [];
      if (task !== undefined && !tasks.has(task)) {
        findings.push({ file, line, rule: "command", text: `\`deno task ${task}\` does not exist` });
      }
      const [, version] = /deno@([\w.]+)/.exec(text) ?? [];
      if (version !== undefined && wanted !== undefined && version !== wanted) {
        findings.push({ file, line, rule: "version", text: `deno@${version}, but .ci/run takes deno@${wanted}` });
      }
      return findings;
    })
  );
}

/**
 * Checks that CI runs the very command that the README gives for the tests.
 *
 * @param files All files.
 * @returns A finding if not.
 */
export function checkTestCommand(files: Files): Finding[] {
  const command = /^\s*(?:exec )?(npx -y deno@[\d.]+ task ok)\s*$/m.exec(files.get(".ci/run") ?? "")?.[1];
  const rule = "test command";
  if (command === undefined) return [{ file: ".ci/run", line: 0, rule, text: "runs no `npx -y deno@… task ok`" }];
  const said = commandsOf(files.get("README.md") ?? "").some(({ text }) => text.replace(/^\$ /, "") === command);
  return said ? [] : [{ file: "README.md", line: 0, rule, text: `does not give \`${command}\`, which CI runs` }];
}

/**
 * Checks a table of features: each cell is `no`, or `yes` or `partly` linked to a test that exists.
 *
 * @param file Page that holds the tables; tables without a column of answers are left alone.
 * @param files All files.
 * @returns One finding a cell.
 */
export function checkFeatures(file: string, files: Files): Finding[] {
  const rule = "feature";
  const tables = tablesOf(files.get(file) ?? "").filter(({ head }) => head.some(isAnswerColumn));
  if (tables.length === 0) return [{ file, line: 0, rule, text: "holds no table of features" }];
  return tables.flatMap(({ head, rows }) =>
    rows.flatMap(({ cells, line }) =>
      head.flatMap((column, i): Finding[] => {
        if (!isAnswerColumn(column)) return [];
        const cell = cells[i] ?? "";
        const wrong = (text: string): Finding[] => [{ file, line, rule, text: `${column}: \`${cell}\` ${text}` }];
        if (cell === "no") return [];
        const target = /^\[(?:yes|partly)\]\(([^()\s]+)\)$/.exec(cell)?.[1];
        if (target === undefined) return wrong("is neither `no` nor `[yes](test)` nor `[partly](test)`");
        const path = resolve(file, target.split("#")[0] ?? "") ?? "";
        if (!/_test\.tsx?$/.test(path)) return wrong("does not link a test");
        return files.has(path) ? [] : wrong("links a test that does not exist");
      })
    )
  );
}

/**
 * Finds exports and public methods without a JSDoc comment.
 *
 * @param doc What `deno doc --json` printed.
 * @param root URL of the repository with a slash at the end, taken off file names.
 * @returns One finding a symbol.
 */
export function checkSymbols(doc: DocJson, root: string): Finding[] {
  const findings = new Map<string, Finding>();
  const missing = ({ filename, line }: Location, name: string): void => {
    const file = filename.startsWith(root) ? filename.slice(root.length) : filename;
    const finding = { file, line: line + 1, rule: "no JSDoc", text: `\`${name}\` is public and says nothing` };
    findings.set(`${file}:${line}:${name}`, finding);
  };
  const judge = (symbols: readonly DocSymbol[], prefix: string): void => {
    for (const { name, declarations } of symbols) {
      const [first] = declarations;
      if (first === undefined) continue;
      const documented = declarations.some(({ jsDoc }) => saysSomething(jsDoc));
      // `export * as name` takes no comment of its own: its file has one.
      if (!documented && first.kind !== "namespace") missing(first.def?.target ?? first.location, prefix + name);
      for (const { kind, def } of declarations) {
        if (kind === "namespace") judge(def?.elements ?? [], `${prefix}${name}.`);
        if (kind === "class") judgeMethods(def?.methods ?? [], `${prefix}${name}.`);
      }
    }
  };
  const judgeMethods = (methods: readonly DocMethod[], prefix: string): void => {
    for (const method of methods) {
      if (method.accessibility !== undefined && method.accessibility !== "public") continue;
      if (method.isOverride === true || method.name.startsWith("[")) continue;
      const documented = methods.some((one) => one.name === method.name && saysSomething(one.jsDoc));
      if (!documented) missing(method.location, prefix + method.name);
    }
  };
  for (const { symbols } of Object.values(doc.nodes)) judge(symbols, "");
  return [...findings.values()];
}

/** The part of `deno doc --json`, version 2, that is read here. */
export interface DocJson {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly location: Location;
    readonly jsDoc?: JsDoc;
    readonly def?: {
      readonly elements?: readonly DocSymbol[];
      readonly methods?: readonly DocMethod[];
      readonly target?: Location;
    };
  }[];
}

interface DocMethod {
  readonly name: string;
  readonly location: Location;
  readonly accessibility?: string;
  readonly isOverride?: boolean;
  readonly jsDoc?: JsDoc;
}

interface JsDoc {
  readonly doc?: string;
  readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
}

interface Location {
  readonly filename: string;
  /** First line is 0. */
  readonly line: number;
}

/** A sentence, or at least what is returned. */
function saysSomething(jsDoc: JsDoc | undefined): boolean {
  return jsDoc?.doc !== undefined ||
    jsDoc?.tags?.some(({ kind, doc }) => kind === "return" && doc !== undefined) === true;
}

function isAnswerColumn(column: string): boolean {
  return /^(server|client|command line|command-line client|browser)$/i.test(column);
}

function pages(files: Files): [file: string, page: string][] {
  return [...files].flatMap(([file, text]) => file.endsWith(".md") && text !== null ? [[file, text]] : []);
}

/** Path of a link from the root; null when it leaves the repository. */
function resolve(from: string, target: string): string | null {
  const parts = from.split("/").slice(0, -1);
  for (const part of decodeURIComponent(target).split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== "." && part !== "") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

/**
 * Type-checks the examples that are not run.
 *
 * @param files All files.
 * @param root Path of the repository, without a slash at the end.
 * @returns One finding an error.
 */
export async function checkExamples(files: Files, root: string): Promise<Finding[]> {
  const examples = [...files].flatMap(([file, text]) =>
    text !== null && /\.(md|tsx?)$/.test(file) ? ignoredExamples(file, text) : []
  );
  if (examples.length === 0) return [];
  const folder = await Deno.makeTempDir({ prefix: "saffron-examples-" });
  try {
    const url = pathToFileURL(`${root}/`).href;
    const paths = examples.map((_, i) => `${folder}/${i}.ts`);
    await Promise.all(examples.map((example, i) => Deno.writeTextFile(paths[i]!, moduleOf(example, url))));
    const { success, output } = await runDeno(["check", "--quiet", `--config=${root}/deno.json`, ...paths], root);
    if (success) return [];
    const errors = output.matchAll(/(TS\d+) \[ERROR\]: (.+)[^]*?\/(\d+)\.ts:(\d+):\d+$/gm);
    const findings = [...errors].flatMap(([, code, text, i, line]): Finding[] => {
      const example = examples[Number(i)];
      if (example === undefined) return [];
      return [{
        file: example.file,
        line: example.line + Number(line) - 1,
        rule: "example",
        text: `${code}: ${text}${code === "TS2304" ? " An example imports what it uses." : ""}`,
      }];
    });
    return findings.length > 0 ? findings : [{ file: "mod.ts", line: 0, rule: "example", text: output.trim() }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `deno`; `output` is what it wrote to stderr, without colours. */
async function runDeno(args: string[], cwd: string): Promise<{ success: boolean; output: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" }, stdout: "null" });
  const { success, stderr } = await command.output();
  return { success, output: new TextDecoder().decode(stderr) };
}

/** What `deno doc` knows of the public names; null, with its own words on stderr, where it cannot read them. */
async function readDoc(): Promise<DocJson | null> {
  const args = ["doc", "--json", "mod.ts"];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: repositoryRoot, stderr: "inherit" });
  const { success, stdout } = await child.output();
  return success ? JSON.parse(new TextDecoder().decode(stdout)) : null;
}

if (import.meta.main) {
  const paths = await repositoryFiles();
  const files = new Map(await Promise.all(paths.map(async (path) => [path, await readText(path)] as const)));
  const doc = await readDoc();
  const unread: Finding = { file: "mod.ts", line: 0, rule: "no JSDoc", text: "`deno doc --json mod.ts` failed" };
  const findings = [
    ...(doc === null ? [unread] : checkSymbols(doc, new URL("..", import.meta.url).href)),
    ...readDocLint((await runDeno(["doc", "--lint", "mod.ts"], repositoryRoot)).output, repositoryRoot),
    ...await checkExamples(files, repositoryRoot),
    ...checkLinks(files),
    ...checkCommands(files, new Set(Object.keys(config.tasks))),
    ...checkTestCommand(files),
    ...checkFeatures("docs/features.md", files),
  ];
  Deno.exit(report(findings, `mod.ts and ${pages(files).length} pages`));
}
