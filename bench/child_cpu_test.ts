import assert from "node:assert/strict";
import { childCpuMs } from "./child_cpu.ts";

Deno.test("childCpuMs() counts a child that keeps a processor busy for a while", async () => {
  const before = await childCpuMs();
  const code = "const end = performance.now() + 200; while (performance.now() < end);";
  await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  const used = await childCpuMs() - before;
  assert.ok(used >= 50 && used < 5000, `${used} ms`);
});
