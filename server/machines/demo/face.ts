/**
 * Typefaces: glyphs as coverage of 16 levels.
 *
 * ```text
 * glyphs   base64 of one record a character: u8 advance, u8 left + 128, u8 up + 128, u8 width, u8 height, then
 *          width × height half bytes of coverage, rows from the top, the first pixel in the high half
 * ```
 */

/** A typeface as it stands in a file. */
export interface FaceData {
  /** Each character once. */
  readonly characters: string;
  /** Records in the order of the characters. */
  readonly glyphs: string;
}

/** One character's picture. */
export interface Glyph {
  /** Pixels from this character's start to the next one's. */
  readonly advance: number;
  /** Pixels from the start to the leftmost column; may be negative. */
  readonly left: number;
  /** Rows from the base line up to the top row. */
  readonly up: number;
  readonly width: number;
  readonly height: number;
  /** width × height, 0 to 255. */
  readonly coverage: Uint8Array;
}

/** A typeface at one size. */
export interface Face {
  readonly glyphs: ReadonlyMap<string, Glyph>;
  /** What stands for a character that the face does not have. */
  readonly missing: Glyph;
}

/**
 * Reads a typeface.
 *
 * @param data As generated.
 */
export function readFace(data: FaceData): Face {
  const bytes = Uint8Array.from(atob(data.glyphs), (char) => char.charCodeAt(0));
  const glyphs = new Map<string, Glyph>();
  let at = 0;
  for (const character of data.characters) {
    const width = bytes[at + 3]!, height = bytes[at + 4]!, coverage = new Uint8Array(width * height);
    for (let i = 0; i < coverage.length; i++) {
      const two = bytes[at + 5 + (i >> 1)]!;
      coverage[i] = (i & 1 ? two & 15 : two >> 4) * 17;
    }
    glyphs.set(character, {
      advance: bytes[at]!,
      left: bytes[at + 1]! - 128,
      up: bytes[at + 2]! - 128,
      width,
      height,
      coverage,
    });
    at += 5 + (coverage.length + 1 >> 1);
  }
  const missing = glyphs.get("?") ?? { advance: 0, left: 0, up: 0, width: 0, height: 0, coverage: new Uint8Array() };
  return { glyphs, missing };
}

/**
 * The glyph of a character.
 *
 * @param face Any face.
 * @param character One character.
 * @returns Its glyph, or that of "?".
 */
export function glyphOf(face: Face, character: string): Glyph {
  return face.glyphs.get(character) ?? face.missing;
}

/**
 * How wide a text is.
 *
 * @param face Any face.
 * @param text One line.
 * @returns Pixels.
 */
export function textWidth(face: Face, text: string): number {
  let width = 0;
  for (const character of text) width += glyphOf(face, character).advance;
  return width;
}

/**
 * Cuts a text that is too wide, and ends it with an ellipsis.
 *
 * @param face Any face.
 * @param text One line.
 * @param width Pixels that it may take.
 */
export function fitText(face: Face, text: string, width: number): string {
  if (textWidth(face, text) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidth(face, characters.join("") + "…") > width) characters.pop();
  return characters.length === 0 ? "" : characters.join("").trimEnd() + "…";
}
