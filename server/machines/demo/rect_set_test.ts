import assert from "node:assert/strict";
import type { Rect } from "../../../canvas/rect.ts";
import { withMore, without } from "./rect_set.ts";

const SIDE = 12;

/** How often each cell of a small board is covered. */
function counts(set: readonly Rect[]): number[] {
  const board = new Array<number>(SIDE * SIDE).fill(0);
  for (const { left, top, right, bottom } of set) {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) board[y * SIDE + x]!++;
  }
  return board;
}

Deno.test("withMore() and without() are union and difference, and cover nothing twice", () => {
  let state = 7;
  const random = (below: number) => (state = state * 48271 % 0x7fffffff) % below;
  for (let round = 0; round < 200; round++) {
    let set: Rect[] = [], wanted = counts([]);
    for (let step = 0; step < 8; step++) {
      const left = random(SIDE), top = random(SIDE);
      const rect = { left, top, right: left + random(SIDE - left + 1), bottom: top + random(SIDE - top + 1) };
      const more = random(3) > 0, inside = counts([rect]);
      set = more ? withMore(set, rect) : without(set, rect);
      wanted = wanted.map((was, i) => inside[i] === 1 ? Number(more) : was);
      assert.deepEqual(counts(set), wanted);
    }
  }
});
