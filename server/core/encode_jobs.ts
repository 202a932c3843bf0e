/**
 * Large pictures that are encoded elsewhere while the server goes on: asked of the driver, which has workers.
 *
 * ```text
 * Screen.request ──▶ begin ──▶ output `encode` … input `encoded` ──▶ answer ──▶ every channel that waits for that area
 * ```
 *
 * There are as many jobs under way as keep the workers busy, and no more: a channel that finds no room says so, still
 * lacks its area, and has its turn after those that said so before. So memory is bounded, too: a job has the pixels of
 * one area and their coded bytes, 32 MiB at most.
 */

import type { Rect } from "../../canvas/rect.ts";
import type { CodedImage } from "../../codecs/registry.ts";
import type { EncodedArea } from "./encode_area.ts";
import type { EncodeJob, EncodeResult, PictureCoding } from "./encode_picture.ts";

/** Jobs a worker may have: one that it does, and the next. */
export const JOBS_A_WORKER = 2;

/**
 * Pixels of a picture that is worth a worker. Measured, CPU of the server's thread: a photograph of 128 Ki pixels takes
 * 0.7 (LZ) to 1.2 ms (QUIC, JPEG) here, and 0.1 ms by way of a worker; one of 64 Ki 0.4 to 0.7 and 0.05 ms; one of 4 Ki
 * no less by way of it. But on a busy machine the answer comes one or two milliseconds later, and until then its viewer
 * gets nothing else, so what is as small as a dialogue is done at once.
 */
export const LEAST_JOB_PIXELS = 128 * 1024;

/** What is asked of the driver. */
export type EncodeOutput =
  /** Encode this, here or in a worker, and tell `encoded`. The pixels belong to the driver until then. */
  | { readonly do: "encode"; readonly id: number; readonly job: EncodeJob }
  /** Nobody wants this one any more; it need not be told. */
  | { readonly do: "cancel-encode"; readonly id: number };

/** A picture that could not be encoded elsewhere; the server did it itself, so nobody lacks it. */
export interface EncodeFailure {
  /** Number of the head that shows it. */
  readonly head: number;
  /** Where on the head. */
  readonly area: Rect;
  /** How it was to be coded. */
  readonly coding: PictureCoding;
  /** What the worker threw. */
  readonly error: Error;
}

/** Takes an area that has been encoded. */
export type AreaTaker = (encoded: EncodedArea, nowMs: number) => void;

/** An area that is being encoded, and who waits for it. */
export class Encoding {
  readonly #takers = new Set<AreaTaker>();

  /** Made by {@link EncodeJobs.begin}. */
  constructor(
    /** What will be encoded. */
    readonly area: Rect,
  ) {}

  /** Somebody lacks this area, as it was when the encoding began. */
  wait(taker: AreaTaker): void {
    this.#takers.add(taker);
  }

  /** Somebody does not want it any more. The encoding goes on: others may come to lack it. */
  leave(taker: AreaTaker): void {
    this.#takers.delete(taker);
  }

  /** It is done. */
  done(encoded: EncodedArea, nowMs: number): void {
    for (const taker of this.#takers) taker(encoded, nowMs);
  }
}

/** What {@link EncodeJobs.begin} is told. */
export interface EncodeOrder extends EncodeJob {
  /** Whose picture it is, for {@link EncodeJobs.cancel}. */
  readonly owner: object;
  readonly head: number;
  readonly area: Rect;
  /** The pixels of the job are free again. */
  readonly giveBack: (pixels: Uint32Array<ArrayBuffer>) => void;
  /** Makes the message; without an image it must be encoded anew, here. */
  readonly finish: (image: CodedImage | null) => EncodedArea;
}

/** The jobs of a server. */
export class EncodeJobs {
  readonly #underWay = new Map<number, EncodeOrder & { readonly encoding: Encoding }>();
  /** Pulls channels that found no room, in turn. */
  readonly #waiting = new Set<(nowMs: number) => void>();
  #ids = 0;

  constructor(
    /** Jobs under way, at most. */
    readonly most: number,
    readonly output: (output: EncodeOutput) => void,
    readonly failed: (failure: EncodeFailure) => void,
  ) {}

  /** Whether one more may begin. */
  get hasRoom(): boolean {
    return this.#underWay.size < this.most;
  }

  /** There is no room: calls `pull` once, when there is. */
  wait(pull: (nowMs: number) => void): void {
    this.#waiting.add(pull);
  }

  /** Who waited for room has gone. */
  leave(pull: (nowMs: number) => void): void {
    this.#waiting.delete(pull);
  }

  /** Asks for an area. There must be room. */
  begin(order: EncodeOrder): Encoding {
    const id = ++this.#ids, encoding = new Encoding(order.area), { picture, coding } = order;
    this.#underWay.set(id, { ...order, encoding });
    this.output({ do: "encode", id, job: { picture, coding } });
    return encoding;
  }

  /** Nobody will see this owner's picture any more. */
  cancel(owner: object): void {
    for (const [id, job] of this.#underWay) {
      if (job.owner === owner && this.#underWay.delete(id)) this.output({ do: "cancel-encode", id });
    }
  }

  /** What came of a job: it goes to all that wait for it, and who found no room is pulled. */
  answer(id: number, result: EncodeResult | Error, nowMs: number): void {
    const job = this.#underWay.get(id);
    if (job === undefined) return; // cancelled
    this.#underWay.delete(id);
    const failed = result instanceof Error;
    if (failed) this.failed({ head: job.head, area: job.area, coding: job.coding, error: result });
    else job.giveBack(result.pixels);
    job.encoding.done(job.finish(failed ? null : result.image), nowMs);
    for (const pull of this.#waiting) {
      if (!this.hasRoom) return;
      this.#waiting.delete(pull);
      pull(nowMs);
    }
  }
}
