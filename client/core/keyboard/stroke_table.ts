import { DEAD_KEYS, DEAD_KEYS_ALONE } from "./dead_keys.ts";
import type { Layout, Stroke } from "./layout.ts";

/**
 * Every character that a layout can type, with the strokes that give it. Where there are several ways, the shortest
 * with the fewest modifiers is taken: a key before a dead key, Shift before AltGr, and the key beside left Shift, which
 * US keyboards lack, only if no other key gives the character plain or with Shift. What the layout says about engraved
 * keys goes before that.
 *
 * @param layout Any layout.
 * @returns Characters (in Unicode form NFC) to strokes, in the order of pressing; one stroke, or a dead key's sequence.
 */
export function strokeTable(layout: Layout): ReadonlyMap<string, readonly Stroke[]> {
  const best = new Map<string, Way>();
  for (const [code, levels] of Object.entries(layout.keys)) {
    const scancode = Number(code);
    for (const [level, symbol] of levels.entries()) {
      if (symbol === "") continue;
      const stroke = { scancode, shift: (level & 1) !== 0, altgr: (level & 2) !== 0 };
      const engraved = layout.engraved?.[symbol] === scancode;
      const cost = engraved ? 0 : (scancode === KEY_102ND ? LEVEL_COST_102ND : LEVEL_COST)[level] ?? Infinity;
      offer(best, symbol.normalize("NFC"), { strokes: [stroke], cost });
    }
  }

  const composed = new Map<string, Way>();
  for (const [names, pairs] of Object.entries(DEAD_KEYS)) {
    const dead = waysTo(best, names);
    if (dead === undefined) continue;
    for (const [base, result] of readPairs(pairs)) {
      const way = best.get(base);
      if (way !== undefined) offer(composed, result, join([...dead, way]));
    }
  }
  for (const [names, result] of Object.entries(DEAD_KEYS_ALONE)) {
    const dead = waysTo(best, names);
    if (dead !== undefined) offer(composed, result, join(dead));
  }
  for (const [char, way] of composed) offer(best, char.normalize("NFC"), way);

  const table = new Map<string, readonly Stroke[]>();
  for (const [symbol, way] of best) if (isCharacter(symbol)) table.set(symbol, way.strokes);
  return table;
}

/** The key between left Shift and Z, which 101-key and 104-key keyboards do not have. */
const KEY_102ND = 0x56;

/** What plain, Shift, AltGr, and both cost: above 0, which is for engraved keys. */
const LEVEL_COST: readonly number[] = [1, 2, 3, 4];
const LEVEL_COST_102ND: readonly number[] = [2.5, 2.6, 3.5, 4.5];

/** More than any sum of modifiers: fewer strokes always win. */
const STROKE_COST = 100;

interface Way {
  readonly strokes: readonly Stroke[];
  readonly cost: number;
}

function offer(ways: Map<string, Way>, symbol: string, way: Way): void {
  const old = ways.get(symbol);
  if (old === undefined || way.cost < old.cost) ways.set(symbol, way);
}

function waysTo(ways: ReadonlyMap<string, Way>, names: string): Way[] | undefined {
  const found = names.split(" ").flatMap((name) => ways.get(name) ?? []);
  return found.length === names.split(" ").length ? found : undefined;
}

function join(ways: readonly Way[]): Way {
  return {
    strokes: ways.flatMap((way) => way.strokes),
    cost: ways.reduce((sum, way) => sum + way.cost + STROKE_COST, 0),
  };
}

/** Pairs of base and result out of a value of {@link DEAD_KEYS}. */
function* readPairs(pairs: string): Generator<readonly [string, string]> {
  const chars = [...pairs];
  for (let at = 0; at + 1 < chars.length; at += 3) yield [chars[at]!, chars[at + 1]!];
}

/** Whether a symbol is one code point: neither the name of a dead key nor two marks that were one before NFC. */
function isCharacter(symbol: string): boolean {
  return [...symbol].length === 1;
}
