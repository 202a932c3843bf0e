/** The display and cursor cases on our own server and client: none may fail but those that only tell. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CASES } from "../suite/all_cases.ts";
import type { Case } from "../suite/case.ts";
import { ControlProgram } from "../suite/control.ts";
import { type CaseResult, runCases, type Target } from "../suite/run_cases.ts";

/** Cases that our ends cannot answer, with the reason. */
const UNIMPLEMENTED: Readonly<Record<string, string>> = {};

/** Cases run at once: a client takes its time to start, and little of the processor's. */
const LANES = 4;

const DENO = [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"];
const adapter = (name: string) => fileURLToPath(new URL(`../adapters/${name}`, import.meta.url));
const casesOf = (judges: Case["judges"]) => {
  return CASES.filter((one) => one.judges === judges && /^(display|cursor)\//.test(one.address));
};

Deno.test("Our client does what the display and cursor cases say", async () => {
  const command = [...DENO, adapter("saffron_client.ts"), "{uri}", "{password}"];
  const target: Target = { judges: "client", client: { command, speaks: true, startMs: 20_000 } };
  const waiting = casesOf("client"), results: CaseResult[] = [];
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.push(...await runCases([next], target));
    }
  }));
  judge(results, "client");
});

Deno.test("Our server does what the display and cursor cases say", async () => {
  await using control = new ControlProgram([...DENO, adapter("saffron_server.ts"), "--password", "secret"], true);
  const uri = String(await control.ask("uri", {}, 20_000)),
    { hostname, port } = new URL(uri.replace("spice:", "http:"));
  const address = { kind: "tcp", host: hostname, port: Number(port) } as const;
  const target: Target = { judges: "server", server: { address, password: "secret", control } };
  judge(await runCases(casesOf("server"), target), "server");
});

function judge(results: readonly CaseResult[], judges: Case["judges"]): void {
  assert.equal(results.length, casesOf(judges).length);
  const text = ({ address, verdict, reason }: CaseResult) => `${address} ${verdict}: ${reason}`;
  const failed = results.filter(({ verdict, level }) => verdict === "failed" && level !== "info");
  assert.deepEqual(failed.map(text), []);
  const unimplemented = results.filter(({ verdict, address }) =>
    verdict === "unimplemented" && !UNIMPLEMENTED[address]
  );
  assert.deepEqual(unimplemented.map(text), []);
}
