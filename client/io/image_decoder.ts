/** Decodes the images that a session core asks for: in workers once these have loaded, until then at once. */
import { CodecWork } from "../../codecs/registry.ts";
import { startWorker } from "../../io/start_worker.ts";
import { type PoolWorker, WorkerPool } from "../../io/worker_pool.ts";
import { type DecodeJob, decodeJob, type DecodeResult } from "../core/decode_ahead.ts";

/** Large images before workers are started: who takes one screenshot, and leaves, has no use for them. */
const WARM_AFTER = 1;

/** The decoder of one session. */
export class ImageDecoder {
  readonly #pool: WorkerPool<DecodeJob, DecodeResult>;
  readonly #work = new CodecWork();
  #images = 0;
  #closed = false;

  /**
   * Starts no worker yet.
   *
   * @param workers How many, at most; 0 for none.
   * @param start Starts one.
   */
  constructor(
    readonly workers: number,
    start: () => PoolWorker | null = () => startWorker(new URL("decode_worker.ts", import.meta.url)),
  ) {
    this.#pool = new WorkerPool(start, workers);
  }

  /** Whether a worker has loaded. */
  get ready(): boolean {
    return this.#pool.ready;
  }

  /**
   * Decodes one.
   *
   * @param then Called once, at once or later, with what came of it; not after {@link close}.
   */
  decode(job: DecodeJob, then: (result: DecodeResult) => void): void {
    if (!(this.#pool.ready && this.#pool.hasRoom)) {
      if (this.workers > 0 && ++this.#images > WARM_AFTER) this.#pool.warm();
      return then(decodeJob(job, this.#work));
    }
    const data = job.image.data.slice(), moved = { ...job, image: { ...job.image, data } };
    // A worker that fails, for want of memory, say, does not lose the image.
    this.#pool.run(moved, { transfer: [data.buffer] }).then(
      then,
      () => this.#closed || then(decodeJob(job, this.#work)),
    );
  }

  /** Ends the workers. */
  close(): void {
    this.#closed = true;
    this.#pool.close();
  }
}
