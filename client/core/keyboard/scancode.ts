/**
 * Keys of a PC keyboard as PC XT scancodes (set 1).
 *
 * A scancode is written as in the tables: one byte (`0x1c`, Enter), or `0xe0` and one byte for the keys that the first
 * PC did not have (`0xe01c`, Enter of the keypad). The byte is that of pressing; releasing sets its bit 7.
 */
import { nearest } from "../../../protocol/nearest.ts";
import { KeyboardError } from "./keyboard_error.ts";

/** A key going down or up. */
export interface KeyEvent {
  /** True for pressing, false for releasing. */
  readonly down: boolean;
  /** XT scancode. */
  readonly scancode: number;
}

/** XT scancodes that the keyboard code itself presses. */
export const Scancode = {
  ESC: 0x01,
  BACKSPACE: 0x0e,
  TAB: 0x0f,
  ENTER: 0x1c,
  LEFT_SHIFT: 0x2a,
  CAPS_LOCK: 0x3a,
  RIGHT_ALT: 0xe038,
  DELETE: 0xe053,
} as const;

/**
 * The `code` of INPUTS_KEY_DOWN or INPUTS_KEY_UP: the bytes of the scancode in the order a keyboard sends them, lowest
 * byte first. The server stops at a zero byte.
 *
 * @param event A key and its direction; the scancode is `0x01`..`0x7f` or `0xe001`..`0xe07f`.
 * @returns The u32 to send: `0x1ce0` for pressing, `0x9ce0` for releasing Enter of the keypad.
 * @throws {KeyboardError} `unknown-key` if the scancode is neither form.
 *
 * Source: spice-gtk src/spice-util.c spice_make_scancode; spice server/inputs-channel.cpp handle_message.
 */
export function keyCode({ down, scancode }: KeyEvent): number {
  const key = scancode & 0x7f;
  if (key === 0 || (scancode !== key && scancode !== (0xe000 | key))) {
    throw new KeyboardError("unknown-key", `Cannot encode scancode ${scancode}: not one byte, nor 0xe0 and one byte`);
  }
  const byte = down ? key : key | 0x80;
  return scancode === key ? byte : 0xe0 | byte << 8;
}

/**
 * The scancode of a key by its name. Letters' case and `_`, `-` and spaces do not matter; a leading `KEY_` is dropped.
 * Letters, digits and signs name the key that bears them on a US keyboard.
 *
 * Known are the names that people write (`enter`, `pgup`, `ctrl`), those of Linux (`KEY_LEFTMETA`), of X (`Page_Up`,
 * `Super_L`) and of QEMU's `sendkey` (`spc`, `ret`, `kp_add`). One differs: `menu` is the context menu key, which Linux and
 * QEMU call `compose`.
 *
 * @param name Name of one key.
 * @returns XT scancode.
 * @throws {KeyboardError} `unknown-key`, with suggestions.
 */
export function scancodeOf(name: string): number {
  const scancode = findScancode(name);
  if (scancode === undefined) {
    throw new KeyboardError("unknown-key", `Cannot find key "${name}"`, nearest(name, KEY_NAMES));
  }
  return scancode;
}

/**
 * As {@link scancodeOf}, without the error.
 *
 * @param name Name of one key.
 * @returns XT scancode, or undefined if no key has this name.
 */
export function findScancode(name: string): number | undefined {
  return BY_NAME.get(name.toLowerCase()) ?? BY_NAME.get(plain(name));
}

/** Names without `_`, `-` and spaces inside, so that `Page_Up`, `page-up` and `pageup` are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/^key_/, "").replace(/(?<=\w)[_\- ](?=\w)/g, "");
}

/**
 * Scancode, then the names of the key; the first is ours.
 *
 * Source: linux/drivers/input/keyboard/atkbd.c atkbd_set2_keycode, atkbd_unxlate_table; keycodemapdb data/keymaps.csv,
 * column "XT KBD", which spice-gtk uses; QEMU qapi/ui.json QKeyCode. Pause is sent as 0xe046, as spice-gtk does: the
 * sequence of a real keyboard, e1 1d 45, fits no single message, and QEMU makes it from 0xe046.
 *
 * Seen in QEMU 7.2 through its SPICE server: 0x54 arrives as Print too (Alt makes it SysRq), F13 to F24 are dropped.
 */
