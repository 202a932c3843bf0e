import assert from "node:assert/strict";
import fc from "npm:fast-check@^4"; // property tests: shrinking finds the smallest failing file
import {
  formatKeyFile,
  type KeyFile,
  MAX_KEY_FILE_BYTES,
  parseKeyFile,
  quote,
  quoteList,
  unquote,
  unquoteList,
} from "./key_file.ts";
import { TargetError, type TargetErrorCode } from "./target_error.ts";

Deno.test("parseKeyFile() reads what GLib reads, as GLib reads it", () => {
  const cases: [string, Record<string, Record<string, string>>][] = [
    ["", {}],
    ["# c\n \n[x] \ny=1\n   # d\n", { x: { y: "1" } }],
    ["[g]\na=1", { g: { a: "1" } }],
    ["[g]\n  a \t= b c  \n", { g: { a: "b c  " } }],
    ["[g]\r\na=b\r\nc=d\r\n", { g: { a: "b", c: "d" } }],
    ["[g]\na==b\nb=\n", { g: { a: "=b", b: "" } }],
    ["[g]\n;e=1\na b=x\né=2\n", { g: { ";e": "1", "a b": "x", é: "2" } }],
    ["[g]\na=1\na[fr]=2\na[]=3\na=4\n", { g: { a: "4", "a[fr]": "2", "a[]": "3" } }],
    ["[a]\nb=1\n[c]\nd=1\n[a]\nb=2\ne=3\n", { a: { b: "2", e: "3" }, c: { d: "1" } }],
    ["[ x ]\na=\\s\\q\n", { " x ": { a: "\\s\\q" } }],
    ["[g]\na=# no comment\nEncoding=utf-8\n", { g: { a: "# no comment", Encoding: "utf-8" } }],
    ["[__proto__]\nconstructor=1\n", { ["__proto__"]: { constructor: "1" } }],
  ];
  for (const [text, groups] of cases) {
    const wanted = Object.entries(groups).map(([group, values]) => [group, Object.entries(values)]);
    assert.deepEqual(plain(parseKeyFile(text)), wanted, text);
    assert.deepEqual(plain(parseKeyFile(new TextEncoder().encode(text))), wanted, text);
  }
  assert.deepEqual(plain(parseKeyFile("\uFEFF[g]\na=1\n")), [["g", [["a", "1"]]]]);
});

Deno.test("parseKeyFile() refuses what GLib refuses", () => {
  const cases: [string | Uint8Array, TargetErrorCode][] = [
    ["a=1\n", "bad-syntax"],
    ["[g]\na\n", "bad-syntax"],
    ["[g]\n=x\n", "bad-syntax"],
    ["[g]\na[=x\n", "bad-syntax"],
    ["[g]\na]=x\n", "bad-syntax"],
    ["[g]\na[fr FR]=1\n", "bad-syntax"],
    ["[g]\na[x]y=1\n", "bad-syntax"],
    ["[g]y\n", "bad-syntax"],
    ["[g\n", "bad-syntax"],
    ["[]\n", "bad-syntax"],
    ["[a[b]\n", "bad-syntax"],
    ["[a\x01b]\n", "bad-syntax"],
    ["[g]\nEncoding=latin1\n", "bad-encoding"],
    [Uint8Array.of(0x5b, 0x67, 0x5d, 0x0a, 0x61, 0x3d, 0xff), "bad-encoding"],
    ["[g]\na=b\0c\n", "bad-encoding"],
    ["[g]\na=\ud800\n", "bad-encoding"],
  ];
  for (const [text, code] of cases) assert.equal(refusal(() => parseKeyFile(text)).code, code, String(text));
  assert.match(
    refusal(() => parseKeyFile("[g]\n\nhunter2\n")).message,
    /^Cannot read .vv file: line 3: want key=value/,
  );
});

Deno.test("parseKeyFile() takes 1 MiB and no byte more, in linear time", () => {
  for (const filler of ["x", " ", ";", "\\", "é"]) {
    const text = "[g]\na=".padEnd(MAX_KEY_FILE_BYTES / (filler === "é" ? 2 : 1) - 8, filler) + "y";
    const started = performance.now();
    const value = parseKeyFile(text).get("g")?.get("a") ?? "";
    unquoteList(value);
    assert.ok(unquote(value).endsWith("y"));
    assert.ok(performance.now() - started < 5000, filler);
    assert.equal(refusal(() => parseKeyFile(text + filler.repeat(20))).code, "too-large");
  }
  assert.equal(refusal(() => parseKeyFile(new Uint8Array(MAX_KEY_FILE_BYTES + 1))).code, "too-large");
  assert.equal(parseKeyFile(new Uint8Array(MAX_KEY_FILE_BYTES).fill(10)).size, 0);
});

