/** A keyboard layout as data: what each typing key of a PC keyboard gives. */

/**
 * What one key types: plain, with Shift, with AltGr, with Shift and AltGr. Trailing levels that type nothing are left
 * out. Each level is one character, `""` for nothing, or the XKB name of a dead key (`dead_circumflex`).
 */
export type KeyLevels = readonly string[];

/** A keyboard layout. Only keys that type characters are listed; Enter, Tab and the like are the same everywhere. */
export interface Layout {
  /** Short name as the user writes it: `fr`, `us-intl`. */
  readonly name: string;
  /** Name for people: `French`. */
  readonly title: string;
  /** Where the facts come from, with version. */
  readonly source: string;
  /** How the CapsLock key toggles capitals: alone, or only together with Shift (Japanese). */
  readonly capsLock: "plain" | "shift";
  /** XT scancode (see `scancode.ts`) to what the key types. */
  readonly keys: Readonly<Record<number, KeyLevels>>;
  /**
   * Where several keys give a character: the key that bears it on real keyboards. X fills free levels of letters and
   * digits with signs that other systems do not have there.
   */
  readonly engraved?: Readonly<Record<string, number>>;
}

/** One press of a typing key, with the modifiers that must be down at that moment, and no others. */
export interface Stroke {
  /** XT scancode. */
  readonly scancode: number;
  readonly shift: boolean;
  readonly altgr: boolean;
}