const KEYS: readonly (readonly [number, string])[] = [
  [0x01, "esc escape"],
  [0x02, "1"],
  [0x03, "2"],
  [0x04, "3"],
  [0x05, "4"],
  [0x06, "5"],
  [0x07, "6"],
  [0x08, "7"],
  [0x09, "8"],
  [0x0a, "9"],
  [0x0b, "0"],
  [0x0c, "minus -"],
  [0x0d, "equal = equals"],
  [0x0e, "backspace bksp bs"],
  [0x0f, "tab"],
  [0x10, "q"],
  [0x11, "w"],
  [0x12, "e"],
  [0x13, "r"],
  [0x14, "t"],
  [0x15, "y"],
  [0x16, "u"],
  [0x17, "i"],
  [0x18, "o"],
  [0x19, "p"],
  [0x1a, "leftbracket [ bracketleft leftbrace"],
  [0x1b, "rightbracket ] bracketright rightbrace"],
  [0x1c, "enter return ret"],
  [0x1d, "ctrl leftctrl lctrl ctrll control leftcontrol controll"],
  [0x1e, "a"],
  [0x1f, "s"],
  [0x20, "d"],
  [0x21, "f"],
  [0x22, "g"],
  [0x23, "h"],
  [0x24, "j"],
  [0x25, "k"],
  [0x26, "l"],
  [0x27, "semicolon ;"],
  [0x28, "apostrophe ' quote"],
  [0x29, "grave ` graveaccent backquote"],
  [0x2a, "shift leftshift lshift shiftl"],
  [0x2b, "backslash \\"],
  [0x2c, "z"],
  [0x2d, "x"],
  [0x2e, "c"],
  [0x2f, "v"],
  [0x30, "b"],
  [0x31, "n"],
  [0x32, "m"],
  [0x33, "comma ,"],
  [0x34, "dot . period"],
  [0x35, "slash /"],
  [0x36, "rightshift rshift shiftr"],
  [0x37, "kpmultiply kpasterisk asterisk"],
  [0x38, "alt leftalt lalt altl option"],
  [0x39, "space spc spacebar"],
  [0x3a, "capslock caps"],
  [0x3b, "f1"],
  [0x3c, "f2"],
  [0x3d, "f3"],
  [0x3e, "f4"],
  [0x3f, "f5"],
  [0x40, "f6"],
  [0x41, "f7"],
  [0x42, "f8"],
  [0x43, "f9"],
  [0x44, "f10"],
  [0x45, "numlock num"],
  [0x46, "scrolllock scroll"],
  [0x47, "kp7"],
  [0x48, "kp8"],
  [0x49, "kp9"],
  [0x4a, "kpsubtract kpminus"],
  [0x4b, "kp4"],
  [0x4c, "kp5"],
  [0x4d, "kp6"],
  [0x4e, "kpadd kpplus"],
  [0x4f, "kp1"],
  [0x50, "kp2"],
  [0x51, "kp3"],
  [0x52, "kp0"],
  [0x53, "kpdecimal kpdot"],
  [0x54, "sysrq"],
  [0x55, "f16"],
  [0x56, "less < 102nd iso"],
  [0x57, "f11"],
  [0x58, "f12"],
  [0x59, "kpequals kpequal"],
  [0x5a, "f20"],
  [0x5b, "lf linefeed"],
  [0x5d, "f13"],
  [0x5e, "f14"],
  [0x5f, "f15"],
  [0x64, "open"],
  [0x65, "paste"],
  [0x6d, "f23"],
  [0x6f, "f24"],
  [0x70, "katakanahiragana hiraganakatakana"],
  [0x71, "hanja lang2"],
  [0x72, "hangul hangeul lang1"],
  [0x73, "ro"],
  [0x74, "f21"],
  [0x76, "zenkakuhankaku"],
  [0x77, "hiragana"],
  [0x78, "katakana"],
  [0x79, "henkan"],
  [0x7b, "muhenkan"],
  [0x7d, "yen"],
  [0x7e, "kpcomma"],
  [0xe003, "f17"],
  [0xe004, "f19"],
  [0xe005, "again"],
  [0xe006, "props"],
  [0xe007, "undo"],
  [0xe00c, "front"],
  [0xe010, "prevtrack previoussong audioprev"],
  [0xe019, "nexttrack nextsong audionext"],
  [0xe01c, "kpenter"],
  [0xe01d, "rightctrl rctrl ctrlr rightcontrol controlr"],
  [0xe020, "mute audiomute"],
  [0xe021, "calculator calc"],
  [0xe022, "playpause audioplay"],
  [0xe024, "stopcd audiostop"],
  [0xe02e, "volumedown audiolowervolume"],
  [0xe030, "volumeup audioraisevolume"],
  [0xe032, "homepage achome"],
  [0xe035, "kpdivide kpslash"],
  [0xe037, "print printscreen prtsc prtscn"],
  [0xe038, "altgr rightalt ralt altr isolevel3shift"],
  [0xe03c, "cut"],
  [0xe041, "find"],
  [0xe046, "pause break"],
  [0xe047, "home"],
  [0xe048, "up uparrow arrowup"],
  [0xe049, "pageup pgup prior"],
  [0xe04b, "left leftarrow arrowleft"],
  [0xe04d, "right rightarrow arrowright"],
  [0xe04f, "end"],
  [0xe050, "down downarrow arrowdown"],
  [0xe051, "pagedown pgdn pgdown next"],
  [0xe052, "insert ins"],
  [0xe053, "delete del"],
  [0xe05b, "super leftsuper superl leftmeta metal meta lmeta win windows lwin cmd"],
  [0xe05c, "rightsuper superr rightmeta metar rmeta rwin"],
  [0xe05d, "menu compose contextmenu apps"],
  [0xe05e, "power"],
  [0xe05f, "sleep"],
  [0xe063, "wake wakeup"],
  [0xe065, "search"],
  [0xe066, "bookmarks acbookmarks favorites"],
  [0xe067, "refresh acrefresh"],
  [0xe068, "stop"],
  [0xe069, "forward acforward"],
  [0xe06a, "back acback"],
  [0xe06b, "computer mycomputer"],
  [0xe06c, "mail"],
  [0xe06d, "mediaselect media"],
  [0xe075, "help"],
  [0xe077, "f18"],
  [0xe078, "copy"],
  [0xe079, "f22"],
];

const BY_NAME: ReadonlyMap<string, number> = new Map(
  KEYS.flatMap(([scancode, names]) => names.split(" ").map((name) => [name, scancode] as const)),
);

/** Names to suggest: all but single characters. */
const KEY_NAMES: readonly string[] = [...BY_NAME.keys()].filter((name) => name.length > 1);
