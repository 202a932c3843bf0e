/**
 * Pure code: what runs unchanged in Deno, a worker and a browser, and gives the same output for the same input.
 *
 * A pure file uses nothing but the language and a few functions of it that every host has. What is not on the list is
 * refused, so a new host object needs no new rule. Names are resolved as TypeScript does: a parameter called `window`
 * is a parameter.
 */

// TypeScript's parser and binder, for checks only: Deno's lint plugins stop walking at an empty statement (`for (…);`).
import ts from "npm:typescript@^5.9";
import type { Finding } from "./finding.ts";

/** Globals that pure code may use: they compute, and neither wait, look around nor remember. */
const PURE_GLOBALS = new Set([
  ..."undefined NaN Infinity Object Boolean Symbol Number BigInt Math String RegExp JSON Reflect Proxy".split(" "),
  ..."Array ArrayBuffer DataView Map Set WeakMap WeakSet Iterator arguments".split(" "),
  ..."Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(" "),
  ..."BigInt64Array BigUint64Array Float16Array Float32Array Float64Array".split(" "),
  ..."Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" "),
  ..."parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent".split(" "),
  ..."TextEncoder TextDecoder URL URLSearchParams structuredClone atob btoa".split(" "),
]);

/** What to do instead, for the globals that people reach for. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["Date", "take the time as an argument"],
  ["performance", "take the time as an argument"],
  ["Temporal", "take the time as an argument"],
  ["setTimeout", "ask the driver to wake you"],
  ["setInterval", "ask the driver to wake you"],
  ["Promise", "ask the driver and keep what waits as a state"],
  ["crypto", "ask the driver for random bytes"],
  ["console", "emit an event or throw"],
]);

/** Methods of collections that change them. */
const CHANGES = new Set(
  ("push pop shift unshift splice sort reverse fill copyWithin set add delete clear " +
    "setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setBigInt64 setBigUint64 setFloat32 setFloat64").split(" "),
);

/** Methods of a regular expression with `g` or `y` that remember where it was. */
const REMEMBERS = new Set(["exec", "test"]);

const MUTABLE = new Set(["Map", "Set", "Array"]);
const WEAK = new Set(["WeakMap", "WeakSet"]);
const TABLE = /^(Array|Map|Set|WeakMap|WeakSet|DataView|ArrayBuffer|(Big)?(Ui|I)nt\d+(Clamped)?Array|Float\d+Array)$/;

/**
 * Finds what is not pure.
 *
 * @param files Name to text; only pure files, no tests.
 * @returns Every use of a host, a clock, randomness, waiting or module state.
 */
export function findImpurities(files: ReadonlyMap<string, string>): Finding[] {
  const sources = new Map([...files].map(([file, text]) => [file, parse(file, text)]));
  const checker = bind(sources);
  return [...sources].flatMap(([file, source]) => {
    const findings: Finding[] = [];
    const wrong = (node: ts.Node, rule: string, text: string): void => {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      if (!findings.some((one) => one.line === line && one.rule === rule && one.text === text)) {
        findings.push({ file, line, rule, text });
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
      if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
      if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) return;
      judgeWaiting(node, wrong);
      judgeHost(node, checker, wrong);
      judgeState(node, checker, wrong);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return findings;
  });
}

type Wrong = (node: ts.Node, rule: string, text: string) => void;

/** `await`, `async`, `for await`, `await using`. */
function judgeWaiting(node: ts.Node, wrong: Wrong): void {
  const text = "pure code never waits: ask the driver and keep what waits as a state";
  if (ts.isAwaitExpression(node)) wrong(node, "await", text);
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) wrong(node, "for await", text);
  if (node.kind === ts.SyntaxKind.AsyncKeyword) wrong(node, "async", text);
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing) {
    wrong(node, "await", text);
  }
}

/** Globals, `import()`, `import.meta`, and ambient declarations that would hide a global. */
function judgeHost(node: ts.Node, checker: ts.TypeChecker, wrong: Wrong): void {
  if (node.kind === ts.SyntaxKind.DeclareKeyword && !ts.isPropertyDeclaration(node.parent) && !isBrand(node.parent)) {
    wrong(node, "declare", "pure code declares nothing of its host");
  }
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    wrong(node, "import.meta", "pure code does not know where it stands");
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    wrong(node, "import()", "pure code never waits: import at the top");
  }
  if (isRandom(node)) wrong(node, "randomness", "`Math.random`: ask the driver for random bytes");
  if (!ts.isIdentifier(node) || !isReference(node) || !isGlobal(node, checker)) return;
  if (PURE_GLOBALS.has(node.text)) return;
  const hint = INSTEAD.get(node.text) ?? "pure code uses the language and nothing of its host";
  wrong(node, "global", `\`${node.text}\`: ${hint}`);
}

/** `declare const brand: unique symbol;`, which tells types apart and is not there at run time. */
function isBrand(node: ts.Node): boolean {
  return ts.isVariableStatement(node) &&
    node.declarationList.declarations.every((one) => one.type?.getText() === "unique symbol");
}

