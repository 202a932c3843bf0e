/** Reads the cursor's rectangles, which hold its shape and hot spot. */
import type { CursorShape } from "../../../canvas/cursor.ts";
import { alphaCursor, maskedCursor, maskedCursorBytes, type RfbCursorHeader } from "./rfb_cursor.ts";
import { RfbError } from "./rfb_error.ts";
import { Encoding } from "./rfb_messages.ts";
import type { Reading } from "./rfb_reader.ts";
import { viewOf } from "./view_of.ts";

/** How the server's cursors are read. */
export interface RfbCursorReaderOptions {
  /** Whether the server is QEMU, which departs from the specification. */
  readonly isQemu: boolean;
  /** Limit of a cursor. */
  readonly maxPixels: number;
}

/** The cursors of one session. */
export class RfbCursorReader {
  readonly #options: RfbCursorReaderOptions;
  /** The last that QEMU showed. */
  #shown: { readonly data: Uint8Array; readonly hotX: number; readonly hotY: number } | null = null;

  constructor(options: RfbCursorReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads a cursor behind its rectangle's header.
   *
   * @returns Null when no pointer is to be shown.
   * @throws {RfbError} `too-large`, `unknown-encoding`.
   */
  *read(encoding: number, header: RfbCursorHeader): Reading<CursorShape | null> {
    const { width, height } = header, pixels = width * height;
    if (pixels > this.#options.maxPixels) {
      throw new RfbError("too-large", `a cursor of ${width} × ${height} pixels`);
    }
    if (encoding === Encoding.CURSOR) {
      const data = yield { take: maskedCursorBytes(width, height) };
      return pixels === 0 ? null : maskedCursor(header, data);
    }
    const inner = viewOf(yield { take: 4 }).getInt32(0);
    if (inner !== Encoding.RAW) throw new RfbError("unknown-encoding", `a cursor in encoding ${inner}`);
    const data = yield { take: 4 * pixels };
    if (pixels === 0 || this.#isHidden(header, data)) return null;
    return alphaCursor(header, data, this.#options.isQemu ? "BGRA" : "RGBA");
  }

  /** QEMU has no word for "hidden": it sends the shape again with its hot spot at 0, 0. */
  #isHidden({ hotX, hotY }: RfbCursorHeader, data: Uint8Array): boolean {
    if (!this.#options.isQemu) return false;
    const shown = this.#shown;
    const isAtOrigin = hotX === 0 && hotY === 0;
    if (isAtOrigin && shown !== null && shown.hotX + shown.hotY > 0 && areEqual(shown.data, data)) return true;
    this.#shown = { data: data.slice(), hotX, hotY };
    return false;
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
