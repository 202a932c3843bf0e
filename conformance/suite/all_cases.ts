/** Every case there is, in the order of the report. */
import { cursorCache, cursorFaults, cursorState, cursorTypes } from "../cases/cursor/client.ts";
import { cursorServer } from "../cases/cursor/server.ts";
import { bitmap, bitmapFaults } from "../cases/display/bitmap.ts";
import { imageCache, paletteCache } from "../cases/display/caches.ts";
import { copyBits } from "../cases/display/copy_bits.ts";
import { fill, rops } from "../cases/display/fill.ts";
import { lz, lzFaults } from "../cases/display/lz.ts";
import { monitors, start } from "../cases/display/start.ts";
import { displayPicture, displayServer, displayServerFaults } from "../cases/display/server.ts";
import { surfaceFaults, surfaces } from "../cases/display/surfaces.ts";
import { ticket } from "../cases/link/ticket.ts";
import type { Case, Group } from "./case.ts";

/** All groups. */
export const GROUPS: readonly Group[] = [
  ticket,
  start,
  monitors,
  surfaces,
  surfaceFaults,
  fill,
  rops,
  copyBits,
  bitmap,
  bitmapFaults,
  imageCache,
  paletteCache,
  lz,
  lzFaults,
  cursorState,
  cursorTypes,
  cursorCache,
  cursorFaults,
  displayServer,
  displayPicture,
  cursorServer,
  displayServerFaults,
];

/** All cases. */
export const CASES: readonly Case[] = GROUPS.flatMap(({ cases }) => cases);
