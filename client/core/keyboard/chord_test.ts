import assert from "node:assert/strict";
import { chordToKeys, parseChord } from "./chord.ts";
import { DE } from "./layouts/de.ts";
import { FR } from "./layouts/fr.ts";
import { HU } from "./layouts/hu.ts";
import { RU } from "./layouts/ru.ts";
import { US } from "./layouts/us.ts";

Deno.test("parseChord() reads keys joined by + or -", () => {
  assert.deepEqual(parseChord("ctrl+alt+f2"), [0x1d, 0x38, 0x3c]);
  assert.deepEqual(parseChord("ctrl-alt-del"), [0x1d, 0x38, 0xe053]);
  assert.deepEqual(parseChord("Ctrl + Alt + Delete"), [0x1d, 0x38, 0xe053]);
  assert.deepEqual(parseChord("shift+a"), [0x2a, 0x1e]);
  assert.deepEqual(parseChord("enter"), [0x1c]);
  assert.deepEqual(parseChord("page-up"), [0xe049]);
  assert.deepEqual(parseChord("ctrl-page_up"), [0x1d, 0xe049]);
  assert.deepEqual(parseChord("ctrl-r"), [0x1d, 0x13]);
  assert.deepEqual(parseChord("ctrl_r"), [0xe01d]);
  assert.deepEqual(parseChord("kp-0"), [0x52]);
  assert.deepEqual(parseChord("left-shift"), [0x2a]);
});

Deno.test("parseChord() lets + and - be keys", () => {
  assert.deepEqual(parseChord("-"), [0x0c]);
  assert.deepEqual(parseChord("ctrl+-"), [0x1d, 0x0c]);
  assert.deepEqual(parseChord("ctrl--"), [0x1d, 0x0c]);
  assert.deepEqual(parseChord("+"), [0x2a, 0x0d]);
  assert.deepEqual(parseChord("ctrl++"), [0x1d, 0x2a, 0x0d]);
});

Deno.test("parseChord() finds single characters on the layout", () => {
  assert.deepEqual(parseChord("ctrl+a", US), [0x1d, 0x1e]);
  assert.deepEqual(parseChord("ctrl+a", FR), [0x1d, 0x10]);
  assert.deepEqual(parseChord("Ctrl+Z", DE), [0x1d, 0x15]);
  assert.deepEqual(parseChord("ctrl+?", US), [0x1d, 0x2a, 0x35]);
  assert.deepEqual(parseChord("ctrl+@", DE), [0x1d, 0xe038, 0x10]);
});

Deno.test("parseChord() takes digits as the keys that bear them", () => {
  assert.deepEqual(parseChord("alt+1", FR), [0x38, 0x02]);
  assert.deepEqual(parseChord("ctrl+0", HU), [0x1d, 0x29]);
});

Deno.test("parseChord() keeps Latin shortcuts on layouts without Latin letters", () => {
  assert.deepEqual(parseChord("ctrl+c", RU), [0x1d, 0x2e]);
});

Deno.test("parseChord() names each key once", () => {
  assert.deepEqual(parseChord("shift+?", US), [0x2a, 0x35]);
  assert.deepEqual(parseChord("ctrl+ctrl"), [0x1d]);
});

Deno.test("parseChord() refuses unknown keys and dead keys", () => {
  assert.throws(() => parseChord("ctrl+atl"), (error) => {
    assert.ok(error instanceof Error && "suggestions" in error && Array.isArray(error.suggestions));
    assert.ok(error.suggestions.includes("alt"));
    return true;
  });
  for (const text of ["", "ctrl+", "+ctrl+", "ctrl+☃"]) {
    assert.throws(() => parseChord(text), { code: "unknown-key" }, text);
  }
  assert.throws(() => parseChord("ctrl+^", DE), { code: "untypable" });
});

Deno.test("chordToKeys() presses in order and releases backwards", () => {
  assert.deepEqual(chordToKeys([0x1d, 0x38, 0x3c]), [
    { down: true, scancode: 0x1d },
    { down: true, scancode: 0x38 },
    { down: true, scancode: 0x3c },
    { down: false, scancode: 0x3c },
    { down: false, scancode: 0x38 },
    { down: false, scancode: 0x1d },
  ]);
  assert.deepEqual(chordToKeys([]), []);
});
