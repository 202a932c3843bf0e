import assert from "node:assert/strict";
import { KeyboardError } from "./keyboard_error.ts";
import { LAYOUTS } from "./layouts.ts";
import { DE } from "./layouts/de.ts";
import { FR } from "./layouts/fr.ts";
import { JP } from "./layouts/jp.ts";
import { US } from "./layouts/us.ts";
import type { KeyEvent } from "./scancode.ts";
import { strokeTable } from "./stroke_table.ts";
import { findUntypable, textToKeys } from "./type_text.ts";

/** Events as `+2a +1e -1e -2a`. */
function show(events: readonly KeyEvent[]): string {
  return events.map(({ down, scancode }) => (down ? "+" : "-") + scancode.toString(16).padStart(2, "0")).join(" ");
}

Deno.test("textToKeys() presses and releases each key", () => {
  assert.equal(show(textToKeys("ab", US)), "+1e -1e +30 -30");
  assert.equal(show(textToKeys("", US)), "");
});

Deno.test("textToKeys() presses modifiers only where they change", () => {
  assert.equal(show(textToKeys("aBCd", US)), "+1e -1e +2a +30 -30 +2e -2e -2a +20 -20");
  assert.equal(show(textToKeys("@{€", DE)), "+e038 +10 -10 +08 -08 +12 -12 -e038");
  // From Shift to AltGr, and to both.
  assert.equal(show(textToKeys("A@", DE)), "+2a +1e -1e -2a +e038 +10 -10 -e038");
  assert.equal(show(textToKeys("AÆæ", FR)), "+2a +10 -10 +e038 +10 -10 -2a +10 -10 -e038");
});

Deno.test("textToKeys() types dead keys before the letter", () => {
  assert.equal(show(textToKeys("ê", FR)), "+1a -1a +12 -12");
  assert.equal(show(textToKeys("Ë", FR)), "+2a +1a -1a +12 -12 -2a");
  assert.equal(show(textToKeys("^", DE)), "+29 -29 +39 -39");
});

Deno.test("textToKeys() has keys for line ends and other control characters", () => {
  assert.equal(
    show(textToKeys("\n\r\n\r\t\b\x1b\x7f", US)),
    "+1c -1c +1c -1c +1c -1c +0f -0f +0e -0e +01 -01 +e053 -e053",
  );
});

Deno.test("textToKeys() releases Shift before Enter and space", () => {
  assert.equal(show(textToKeys("A\nB C", US)), "+2a +1e -1e -2a +1c -1c +2a +30 -30 -2a +39 -39 +2a +2e -2e -2a");
});

Deno.test("textToKeys() types a letter with combining marks as one character", () => {
  assert.equal(show(textToKeys("e\u0302", FR)), show(textToKeys("ê", FR)));
  assert.equal(show(textToKeys("\u212b", DE)), show(textToKeys("Å", DE)));
});

Deno.test("textToKeys() turns CapsLock off and on again", () => {
  assert.equal(show(textToKeys("a", US, { capsLock: true })), "+3a -3a +1e -1e +3a -3a");
  assert.equal(show(textToKeys("aB", JP, { capsLock: true })), "+2a +3a -3a -2a +1e -1e +2a +30 -30 +3a -3a -2a");
  assert.equal(show(textToKeys("", US, { capsLock: true })), "");
  assert.equal(show(textToKeys("☃", US, { capsLock: true, fallback: "skip" })), "");
});

Deno.test("textToKeys() lists every character that cannot be typed", () => {
  assert.throws(() => textToKeys("aé😀b☃\u0000", US), (error) => {
    assert.ok(error instanceof KeyboardError);
    assert.equal(error.code, "untypable");
    assert.deepEqual(error.untypable, [
      { char: "é", index: 1 },
      { char: "😀", index: 2 },
      { char: "☃", index: 5 },
      { char: "\0", index: 6 },
    ]);
    assert.equal(
      error.message,
      'Cannot type 4 characters with layout us: "é" (U+00E9) at 1, "😀" (U+1F600) at 2, "☃" (U+2603) at 5, U+0000 at 6',
    );
    return true;
  });
  assert.throws(() => textToKeys("☃☃☃☃☃☃☃", US), /at 4, 2 more$/);
  assert.throws(() => textToKeys("\ud800", US), /Cannot type a character with layout us: U\+D800 at 0$/);
});

Deno.test("textToKeys() leaves out what cannot be typed when told so", () => {
  assert.equal(show(textToKeys("a☃b", US, { fallback: "skip" })), show(textToKeys("ab", US)));
  assert.deepEqual(findUntypable("a☃b", US), [{ char: "☃", index: 1 }]);
  assert.deepEqual(findUntypable("ab\n", US), []);
});

Deno.test("findUntypable() gives the place of a letter with marks that no character has", () => {
  assert.deepEqual(findUntypable("xq\u0308y", US), [{ char: "\u0308", index: 2 }]);
  assert.deepEqual(findUntypable("\u0308y", US), [{ char: "\u0308", index: 0 }]);
});

Deno.test("textToKeys() is undone by a keyboard that reads the same layout", () => {
  for (const layout of LAYOUTS) {
    const text = [...strokeTable(layout)].filter(([, strokes]) => strokes.length === 1).map(([char]) => char).join("");
    const held = new Set<number>();
    let typed = "";
    for (const { down, scancode } of textToKeys(text, layout)) {
      assert.notEqual(held.has(scancode), down, "a key goes down only when it is up");
      if (down) held.add(scancode);
      else held.delete(scancode);
      if (!down || scancode === 0x2a || scancode === 0xe038) continue;
      typed += layout.keys[scancode]?.[(held.has(0x2a) ? 1 : 0) + (held.has(0xe038) ? 2 : 0)] ?? "?";
    }
    assert.equal(typed.normalize("NFC"), text, layout.name);
    assert.equal(held.size, 0, "all keys are up at the end");
  }
});
