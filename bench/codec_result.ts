/** What the bench of the codecs finds out of each. */
import type { Direction } from "./codec_list.ts";
import type { Summary } from "./summarize.ts";

/** One codec, image and direction. */
export interface CodecResult {
  readonly codec: string;
  readonly image: string;
  readonly direction: Direction;
  /** Of all pictures of the image. */
  readonly pixels: number;
  /** Of our streams. */
  readonly bytes: number;
  /** Of the reference's, by the manifest or by the reference program; `null` when neither says it. */
  readonly referenceBytes: number | null;
  /** CPU nanoseconds a run, over the runs of all processes. */
  readonly ns: Summary;
  /** Bytes that a run allocates beside its result. */
  readonly besideBytes: number;
  readonly reference: { readonly ns: Summary; readonly same: boolean; readonly bytes: number } | null;
  readonly html5: { readonly ns: Summary; readonly wrongPixels: number } | null;
}
