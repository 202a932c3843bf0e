import { nearest } from "../../../protocol/nearest.ts";
import { KeyboardError } from "./keyboard_error.ts";
import type { Layout } from "./layout.ts";
import { LAYOUTS } from "./layouts.ts";

/**
 * A layout by the name a user writes. Case does not matter, `_` is as good as `-`, and the names that QEMU and language
 * codes use are known too (`en-us`, `uk`, `sv`, `pt-br`).
 *
 * @param name As `fr` or `us-intl`.
 * @returns The layout.
 * @throws {KeyboardError} `unknown-layout`, with suggestions.
 */
export function layoutByName(name: string): Layout {
  const wanted = name.toLowerCase().replaceAll("_", "-");
  const known = ALIASES.get(wanted) ?? wanted;
  const layout = LAYOUTS.find((layout) => layout.name === known);
  if (layout === undefined) {
    const names = [...LAYOUTS.map((layout) => layout.name), ...ALIASES.keys()];
    throw new KeyboardError("unknown-layout", `Cannot find keyboard layout "${name}"`, nearest(wanted, names));
  }
  return layout;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ["en", "us"],
  ["en-us", "us"],
  ["dvorak", "us-dvorak"],
  ["uk", "gb"],
  ["en-gb", "gb"],
  ["bepo", "fr-bepo"],
  ["fr-fr", "fr"],
  ["fr-be", "be"],
  ["fr-ca", "ca"],
  ["fr-ch", "ch-fr"],
  ["de-de", "de"],
  ["de-ch", "ch"],
  ["es-es", "es"],
  ["pt-br", "br"],
  ["pt-pt", "pt"],
  ["sv", "se"],
  ["da", "dk"],
  ["nb", "no"],
  ["cs", "cz"],
  ["ja", "jp"],
]);
