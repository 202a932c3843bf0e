/** Our own server and client against the cases of base, main and inputs: nothing that must or should hold fails. */
import assert from "node:assert/strict";
import type { Case } from "../suite/case.ts";
import { ControlProgram } from "../suite/control.ts";
import { CASES } from "../suite/all_cases.ts";
import { runCases, type Target } from "../suite/run_cases.ts";

/** What our ends lack, with the reason. */
const LACKS: Readonly<Record<Case["judges"], Readonly<Record<string, string>>>> = {
  server: {
    "main/agent/start-without": "our server is its own agent as long as its machine takes other sizes",
  },
  client: Object.fromEntries(
    ["starts", "announces", "answers", "split", "joined", "tokens", "parts", "comes"]
      .map((name) => [`main/agent/${name}`, "our client does not use the agent yet"]),
  ),
};

Deno.test("Our server passes the cases of base, main and inputs", async () => {
  await using program = new ControlProgram(deno("saffron_server.ts"), true);
  const uri = await firstLine(program), { hostname: host, port } = new URL(uri.replace("spice:", "http:"));
  const address = { kind: "tcp", host, port: Number(port) } as const;
  await judge("server", { judges: "server", server: { address, password: null, control: program } });
});

Deno.test("Our client passes the cases of base, main and inputs", async () => {
  const command = [...deno("saffron_client.ts"), "{uri}", "{password}"];
  await judge("client", { judges: "client", client: { command, speaks: true, startMs: 20_000 } });
});

function deno(adapter: string): string[] {
  const file = new URL(`../adapters/${adapter}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--allow-all", "--no-check", file];
}

async function judge(judges: Case["judges"], target: Target): Promise<void> {
  const cases = CASES.filter((one) => one.judges === judges && /^(base|main|inputs)\//.test(one.address));
  assert.ok(cases.length >= 40, `only ${cases.length} cases`);
  const results = await runCases(cases, target);
  const wrong = results.filter(({ level, verdict }) => verdict === "failed" && level !== "info");
  assert.deepEqual(wrong.map(({ address, reason }) => `${address}: ${reason}`), []);
  const lacking = results.filter(({ verdict }) => verdict === "unimplemented").map(({ address }) => address);
  assert.deepEqual(lacking.toSorted(), Object.keys(LACKS[judges]).toSorted());
}

/** The address that a server's program tells first. */
async function firstLine(program: ControlProgram): Promise<string> {
  for (let i = 0; i < 200; i++) {
    const line = program.output.split("\n")[0]!;
    if (line.startsWith("{") && line.endsWith("}")) return String(JSON.parse(line).uri);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`The server does not tell its address: ${program.output}`);
}