Deno.test("unquote() reads escapes as GLib does, wrong ones too", () => {
  const cases = {
    "\\s\\n\\t\\r\\\\": " \n\t\r\\",
    "x\\q": "x\\q",
    "x\\": "x",
    "\\": "",
    "b\\;c": "b\\;c",
    "\\\\n": "\\n",
  };
  for (const [raw, text] of Object.entries(cases)) assert.equal(unquote(raw), text, raw);
});

Deno.test("unquoteList() splits at ; that stands free", () => {
  const cases: [string, string[]][] = [
    ["", []],
    [";", []],
    ["main;display", ["main", "display"]],
    ["b;c;\\;d", ["b", "c", ";d"]],
    ["b\\\\;c", ["b\\", "c"]],
    [" main ; ;display;", ["main", "display"]],
    ["\\sa;b\\s;\\", [" a", "b "]],
  ];
  for (const [raw, items] of cases) assert.deepEqual(unquoteList(raw), items, raw);
});

Deno.test("quote() and quoteList() are read back", () => {
  const text = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
  const spaced = fc.oneof(text, fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r", ";", "\\", "s", "[") }));
  fc.assert(
    fc.property(spaced, (text) => {
      assert.equal(unquote(quote(text)), text);
      if (text.startsWith("\f")) return;
      const groups = parseKeyFile(`[g]\na=${quote(text)}\n`);
      assert.equal(unquote(groups.get("g")?.get("a") ?? ""), text);
    }),
    { seed: 4, numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.array(spaced.filter((text) => !/^$|^\f|\f$/.test(text))), (items) => {
      assert.deepEqual(unquoteList(quoteList(items)), items);
    }),
    { seed: 5, numRuns: 2000 },
  );
});

Deno.test("formatKeyFile() refuses names and values that would read as something else", () => {
  const cases: [string, string, string, TargetErrorCode][] = [
    ["a]", "b", "c", "bad-syntax"],
    ["", "b", "c", "bad-syntax"],
    ["a", "", "c", "bad-syntax"],
    ["a", "#b", "c", "bad-syntax"],
    ["a", "b=", "c", "bad-syntax"],
    ["a", " b", "c", "bad-syntax"],
    ["a", "b\n", "c", "bad-syntax"],
    ["a", "b", "c\n[d]", "bad-value"],
    ["a", "b", " c", "bad-value"],
    ["a", "b", "\rc", "bad-value"],
    ["a", "Encoding", "latin1", "bad-value"],
    ["a", "b", "\ud800", "bad-encoding"],
    ["a", "b", "x".repeat(MAX_KEY_FILE_BYTES), "too-large"],
  ];
  for (const [group, key, value, code] of cases) {
    assert.equal(refusal(() => formatKeyFile(new Map([[group, new Map([[key, value]])]]))).code, code);
  }
});

Deno.test("parseKeyFile() ends any text in groups that formatKeyFile() writes back, or in a TargetError", () => {
  let read = 0;
  const pieces = fc.constantFrom(
    "[",
    "]",
    "=",
    "\n",
    "\r",
    "#",
    " ",
    "\\",
    ";",
    "a",
    "é",
    "\f",
    "\x0b",
    "[a]\n",
    "b=c\n",
  );
  fc.assert(
    fc.property(fc.boolean(), fc.string({ unit: fc.oneof(pieces, fc.string({ maxLength: 1 })) }), (grouped, text) => {
      let groups: KeyFile;
      try {
        groups = parseKeyFile(grouped ? `[x]\n${text}` : text);
      } catch (error) {
        assert.ok(error instanceof TargetError, String(error));
        return;
      }
      read++;
      assert.deepEqual(plain(parseKeyFile(formatKeyFile(groups))), plain(groups));
    }),
    { seed: 6, numRuns: 5000 },
  );
  assert.ok(read > 500, `${read} of 5000 were key files`);
});

function plain(groups: KeyFile): [string, [string, string][]][] {
  return [...groups].map(([group, values]) => [group, [...values]]);
}

function refusal(run: () => unknown): TargetError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TargetError, String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}
