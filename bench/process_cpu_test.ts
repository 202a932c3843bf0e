import assert from "node:assert/strict";
import { cpuMsOf } from "./process_cpu.ts";

Deno.test("cpuMsOf() counts this process's threads by name, and grows with work", async () => {
  const before = await cpuMsOf(Deno.pid, () => true);
  const end = performance.now() + 30;
  while (performance.now() < end);
  assert.ok(await cpuMsOf(Deno.pid, () => true) >= before + 10);
  assert.equal(await cpuMsOf(Deno.pid, () => false), 0);
});