/** `Math.random`, `Math["random"]` and `const { random } = Math`. */
function isRandom(node: ts.Node): boolean {
  const isMath = (of: ts.Expression | undefined): boolean =>
    of !== undefined && ts.isIdentifier(of) && of.text === "Math";
  if (ts.isPropertyAccessExpression(node)) return isMath(node.expression) && node.name.text === "random";
  if (ts.isElementAccessExpression(node)) return isMath(node.expression);
  return ts.isVariableDeclaration(node) && isMath(node.initializer) && ts.isObjectBindingPattern(node.name) &&
    node.name.elements.some((one) => (one.propertyName ?? one.name).getText() === "random");
}

/** Module variables, module collections, static fields, and writes to anything of the module from a function. */
function judgeState(node: ts.Node, checker: ts.TypeChecker, wrong: Wrong): void {
  if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent)) {
    const kind = node.declarationList.flags & ts.NodeFlags.BlockScoped;
    if (kind === ts.NodeFlags.None || kind === ts.NodeFlags.Let) {
      wrong(node, "module state", "a module variable lives for ever and is shared by all: keep it in a value");
    }
    for (const one of node.declarationList.declarations) judgeTable(one, node, wrong);
  }
  if (ts.isPropertyDeclaration(node) && has(node, ts.SyntaxKind.StaticKeyword)) {
    if (!has(node, ts.SyntaxKind.ReadonlyKeyword)) wrong(node, "module state", "a static field must be readonly");
  }
  for (const target of writtenBy(node)) {
    const root = rootOf(target);
    if (root === null || runsAtLoad(node)) continue;
    const declared = checker.getSymbolAtLocation(root)?.declarations?.[0];
    if (declared === undefined || !outlivesCalls(declared)) continue;
    if (ts.isCallExpression(node) && !isObjectAssign(node) && !isChangedBy(node, declared)) continue;
    if (ts.isVariableDeclaration(declared) && hasCacheNote(declared.parent.parent)) continue;
    wrong(node, "module state", `\`${root.text}\` belongs to the module: a function must not change it`);
  }
}

/** A collection made when the module loads must say that nobody changes it. */
function judgeTable(one: ts.VariableDeclaration, statement: ts.VariableStatement, wrong: Wrong): void {
  if (one.initializer === undefined || hasCacheNote(statement)) return;
  const type = one.type?.getText() ?? "";
  if (/^(readonly\b|Readonly)/.test(type)) return;
  const value = bare(one.initializer);
  if (value === null) return;
  const made = madeBy(value);
  if (made !== null && WEAK.has(made)) {
    wrong(
      one,
      "module state",
      `a ${made} of the module is state: if it is a cache, say so in a comment \`pure: cache\``,
    );
  }
  if (ts.isArrayLiteralExpression(value) || (made !== null && MUTABLE.has(made))) {
    const say = ts.isArrayLiteralExpression(value) ? "`as const` or `readonly T[]`" : `\`Readonly${made ?? ""}\``;
    wrong(one, "module state", `a collection of the module must not change: type it ${say}`);
  }
}

/** The expressions that a node assigns to, or the collection that it changes. */
function writtenBy(node: ts.Node): readonly ts.Expression[] {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns ? targetsOf(node.left) : [];
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const steps = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    return steps ? [node.operand] : [];
  }
  if (ts.isDeleteExpression(node)) return [node.expression];
  if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && !ts.isVariableDeclarationList(node.initializer)) {
    return targetsOf(node.initializer);
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    if (CHANGES.has(name.text) || REMEMBERS.has(name.text)) return [expression];
    const [target] = node.arguments;
    return isObjectAssign(node) && target !== undefined ? [target] : [];
  }
  return [];
}

/** `Object.assign`, `Object.defineProperty`, `Object.setPrototypeOf` and their like. */
function isObjectAssign(node: ts.CallExpression): boolean {
  return /^(Object|Reflect)\.(assign|define|set)/.test(node.expression.getText());
}

/** `[a.b, c] = …` and `({ d: e } = …)` taken apart. */
function targetsOf(left: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(left)) return targetsOf(left.expression);
  if (ts.isArrayLiteralExpression(left)) {
    return left.elements.flatMap((one) => targetsOf(ts.isSpreadElement(one) ? one.expression : one));
  }
  if (ts.isObjectLiteralExpression(left)) {
    return left.properties.flatMap((one) => {
      if (ts.isPropertyAssignment(one)) return targetsOf(one.initializer);
      if (ts.isSpreadAssignment(one)) return targetsOf(one.expression);
      return ts.isShorthandPropertyAssignment(one) ? [one.name] : [];
    });
  }
  return [left];
}

