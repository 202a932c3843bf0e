import assert from "node:assert/strict";
import type { Layout } from "./layout.ts";
import { layoutByName } from "./layout_by_name.ts";
import { LAYOUTS } from "./layouts.ts";
import { strokeTable } from "./stroke_table.ts";

/**
 * What anyone can read off the keys of real keyboards: character, then keys. A key is its scancode in hex, after `s` for
 * Shift, `g` for AltGr, `sg` for both.
 */
const FACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  us: {
    a: "1e",
    A: "s1e",
    z: "2c",
    "1": "02",
    "!": "s02",
    "@": "s03",
    "#": "s04",
    '"': "s28",
    "'": "28",
    "`": "29",
    "~": "s29",
    "\\": "2b",
    "|": "s2b",
    "/": "35",
    "?": "s35",
    "<": "s33",
    ">": "s34",
    "{": "s1a",
    "}": "s1b",
    "-": "0c",
    "_": "s0c",
    "=": "0d",
    "+": "s0d",
    " ": "39",
  },
  "us-intl": {
    "'": "28 39",
    '"': "s28 39",
    é: "g12",
    ü: "g15",
    ñ: "g31",
    "^": "s07 39",
    ê: "s07 12",
    "~": "s29 39",
  },
  "us-dvorak": { a: "1e", o: "1f", e: "20", u: "21", i: "22", s: "27", q: "2d", z: "35", "'": "10", l: "19" },
  gb: {
    "£": "s04",
    '"': "s03",
    "@": "s28",
    "'": "28",
    "#": "2b",
    "~": "s2b",
    "\\": "56",
    "|": "s56",
    "`": "29",
    "¬": "s29",
    "€": "g05",
    q: "10",
  },
  fr: {
    a: "10",
    q: "1e",
    z: "11",
    w: "2c",
    m: "27",
    A: "s10",
    "1": "s02",
    "2": "s03",
    "0": "s0b",
    "&": "02",
    é: "03",
    '"': "04",
    "'": "05",
    "(": "06",
    "-": "07",
    è: "08",
    _: "09",
    ç: "0a",
    à: "0b",
    ")": "0c",
    "=": "0d",
    "@": "g0b",
    "#": "g04",
    "{": "g05",
    "[": "g06",
    "|": "g07",
    "`": "g08",
    "\\": "g09",
    "^": "g0a",
    "]": "g0c",
    "}": "g0d",
    "€": "g12",
    ê: "1a 12",
    Ê: "1a s12",
    ë: "s1a 12",
    î: "1a 17",
    ï: "s1a 17",
    ü: "s1a 16",
    ù: "28",
    "%": "s28",
    "*": "2b",
    "µ": "s2b",
    $: "1b",
    "£": "s1b",
    ",": "32",
    "?": "s32",
    ";": "33",
    ".": "s33",
    ":": "34",
    "/": "s34",
    "!": "35",
    "§": "s35",
    "<": "56",
    ">": "s56",
    "²": "29",
    É: "g32 s12",
  },
  de: {
    y: "2c",
    z: "15",
    Y: "s2c",
    "@": "g10",
    "€": "g12",
    ß: "0c",
    "?": "s0c",
    "\\": "g0c",
    ä: "28",
    Ä: "s28",
    ö: "27",
    ü: "1a",
    "#": "2b",
    "'": "s2b",
    "+": "1b",
    "*": "s1b",
    "~": "g1b",
    "{": "g08",
    "[": "g09",
    "]": "g0a",
    "}": "g0b",
    "<": "56",
    ">": "s56",
    "|": "g56",
    '"': "s03",
    "§": "s04",
    "/": "s08",
    "(": "s09",
    ")": "s0a",
    "=": "s0b",
    "-": "35",
    _: "s35",
    "^": "29 39",
    "°": "s29",
    ê: "29 12",
    é: "0d 12",
    è: "s0d 12",
    "µ": "g32",
  },
  es: {
    ñ: "27",
    Ñ: "s27",
    "¿": "s0d",
    "¡": "0d",
    "?": "s0c",
    "'": "0c",
    "@": "g03",
    "#": "g04",
    "|": "g02",
    "\\": "g29",
    º: "29",
    ª: "s29",
    ç: "2b",
    Ç: "s2b",
    "[": "g1a",
    "]": "g1b",
    "{": "g28",
    "}": "g2b",
    "+": "1b",
    "*": "s1b",
    á: "28 1e",
    Á: "28 s1e",
    ü: "s28 16",
    à: "1a 1e",
    ê: "s1a 12",
    '"': "s03",
    "·": "s04",
    "/": "s08",
    "<": "56",
    "-": "35",
    "€": "g12",
  },
  it: {
    è: "1a",
    é: "s1a",
    ò: "27",
    ç: "s27",
    à: "28",
    ù: "2b",
    ì: "0d",
    "@": "g27",
    "#": "g28",
    "[": "g1a",
    "]": "g1b",
  },
  pt: { ç: "27", º: "28", ã: "2b 1e", á: "1b 1e", à: "s1b 1e", "@": "g03", "€": "g12", "«": "0d", "»": "s0d" },
  be: { a: "10", q: "1e", "@": "g03", "#": "g04", "|": "g02", é: "03", è: "08", "\\": "g56", "-": "0d", ê: "1a 12" },
  ch: {
    z: "15",
    y: "2c",
    ü: "1a",
    è: "s1a",
    ö: "27",
    é: "s27",
    "@": "g03",
    "#": "g04",
    "[": "g1a",
    ê: "0d 12",
    "€": "g12",
  },
  "ch-fr": { z: "15", è: "1a", ü: "s1a", é: "27", ö: "s27", à: "28", "@": "g03" },
  nl: { "@": "29", "]": "56" },
  se: { å: "1a", ä: "28", ö: "27", "@": "g03", "{": "g08", "}": "g0b", "\\": "g0c", "|": "g56", "§": "29", é: "0d 12" },
  no: { å: "1a", æ: "28", ø: "27", "@": "g03", "\\": "0d", "|": "29", "$": "g05" },
  dk: { å: "1a", æ: "27", ø: "28", "@": "g03", "½": "29", "|": "g0d", "\\": "g56" },
  fi: { å: "1a", ä: "28", ö: "27", "@": "g03", "€": "g12" },
  is: { ð: "1a", þ: "35", æ: "27", ö: "0c", "@": "g10" },
  br: {
    ç: "27",
    ã: "28 1e",
    á: "1a 1e",
    à: "s1a 1e",
    ê: "s28 12",
    "/": "73",
    "?": "s73",
    "\\": "56",
    "'": "29",
    ";": "35",
  },
  latam: { ñ: "27", "¿": "0d", "¡": "s0d", "@": "g10", á: "1a 1e", "{": "28", "[": "s28" },
  pl: {
    ą: "g1e",
    ć: "g2e",
    ę: "g12",
    ł: "g26",
    ń: "g31",
    ó: "g18",
    ś: "g1f",
    ż: "g2c",
    ź: "g2d",
    Ł: "sg26",
    "@": "s03",
  },
  cz: {
    ě: "03",
    š: "04",
    č: "05",
    ř: "06",
    ž: "07",
    ý: "08",
    á: "09",
    í: "0a",
    é: "0b",
    "1": "s02",
    z: "15",
    ú: "1a",
    ů: "27",
  },
  hu: {
    ö: "0b",
    ü: "0c",
    ó: "0d",
    ő: "1a",
    ú: "1b",
    ű: "2b",
    é: "27",
    á: "28",
    í: "56",
    "0": "29",
    z: "15",
    "@": "g2f",
  },
  tr: { ı: "17", i: "28", İ: "s28", ğ: "1a", ü: "1b", ş: "27", ö: "33", ç: "34", "@": "g10" },
  ru: { й: "10", ф: "1e", я: "2c", ё: "29", Ж: "s27", ".": "35", "1": "02", "№": "s04" },
  jp: {
    '"': "s03",
    "'": "s08",
    "@": "1a",
    "[": "1b",
    "]": "2b",
    ":": "28",
    "^": "0d",
    _: "s73",
    "&": "s07",
    "=": "s0c",
  },
  "fr-bepo": { b: "10", é: "11", p: "12", o: "13", a: "1e", u: "1f", i: "20", e: "21", "1": "s02", "@": "07" },
  ca: { é: "35", è: "28 12", ç: "1b 2e", "@": "g03", "#": "29" },
  "de-nodeadkeys": { z: "15", "^": "29", "´": "0d", "`": "s0d", ß: "0c", "@": "g10" },
};

