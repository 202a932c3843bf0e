import assert from "node:assert/strict";
import { KeyboardError } from "./keyboard_error.ts";
import { findScancode, keyCode, Scancode, scancodeOf } from "./scancode.ts";

Deno.test("keyCode() sends the bytes of a keyboard, lowest first", () => {
  const cases: readonly [number, number, number][] = [
    [0x01, 0x01, 0x81], // Esc
    [0x1c, 0x1c, 0x9c], // Enter
    [0x58, 0x58, 0xd8], // F12
    [0xe01c, 0x1ce0, 0x9ce0], // Enter of the keypad
    [0xe048, 0x48e0, 0xc8e0], // Up
    [0xe038, 0x38e0, 0xb8e0], // AltGr
    [0xe037, 0x37e0, 0xb7e0], // Print
    [0xe046, 0x46e0, 0xc6e0], // Pause
  ];
  for (const [scancode, down, up] of cases) {
    assert.equal(keyCode({ down: true, scancode }), down);
    assert.equal(keyCode({ down: false, scancode }), up);
  }
});

Deno.test("keyCode() refuses what is no scancode", () => {
  for (const scancode of [0, 0x80, 0x9c, 0x100, 0x11c, 0xe000, 0xe080, 0xe11d, 0xe01c00, -1, 1.5, NaN]) {
    assert.throws(() => keyCode({ down: true, scancode }), { name: "KeyboardError", code: "unknown-key" });
  }
});

Deno.test("scancodeOf() knows the names that people, Linux, X and QEMU use", () => {
  const cases: readonly [number, string][] = [
    [0x1c, "enter Enter return Return ret KEY_ENTER"],
    [0x0f, "tab Tab KEY_TAB"],
    [0x01, "esc escape Escape KEY_ESC"],
    [0x39, "space spc KEY_SPACE"],
    [0x0e, "backspace BackSpace KEY_BACKSPACE"],
    [0x3b, "f1"],
    [0x44, "f10"],
    [0x57, "f11"],
    [0x58, "F12 KEY_F12"],
    [0x5d, "f13"],
    [0x6f, "f24"],
    [0x1d, "ctrl control lctrl KEY_LEFTCTRL Control_L"],
    [0xe01d, "rctrl ctrl_r KEY_RIGHTCTRL Control_R"],
    [0x2a, "shift KEY_LEFTSHIFT Shift_L"],
    [0x36, "rshift shift_r KEY_RIGHTSHIFT Shift_R"],
    [0x38, "alt KEY_LEFTALT Alt_L"],
    [0xe038, "altgr alt_r KEY_RIGHTALT Alt_R ISO_Level3_Shift"],
    [0xe05b, "super win meta meta_l KEY_LEFTMETA Super_L"],
    [0xe05d, "menu compose KEY_COMPOSE"],
    [0xe048, "up Up KEY_UP"],
    [0xe04b, "left"],
    [0xe047, "home"],
    [0xe04f, "end"],
    [0xe049, "pgup pageup page-up Page_Up Prior KEY_PAGEUP"],
    [0xe051, "pgdn pagedown Page_Down Next"],
    [0xe052, "ins insert KEY_INSERT"],
    [0xe053, "del delete KEY_DELETE"],
    [0xe037, "print printscreen prtsc"],
    [0xe046, "pause break"],
    [0x3a, "capslock caps_lock KEY_CAPSLOCK Caps_Lock"],
    [0x45, "numlock num_lock"],
    [0x46, "scrolllock scroll_lock"],
    [0x52, "kp0 kp_0 KEY_KP0"],
    [0x4e, "kp_add kpplus KEY_KPPLUS"],
    [0xe01c, "kp_enter kpenter KEY_KPENTER"],
    [0xe035, "kp_divide kpslash"],
    [0x37, "kp_multiply asterisk"],
    [0x0c, "minus -"],
    [0x1a, "bracket_left [ KEY_LEFTBRACE"],
    [0x56, "less KEY_102ND"],
    [0x73, "ro KEY_RO"],
    [0x7d, "yen KEY_YEN"],
    [0x02, "1 KEY_1"],
    [0x0b, "0"],
    [0x10, "q Q KEY_Q"],
    [0x1e, "a A"],
    [0x32, "m"],
  ];
  for (const [scancode, names] of cases) {
    for (const name of names.split(" ")) assert.equal(scancodeOf(name), scancode, name);
  }
});

Deno.test("scancodeOf() gives every key that keyCode() can send a scancode of its own", () => {
  for (const scancode of Object.values(Scancode)) keyCode({ down: true, scancode });
  const functionKeys = Array.from({ length: 24 }, (_, i) => scancodeOf(`f${i + 1}`));
  assert.equal(new Set(functionKeys).size, 24);
  for (const scancode of functionKeys) keyCode({ down: true, scancode });
});

Deno.test("scancodeOf() suggests names for an unknown one", () => {
  const suggestions = (name: string): readonly string[] => {
    try {
      scancodeOf(name);
    } catch (error) {
      assert.ok(error instanceof KeyboardError);
      assert.equal(error.code, "unknown-key");
      return error.suggestions;
    }
    throw new Error(`${name} is known`);
  };
  assert.equal(suggestions("entr")[0], "enter");
  assert.equal(suggestions("pagdown")[0], "pagedown");
  assert.ok(suggestions("f25").every((name) => /^f\d+$/.test(name)));
  assert.equal(suggestions("capslokc")[0], "capslock");
  assert.deepEqual(suggestions(""), []);
  assert.deepEqual(suggestions("qqqqqqqqqqqq"), []);
  assert.throws(() => scancodeOf("entr"), /^KeyboardError: Cannot find key "entr" \(did you mean enter/);
});

Deno.test("findScancode() returns undefined for an unknown name", () => {
  assert.equal(findScancode("nosuchkey"), undefined);
  assert.equal(findScancode("!"), undefined);
});