/** The variable at the left end of `a.b[c]!.d`. */
function rootOf(target: ts.Expression): ts.Identifier | null {
  let at = target;
  while (
    ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at) || ts.isNonNullExpression(at) ||
    ts.isParenthesizedExpression(at) || ts.isAsExpression(at)
  ) at = at.expression;
  return ts.isIdentifier(at) ? at : null;
}

/** Whether code runs while the module loads, and never again: no function around it but ones called on the spot. */
function runsAtLoad(node: ts.Node): boolean {
  return callAround(node) === null;
}

/** Whether what is declared here stays after the call that uses it: the module's own, or what it imports. */
function outlivesCalls(declared: ts.Node): boolean {
  return !ts.isParameter(declared) && callAround(declared) === null;
}

/** The innermost function that can run more than once. */
function callAround(node: ts.Node): ts.Node | null {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) && !isCalledOnTheSpot(at)) return at;
    if (ts.isPropertyDeclaration(at) && !has(at, ts.SyntaxKind.StaticKeyword)) return at;
  }
  return null;
}

/** `(() => { … })()`. */
function isCalledOnTheSpot(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
  return ts.isCallExpression(at.parent) && at.parent.expression === at;
}

/** Whether a method call changes what is declared there: a collection, or a regular expression that remembers. */
function isChangedBy(call: ts.CallExpression, declared: ts.Node): boolean {
  if (!ts.isVariableDeclaration(declared) || declared.initializer === undefined) return false;
  if (!ts.isPropertyAccessExpression(call.expression)) return false;
  const value = unwrapped(declared.initializer);
  if (REMEMBERS.has(call.expression.name.text)) {
    return ts.isRegularExpressionLiteral(value) && /[gy][a-z]*$/.test(value.text.slice(value.text.lastIndexOf("/")));
  }
  return ts.isArrayLiteralExpression(value) || TABLE.test(madeBy(value) ?? "");
}

/** The value under `as`, `satisfies` and parentheses; null where those say that it is constant. */
function bare(value: ts.Expression): ts.Expression | null {
  if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) {
    return /^(const\b|readonly\b|Readonly)/.test(value.type.getText()) ? null : bare(value.expression);
  }
  return ts.isParenthesizedExpression(value) ? bare(value.expression) : value;
}

function unwrapped(value: ts.Expression): ts.Expression {
  const wraps = ts.isAsExpression(value) || ts.isSatisfiesExpression(value) || ts.isParenthesizedExpression(value);
  return wraps ? unwrapped(value.expression) : value;
}

/** `Map` of `new Map(…)`, `Array` of `Array.from(…)` and `Array(…)`. */
function madeBy(value: ts.Expression): string | null {
  if (!ts.isNewExpression(value) && !ts.isCallExpression(value)) return null;
  const { expression } = value;
  const makes = ts.isPropertyAccessExpression(expression) && /^(from|of)$/.test(expression.name.text);
  const callee = makes ? expression.expression : expression;
  return ts.isIdentifier(callee) && TABLE.test(callee.text) ? callee.text : null;
}

function hasCacheNote(statement: ts.Node): boolean {
  const source = statement.getSourceFile();
  const before = source.text.slice(statement.getFullStart(), statement.getStart(source, false));
  return /pure: cache/.test(before);
}

function has(node: ts.PropertyDeclaration, kind: ts.SyntaxKind): boolean {
  return node.modifiers?.some((one) => one.kind === kind) === true;
}

/** Whether an identifier reads a variable, as against naming a property, a label or a thing of another module. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (ts.isQualifiedName(parent) || ts.isMetaProperty(parent) || ts.isImportAttribute(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isNamespaceExport(parent)) return false;
  if (ts.isExportSpecifier(parent)) {
    return parent.parent.parent.moduleSpecifier === undefined && (parent.propertyName ?? parent.name) === node;
  }
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  // What is left names a declaration (`x: 1`, `x() {}`, `class x`) or reads.
  return !("name" in parent && parent.name === node);
}

function isGlobal(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const { parent } = node;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : ts.isExportSpecifier(parent)
    ? checker.getExportSpecifierLocalTargetSymbol(parent)
    : checker.getSymbolAtLocation(node);
  return (symbol?.declarations?.length ?? 0) === 0;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(
    file,
    text,
    { languageVersion: ts.ScriptTarget.Latest, setExternalModuleIndicator: own },
    true,
  );
}

/** Every file is a module with names of its own, also one without imports and exports. */
function own(source: ts.SourceFile): void {
  Object.assign(source, { externalModuleIndicator: source });
}

/** Binds names to declarations inside each file. There are no libraries, so a global is what has no declaration. */
function bind(sources: ReadonlyMap<string, ts.SourceFile>): ts.TypeChecker {
  const host: ts.CompilerHost = {
    getSourceFile: (name) => sources.get(name),
    fileExists: (name) => sources.has(name),
    readFile: (name) => sources.get(name)?.text,
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {},
  };
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.Latest,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  return ts.createProgram({ rootNames: [...sources.keys()], options, host }).getTypeChecker();
}
