import assert from "node:assert/strict";
import { type PoolWorker, WorkerPool } from "./worker_pool.ts";

/** A worker that does what the test tells it. */
class FakeWorker implements PoolWorker {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly jobs: unknown[] = [];
  terminated = false;

  postMessage(job: unknown): void {
    this.jobs.push(job);
  }

  terminate(): void {
    this.terminated = true;
  }

  says(data: unknown): void {
    this.onmessage!(new MessageEvent("message", { data }));
  }

  fails(message: string): void {
    this.onerror!(new ErrorEvent("error", { message, cancelable: true }));
  }
}

function poolOf(workers: number, mostJobs?: number) {
  const started: FakeWorker[] = [];
  const start = () => {
    const worker = new FakeWorker();
    started.push(worker);
    return worker;
  };
  return { pool: new WorkerPool<string, string>(start, workers, mostJobs), started };
}

Deno.test("WorkerPool starts no worker before there is a job, and no more than there are jobs for", () => {
  const { pool, started } = poolOf(2);
  assert.deepEqual([started.length, pool.ready], [0, false]);
  void pool.run("a");
  assert.deepEqual([started.length, pool.ready], [1, false]);
  started[0]!.says("ready");
  assert.deepEqual([started[0]!.jobs, pool.ready], [["a"], true]);
  void pool.run("b");
  assert.equal(started.length, 2);
  started[0]!.says({ result: "A" });
  assert.deepEqual(started[0]!.jobs, ["a", "b"], "whoever is free takes it");
});

Deno.test("WorkerPool gives each run its own result, whatever the order", async () => {
  const { pool, started } = poolOf(2);
  const a = pool.run("a"), b = pool.run("b");
  for (const worker of started) worker.says("ready");
  started[1]!.says({ result: "B" });
  started[0]!.says({ result: "A" });
  assert.deepEqual(await Promise.all([a, b]), ["A", "B"]);
});

Deno.test("WorkerPool takes no more jobs than it was told, and says before that it is full", async () => {
  const { pool, started } = poolOf(1, 3);
  pool.warm();
  started[0]!.says("ready");
  void pool.run("a");
  void pool.run("b");
  assert.ok(pool.hasRoom);
  void pool.run("c");
  assert.ok(!pool.hasRoom);
  await assert.rejects(pool.run("d"), /full/);
  started[0]!.says({ result: "A" });
  assert.ok(pool.hasRoom);
});

Deno.test("WorkerPool throws what the worker threw, and goes on", async () => {
  const { pool, started } = poolOf(1);
  const a = pool.run("a"), b = pool.run("b");
  started[0]!.says("ready");
  started[0]!.says({ failed: new RangeError("no such thing") });
  await assert.rejects(a, /no such thing/);
  started[0]!.says({ result: "B" });
  assert.equal(await b, "B");
});

Deno.test("WorkerPool replaces a worker that failed at a job, and fails that job alone", async () => {
  const { pool, started } = poolOf(1);
  const a = pool.run("a"), b = pool.run("b");
  started[0]!.says("ready");
  started[0]!.fails("out of memory");
  await assert.rejects(a, /A worker failed: out of memory/);
  assert.deepEqual([started.length, started[0]!.terminated], [2, true]);
  started[1]!.says("ready");
  started[1]!.says({ result: "B" });
  assert.equal(await b, "B");
});

Deno.test("WorkerPool is never ready where no worker can start or load, and fails what was given to it", async () => {
  const none = new WorkerPool<string, string>(() => null, 2);
  await assert.rejects(none.run("a"), /No worker can be started here/);
  const { pool, started } = poolOf(2);
  const a = pool.run("a");
  started[0]!.fails("no permission");
  await assert.rejects(a, /No worker can be started here/);
  await assert.rejects(pool.run("b"), /No worker can be started here/);
  assert.deepEqual([started.length, pool.ready], [1, false]);
});

Deno.test("WorkerPool forgets a job that is given up, and its result if it has begun", async () => {
  const { pool, started } = poolOf(1, 3), one = new AbortController(), two = new AbortController();
  const a = pool.run("a", { signal: one.signal }), b = pool.run("b", { signal: two.signal }), c = pool.run("c");
  started[0]!.says("ready");
  two.abort(new Error("no more"));
  one.abort(new Error("no more"));
  await assert.rejects(a, /no more/);
  await assert.rejects(b, /no more/);
  started[0]!.says({ result: "A" });
  assert.deepEqual(started[0]!.jobs, ["a", "c"]);
  started[0]!.says({ result: "C" });
  assert.equal(await c, "C");
  await assert.rejects(pool.run("d", { signal: one.signal }), /no more/);
});

Deno.test("WorkerPool.close() ends all workers, and fails what was under way", async () => {
  const { pool, started } = poolOf(2);
  const a = pool.run("a"), b = pool.run("b");
  started[0]!.says("ready");
  pool.close();
  await assert.rejects(a, /closed/);
  await assert.rejects(b, /closed/);
  assert.ok(started.every(({ terminated }) => terminated));
  await assert.rejects(pool.run("c"), /closed/);
});
