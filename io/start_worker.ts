/** Workers where the host allows them. */
import type { PoolWorker } from "./worker_pool.ts";

/**
 * Starts a worker of ours.
 *
 * @param module Its module, `new URL("….ts", import.meta.url)`.
 * @returns `null` where there can be none: Deno without the permission to read that file, a host without workers.
 */
export function startWorker(module: URL): PoolWorker | null {
  if (typeof Worker === "undefined") return null;
  // Deno would start it, and print that it may not.
  if (module.protocol === "file:" && typeof Deno !== "undefined") {
    const { state } = Deno.permissions.querySync({ name: "read", path: module });
    if (state !== "granted") return null;
  }
  return new Worker(module, { type: "module" });
}
