/** Recordings of every kind of image in every place of a drawing command, and of modes that are rare. */

import type { LibspiceOptions } from "../peers/libspice_generator.ts";
import { playAll, recordOurs, recordScene } from "./libspice.ts";
import type { Recording } from "./recording.ts";

/** Room for 64 cells of 32 × 24 pixels. */
const SIZE = { width: 256, height: 192 };

const OPTIONS: Readonly<Record<string, LibspiceOptions>> = {
  "libspice-operands-lz": { scene: "operands", compression: "lz" },
  "libspice-operands-glz": { scene: "operands", compression: "glz" },
  "libspice-operands-zlib-glz": { scene: "operands", compression: "glz", zlib: "always" },
  "libspice-operands-lz4": { scene: "operands", compression: "lz4" },
  "libspice-operands-jpeg": { scene: "operands", compression: "auto_lz", jpeg: "always" },
  "libspice-operands-lossy": { scene: "operands-lossy", compression: "auto_lz", jpeg: "always" },
  "libspice-operands-masks": { scene: "operands-masks", compression: "off" },
  "libspice-operands-masks-jpeg": { scene: "operands-masks", compression: "auto_lz", jpeg: "always" },
  "libspice-modes": { scene: "modes", compression: "off" },
};

/** All of them. */
export const OPERAND_RECORDINGS: readonly Recording[] = [
  ...Object.entries(OPTIONS).map(([name, options]) => ({
    name,
    record: () => recordScene({ size: SIZE, ...options }, playAll),
  })),
  {
    name: "libspice-operands-bare",
    record: () => recordOurs({ scene: "operands-bare", size: SIZE, compression: "auto_lz", jpeg: "always" }, playAll),
  },
];
