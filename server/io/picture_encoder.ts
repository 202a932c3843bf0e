/** Does the `encode` outputs of a server core: in workers where there are any, else at once. */
import { CodecWork } from "../../codecs/registry.ts";
import { startWorker } from "../../io/start_worker.ts";
import { type PoolWorker, WorkerPool } from "../../io/worker_pool.ts";
import { JOBS_A_WORKER } from "../core/encode_jobs.ts";
import { type EncodeJob, encodePicture, type EncodeResult } from "../core/encode_picture.ts";

/** Workers unless told otherwise, at most: each has memory of its own, and one keeps up with a screen of photographs. */
const MOST_WORKERS = 4;
/** Large pictures from which on workers are started: a server that shows one now and then needs none. */
const REPEATED = 2;
/** Pictures lost in workers after which there are none any more: what fails so often fails again. */
const MOST_FAILURES = 3;

/** Workers unless told otherwise: a core is left to the server's own thread. */
export function defaultWorkers(): number {
  return Math.max(0, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1));
}

/** Encodes pictures. */
export class PictureEncoder {
  readonly #pool: WorkerPool<EncodeJob, EncodeResult>;
  readonly #work = new CodecWork();
  /** Of jobs that are with the pool. */
  readonly #cancels = new Map<number, AbortController>();
  #pictures = 0;
  #failures = 0;

  /**
   * Starts nothing yet.
   *
   * @param workers Workers, at most.
   * @param answer Called once for each job that is not cancelled, perhaps before {@link encode} returns.
   * @param start Starts a worker.
   */
  constructor(
    workers: number,
    readonly answer: (id: number, result: EncodeResult | Error) => void,
    start: () => PoolWorker | null = () => startWorker(new URL("./encode_worker.ts", import.meta.url)),
  ) {
    this.#pool = new WorkerPool(start, workers, workers * JOBS_A_WORKER);
  }

  /** Encodes one picture; nobody waits for a worker to load. */
  encode(id: number, job: EncodeJob): void {
    if (++this.#pictures >= REPEATED) this.#pool.warm();
    if (this.#pool.ready && this.#pool.hasRoom) void this.#encodeElsewhere(id, job);
    else this.#encodeHere(id, job);
  }

  /** A job's result is not wanted any more. */
  cancel(id: number): void {
    this.#cancels.get(id)?.abort();
    this.#cancels.delete(id);
  }

  /** Ends the workers; jobs that are not done are cancelled. */
  close(): void {
    for (const id of this.#cancels.keys()) this.cancel(id);
    this.#pool.close();
  }

  #encodeHere(id: number, { picture, coding }: EncodeJob): void {
    this.answer(id, { image: encodePicture(picture, coding, this.#work), pixels: picture.pixels });
  }

  async #encodeElsewhere(id: number, job: EncodeJob): Promise<void> {
    const cancel = new AbortController(), { pixels } = job.picture;
    this.#cancels.set(id, cancel);
    const result = await this.#pool.run(job, { transfer: [pixels.buffer], signal: cancel.signal }).catch(asError);
    if (!this.#cancels.delete(id)) return;
    // It may not have come as far as a worker: then the pixels are still here.
    if (result instanceof Error && pixels.length > 0) return this.#encodeHere(id, job);
    if (result instanceof Error && ++this.#failures === MOST_FAILURES) this.#pool.close();
    this.answer(id, result);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
