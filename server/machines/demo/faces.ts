/** The typefaces of the demo machine. */
import { type Face, readFace } from "./face.ts";
import { MONO } from "./faces/mono.ts";
import { SANS } from "./faces/sans.ts";
import { SANS_BOLD } from "./faces/sans_bold.ts";

/** Typefaces by use. */
export const FACES = {
  sans: readFace(SANS),
  bold: readFace(SANS_BOLD),
  mono: readFace(MONO),
} as const satisfies Record<
  string,
  Face
>;

/** Pixels from one line of text to the next. */
export const LINE_HEIGHT = 18;
/** Pixels from the top of a line to its base line. */
export const BASE_LINE = 13;