for (const [name, facts] of Object.entries(FACTS)) {
  Deno.test(`strokeTable() knows the keys of ${name}`, () => {
    const table = strokeTable(layoutByName(name));
    const found = Object.keys(facts).map((char) => [char, show(table, char)]);
    assert.deepEqual(Object.fromEntries(found), facts);
  });
}

Deno.test("strokeTable() types ASCII on every Latin layout", () => {
  const missing: string[] = [];
  for (const layout of LAYOUTS) {
    if (layout.name === "ru") continue;
    const table = strokeTable(layout);
    for (let code = 0x20; code < 0x7f; code++) {
      const char = String.fromCharCode(code);
      if (!table.has(char)) missing.push(`${layout.name} ${char}`);
    }
  }
  assert.deepEqual(missing, []);
});

Deno.test("strokeTable() presses no AltGr where there is none, and no key that US keyboards lack", () => {
  for (const name of ["us", "us-dvorak"]) {
    for (const strokes of strokeTable(layoutByName(name)).values()) {
      for (const stroke of strokes) assert.ok(!stroke.altgr && stroke.scancode !== 0x56);
    }
  }
});

Deno.test("strokeTable() holds characters of one code point in form NFC", () => {
  for (const layout of LAYOUTS) {
    for (const char of strokeTable(layout).keys()) {
      assert.equal([...char].length, 1);
      assert.equal(char.normalize("NFC"), char);
    }
  }
});

