/**
 * A few workers that do jobs of one kind, for whom each is worth its way there and back: some 50 µs, and a copy.
 *
 * ```text
 * run(job) ──▶ queue ──▶ worker (serveJobs in serve_jobs.ts) ──▶ the promise of that run
 * ```
 *
 * Workers start when there is work for one more than there are. Until the first has loaded, {@link WorkerPool.ready} is
 * false, and a caller that cannot wait does the job itself. A host may not let us start any (Deno without the permission
 * to read our files): then the pool is never ready.
 */

/** What the pool needs of a `Worker`. */
export interface PoolWorker {
  /** Sends it a job. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** Ends it at once. */
  terminate(): void;
  /** Called with what it posts. */
  onmessage: ((event: MessageEvent) => void) | null;
  /** Called when it failed to load, or threw what nothing caught. */
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What a worker posts: that it is there, then one answer for each job. */
export type WorkerAnswer<Result> = "ready" | { readonly result: Result } | { readonly failed: unknown };

/** How a job is run. */
export interface RunOptions {
  /** Buffers in the job that are the worker's from now on, as for `postMessage`. */
  readonly transfer?: Transferable[];
  /** Gives up. A job that a worker has begun is done to its end, and its result forgotten. */
  readonly signal?: AbortSignal;
}

interface Task<Job, Result> {
  readonly job: Job;
  readonly transfer: Transferable[];
  /** Ends the run; only the first call counts. */
  readonly settle: (answer: Exclude<WorkerAnswer<Result>, "ready">) => void;
}

interface Slot<Job, Result> {
  readonly worker: PoolWorker;
  loaded: boolean;
  task: Task<Job, Result> | null;
}

/** Workers for one kind of job. */
export class WorkerPool<Job, Result> {
  readonly #slots = new Set<Slot<Job, Result>>();
  readonly #queue: Task<Job, Result>[] = [];
  #closed = false;
  #unavailable = false;

  /** Starts nothing yet. */
  constructor(
    /** Starts a worker; `null` where the host allows none. */
    readonly start: () => PoolWorker | null,
    /** Workers, at most. */
    readonly workers: number,
    /** Jobs, begun or waiting, at most. */
    readonly mostJobs: number = 2 * workers,
  ) {}

  /** Whether a worker has loaded, so that a job is begun or queued for one that works. */
  get ready(): boolean {
    return [...this.#slots].some(({ loaded }) => loaded);
  }

  /** Whether one job more may be given. */
  get hasRoom(): boolean {
    const begun = [...this.#slots].filter(({ task }) => task !== null).length;
    return !this.#closed && begun + this.#queue.length < this.mostJobs;
  }

  /** Starts the first worker, if there is none and there can be one. */
  warm(): void {
    if (this.#slots.size === 0) this.#grow();
  }

  /**
   * Runs a job.
   *
   * @param job Anything that `postMessage` takes.
   * @returns What the worker made of it.
   * @throws {Error} What the worker threw, by its message; `signal.reason`; the pool is full, closed or never ready.
   */
  run(job: Job, { transfer = [], signal }: RunOptions = {}): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      signal?.throwIfAborted();
      if (!this.hasRoom) {
        throw new Error(this.#closed ? "The pool of workers is closed" : "The pool of workers is full");
      }
      const abort = () => {
        this.#forget(task);
        task.settle({ failed: signal!.reason });
      };
      const task: Task<Job, Result> = {
        job,
        transfer,
        settle: (answer) => {
          signal?.removeEventListener("abort", abort);
          if ("failed" in answer) reject(answer.failed);
          else resolve(answer.result);
        },
      };
      signal?.addEventListener("abort", abort);
      this.#queue.push(task);
      if (this.#idle < this.#queue.length) this.#grow();
      this.#next();
    });
  }

  /** Ends all workers; runs that have not ended fail. */
  close(): void {
    this.#closed = true;
    for (const { worker } of this.#slots) worker.terminate();
    this.#failAll(new Error("The pool of workers is closed"));
    this.#slots.clear();
  }

  /** Workers that have loaded and have nothing to do. */
  get #idle(): number {
    return [...this.#slots].filter(({ loaded, task }) => loaded && task === null).length;
  }

  #grow(): void {
    const may = this.#slots.size < this.workers && !this.#closed && !this.#unavailable;
    const worker = may ? this.start() : null;
    if (worker === null) {
      // Where one is refused, another will be.
      this.#unavailable ||= may;
      if (this.#slots.size === 0) this.#failAll(new Error("No worker can be started here"));
      return;
    }
    const slot: Slot<Job, Result> = { worker, loaded: false, task: null };
    this.#slots.add(slot);
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer<Result>>) => {
      if (data === "ready") slot.loaded = true;
      else {
        slot.task?.settle(data);
        slot.task = null;
      }
      this.#next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.#slots.delete(slot);
      // One that never loaded will not load the next time; one that failed at a job is replaced when there is another.
      if (!slot.loaded) this.#unavailable = true;
      slot.task?.settle({ failed: new Error(`A worker failed: ${event.message}`) });
      if (this.#queue.length > 0) this.#grow();
    };
  }

  #next(): void {
    for (const slot of this.#slots) {
      if (!slot.loaded || slot.task !== null) continue;
      const task = this.#queue.shift();
      if (task === undefined) return;
      slot.task = task;
      slot.worker.postMessage(task.job, task.transfer);
    }
  }

  #forget(task: Task<Job, Result>): void {
    const at = this.#queue.indexOf(task);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  #failAll(failed: Error): void {
    for (const { task } of this.#slots) task?.settle({ failed });
    for (const task of this.#queue.splice(0)) task.settle({ failed });
  }
}
