/** A mistake that implementers make, seeded into one of our own ends, which the suite must notice. */
import type { Tampering } from "./tamper.ts";

/** One defect. */
export interface Defect {
  /** Words with dashes, as `ack-off-by-one`. */
  readonly name: string;
  /** What a developer did wrong, as the end of "It …". */
  readonly about: string;
  readonly tampering: Tampering;
}
