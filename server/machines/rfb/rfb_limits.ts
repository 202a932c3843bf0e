/** What a VNC server may make us hold. */
import { RfbError } from "./rfb_error.ts";

/** Most that a VNC server may make us hold. */
export interface RfbLimits {
  /** Columns or rows of its picture. Default: 16384. */
  readonly maxSide: number;
  /** Pixels of its picture. Default: 2^26. */
  readonly maxPixels: number;
  /** Pixels of its cursor. Default: 2^18. */
  readonly maxCursorPixels: number;
  /** Bytes of its name, or of the reason of a refusal; a name is cut, a reason too. Default: 4096. */
  readonly maxTextBytes: number;
}

/** The limits unless told otherwise. */
export const RFB_LIMITS: RfbLimits = {
  maxSide: 16_384,
  maxPixels: 2 ** 26,
  maxCursorPixels: 2 ** 18,
  maxTextBytes: 4096,
};

/** @throws {RfbError} `too-large`, when a picture is over the limits. */
export function checkPictureSize(width: number, height: number, { maxSide, maxPixels }: RfbLimits): void {
  if (width <= maxSide && height <= maxSide && width * height <= maxPixels) return;
  throw new RfbError("too-large", `a picture of ${width} × ${height} pixels`);
}
