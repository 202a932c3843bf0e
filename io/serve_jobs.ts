/** The worker's side of `WorkerPool`. */
/// <reference lib="deno.worker" />
import type { WorkerAnswer } from "./worker_pool.ts";

/** What came of a job, and the buffers in it that go to whoever asked. */
export interface Served<Result> {
  readonly result: Result;
  readonly transfer: Transferable[];
}

/**
 * Does jobs, one after the other, until the worker is ended.
 *
 * @param work Does one. What it throws is thrown by the pool's `run`.
 */
export function serveJobs<Job, Result>(work: (job: Job) => Served<Result>): void {
  const answer = (message: WorkerAnswer<Result>, transfer: Transferable[] = []) => self.postMessage(message, transfer);
  self.onmessage = ({ data }: MessageEvent<Job>) => {
    try {
      const { result, transfer } = work(data);
      answer({ result }, transfer);
    } catch (failed) {
      answer({ failed });
    }
  };
  answer("ready");
}
