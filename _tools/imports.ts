/** Every way in which a TypeScript file names another module. */

// TypeScript's own parser, for checks only: Deno's lint plugins stop walking at an empty statement (`for (…);`).
import ts from "npm:typescript@^5.9";

/** How a module is named. `url` is `new URL("./x", import.meta.url)`, which is how workers and files are reached. */
export type ImportKind = "static" | "export" | "type" | "dynamic" | "require" | "reference" | "url";

/** One place that names another module. */
export interface Import {
  readonly kind: ImportKind;
  /** As written; null where the code computes it. */
  readonly specifier: string | null;
  /** First line is 1. */
  readonly line: number;
  /** Whether a comment stands on the same line or the line above. */
  readonly argued: boolean;
}

/**
 * Lists what a file imports: `import`, `export … from`, `import type`, `import("…")` as value and as type, `import x =
 * require("…")`, `/// <reference …>` and URLs relative to `import.meta.url`.
 *
 * @param path Name of the file; its ending tells TypeScript from JavaScript.
 * @param text The whole file.
 * @returns In the order of the file.
 */
export function importsOf(path: string, text: string): Import[] {
  const source = parse(path, text);
  const lines = text.split("\n");
  const found: Import[] = [];
  const add = (kind: ImportKind, node: ts.Node | undefined, at: ts.Node): void => {
    const line = source.getLineAndCharacterOfPosition(at.getStart(source)).line;
    const specifier = node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;
    const end = source.getLineAndCharacterOfPosition(at.getEnd()).line;
    const argued = /\/\/\s*\S/.test(lineAfterCode(lines[end] ?? "")) ||
      /^\s*(\/\/|\*\/|\/\*|\*)/.test(lines[line - 1] ?? "");
    found.push({ kind, specifier, line: line + 1, argued });
  };
  for (const file of [...source.referencedFiles, ...source.typeReferenceDirectives]) {
    const line = source.getLineAndCharacterOfPosition(file.pos).line + 1;
    found.push({ kind: "reference", specifier: file.fileName, line, argued: false });
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(isTypeOnly(node) ? "type" : "static", node.moduleSpecifier, node);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add("export", node.moduleSpecifier, node);
    } else if (ts.isImportTypeNode(node)) {
      add("type", ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, node);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add("dynamic", node.arguments[0], node);
    } else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "require") {
      add("require", node.arguments[0], node);
    } else if (ts.isExternalModuleReference(node)) {
      add("require", node.expression, node);
    } else if (ts.isNewExpression(node) && isModuleUrl(node, source)) {
      add("url", node.arguments?.[0], node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * Checks that a file of public names does nothing but re-export.
 *
 * @param path Name of the file.
 * @param text The whole file.
 * @returns Lines of statements that are not `export … from "…"`; first line is 1.
 */
export function codeLines(path: string, text: string): number[] {
  const source = parse(path, text);
  return source.statements
    .filter((node) => !(ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined))
    .map((node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1);
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function isTypeOnly(node: ts.ImportDeclaration): boolean {
  return node.importClause?.isTypeOnly === true;
}

/** `new URL(x, import.meta.url)`. */
function isModuleUrl(node: ts.NewExpression, source: ts.SourceFile): boolean {
  const [, base] = node.arguments ?? [];
  return ts.isIdentifier(node.expression) && node.expression.text === "URL" &&
    base?.getText(source) === "import.meta.url";
}

/** What stands after the last quote or semicolon of a line: a comment there argues for the import. */
function lineAfterCode(line: string): string {
  return line.slice(Math.max(line.lastIndexOf('"'), line.lastIndexOf("'"), line.lastIndexOf(";")) + 1);
}
