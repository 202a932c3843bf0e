import assert from "node:assert/strict";
import { CASES } from "./all_cases.ts";
import { fits } from "./glob.ts";
import { KeptServer } from "./kept_server.ts";
import { runCases } from "./run_cases.ts";
import { Finding } from "./verdict.ts";

const cases = CASES.filter(({ judges, address }) => judges === "server" && fits(address, "link/header"));

Deno.test("runCases: a server that is gone ends the judging, not the run", async () => {
  const address = nobody();
  const results = await runCases(cases, { judges: "server", server: { address, password: null, backMs: 1 } });
  assert.equal(results.length, cases.length);
  const [first, ...rest] = results;
  assert.equal(first!.verdict, "failed");
  for (const { verdict, lostAfter } of rest) assert.deepEqual([verdict, lostAfter], ["unimplemented", first!.address]);
});

Deno.test("runCases: a server that cannot be brought back ends the judging, too", async () => {
  const address = nobody();
  const ready = () => Promise.reject(new Finding("failed", "it does not start"));
  const results = await runCases(cases, { judges: "server", server: { address, password: null, ready } });
  assert.ok(results.every(({ lostAfter }) => lostAfter === "its start"));
});

Deno.test("KeptServer tells what a program says that ends instead of serving", async () => {
  const address = nobody();
  await using kept = new KeptServer(["sh", "-c", "echo no such device >&2; exit 3"], { address, password: null });
  await assert.rejects(() => kept.ready(), /--start ended: no such device/);
});

/** An address at which nobody listens. */
function nobody() {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { kind: "tcp", host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port } as const;
}