Deno.test("strokeTable() takes the fewest strokes, then the fewest modifiers", () => {
  const layout: Layout = {
    name: "x",
    title: "Test",
    source: "none",
    capsLock: "plain",
    keys: {
      0x02: ["dead_acute", "e", "é"],
      0x03: ["e", "dead_acute"],
      0x10: ["", "", "^"],
      0x1a: ["dead_circumflex"],
      0x39: [" "],
      0x56: ["+", "-"],
      0x57: ["", "+", "-"],
    },
  };
  const table = strokeTable(layout);
  assert.equal(show(table, "e"), "03");
  assert.equal(show(table, "é"), "g02");
  assert.equal(show(table, "^"), "g10");
  assert.equal(show(table, "ê"), "1a 03");
  assert.equal(show(table, "'"), "02 39");
  assert.equal(show(table, "´"), "02 02");
  assert.equal(show(table, "+"), "s57");
  assert.equal(show(table, "-"), "s56");
  assert.equal(table.has("â"), false);
  assert.equal(table.has("dead_acute"), false);
});

Deno.test("strokeTable() takes the key that bears a character", () => {
  const layout: Layout = {
    name: "x",
    title: "Test",
    source: "none",
    capsLock: "plain",
    keys: { 0x08: ["7", "/", "{"], 0x28: ["ä", "Ä", "", "{"] },
    engraved: { "{": 0x28 },
  };
  assert.equal(show(strokeTable(layout), "{"), "sg28");
});

Deno.test("strokeTable() puts two dead keys before a letter", () => {
  assert.equal(show(strokeTable(layoutByName("fr")), "ấ"), "g32 1a 10");
});

function show(table: ReturnType<typeof strokeTable>, char: string): string | undefined {
  return table.get(char)?.map(({ scancode, shift, altgr }) =>
    (shift ? "s" : "") + (altgr ? "g" : "") + scancode.toString(16).padStart(2, "0")
  ).join(" ");
}
