/** What the checks need to know of a Markdown page: its links, its anchors, its commands and its tables. */

/** A link of a page. */
export interface Link {
  /** As written, without its title. */
  readonly target: string;
  /** First line is 1. */
  readonly line: number;
}

/** A command in a code block or in inline code. */
export interface Command {
  readonly text: string;
  readonly line: number;
}

/** A table: the cells of its head and of its rows, trimmed. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly line: number }[];
}

/**
 * Links and images, inline, by reference and in HTML; none from code.
 *
 * @param page The whole text.
 * @returns In the order of the page.
 */
export function linksOf(page: string): Link[] {
  const ways = [
    /\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\)[^()\s]*)*)>?(?:\s+["'(][^)]*)?\)/g,
    /^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g,
    /\b(?:href|src)="([^"]+)"/g,
  ];
  return proseLines(page).flatMap((line, i) =>
    ways.flatMap((way) => [...line.matchAll(way)].map(([, target]) => ({ target: target ?? "", line: i + 1 })))
  );
}

/**
 * What a link can point at inside a page, as GitHub names it.
 *
 * @param page The whole text.
 * @returns Anchors without `#`.
 */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const bare = stripFences(page);
  for (const [, text] of bare.matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = slugOf(text ?? "");
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  for (const [, id] of bare.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id ?? "");
  return anchors;
}

/**
 * Lines of code blocks and pieces of inline code.
 *
 * @param page The whole text.
 * @returns In the order of the page.
 */
export function commandsOf(page: string): Command[] {
  const commands: Command[] = [];
  eachLine(page, (text, line, fenced) => {
    if (fenced) commands.push({ text: text.trim(), line });
    else for (const [, code] of text.matchAll(/`([^`]+)`/g)) commands.push({ text: (code ?? "").trim(), line });
  });
  return commands;
}

/**
 * Tables with a line of dashes under their head.
 *
 * @param page The whole text.
 * @returns In the order of the page.
 */
export function tablesOf(page: string): Table[] {
  const lines = stripFences(page).split("\n");
  const isRow = (line: string | undefined): line is string => line !== undefined && /^\s*\|.*\|\s*$/.test(line);
  const tables: Table[] = [];
  for (let i = 0; i + 1 < lines.length; i++) {
    const head = lines[i];
    if (!isRow(head) || !/^\s*\|[\s:|-]*-[\s:|-]*\|\s*$/.test(lines[i + 1] ?? "")) continue;
    const rows = [];
    for (i += 2; isRow(lines[i]); i++) rows.push({ cells: cellsOf(lines[i] ?? ""), line: i + 1 });
    tables.push({ head: cellsOf(head), rows });
  }
  return tables;
}

function cellsOf(row: string): string[] {
  return row.trim().slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** GitHub's rule: lower case, letters, digits, `_` and `-` stay, spaces become `-`. */
function slugOf(heading: string): string {
  const text = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").trim().replaceAll(" ", "-");
}

/** Lines with all code blanked. */
function proseLines(page: string): string[] {
  return stripFences(page).split("\n").map((line) => line.replaceAll(/(`+)(?!`).*?\1/g, ""));
}

/** The page with its code blocks blanked, lines kept. */
function stripFences(page: string): string {
  const lines: string[] = [];
  eachLine(page, (text, _, fenced) => lines.push(fenced ? "" : text));
  return lines.join("\n");
}

/** Walks lines; the marks of a fence count as outside and come as empty lines. */
function eachLine(page: string, see: (text: string, line: number, fenced: boolean) => void): void {
  let fence = "";
  for (const [i, text] of page.split("\n").entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1] ?? "";
    if (fence === "" && mark !== "") {
      fence = mark;
      see("", i + 1, false);
    } else if (fence !== "" && mark.startsWith(fence)) {
      fence = "";
      see("", i + 1, false);
    } else {
      see(text, i + 1, fence !== "");
    }
  }
}
