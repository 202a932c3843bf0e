/** Our own server and client pass the cases on link, data headers, capabilities and hostile peers. */
import assert from "node:assert/strict";
import { CASES } from "../suite/all_cases.ts";
import type { Case } from "../suite/case.ts";
import { ControlProgram } from "../suite/control.ts";
import { type CaseResult, runCases, type Target } from "../suite/run_cases.ts";

const AREAS = ["link/", "headers/", "capabilities/", "hostile/"];

/** What our ends do not have, and why. */
const UNIMPLEMENTED: Readonly<Record<string, string>> = {
  "link/message/secured": "no channel is kept for TLS alone",
  "capabilities/common/auth-sasl": "there is no SASL",
  "capabilities/display/a8-surface": "A8_SURFACE is not advertised",
  "capabilities/others/playback": "there is no sound",
  "capabilities/others/record": "there is no sound",
};

/** What needs a password. */
const PASSWORD = [
  "link/ticket/wrong",
  "link/ticket/prefix",
  "link/ticket/empty",
  "link/ticket/garbage",
  "link/ticket/of-another",
  "link/ticket/other-channels",
];

Deno.test("our server passes the cases on links and hostile peers", async () => {
  await using server = await startServer();
  await check("server", {
    judges: "server",
    server: { address: server.address, password: null, control: server.program },
  }, [
    ...PASSWORD,
    "link/ticket/expired",
  ]);
});

Deno.test("our server with a password passes the cases on links", async () => {
  await using server = await startServer("--password", "sesame", "--view-only-password", "look");
  const target = { address: server.address, password: "sesame", control: server.program };
  await check("server", { judges: "server", server: target }, ["link/ticket/expired"], "link/");
});

Deno.test("our server with a ticket that expires passes the cases on links", async () => {
  await using server = await startServer("--password", "sesame", "--ticket-seconds", "1");
  await new Promise((done) => setTimeout(done, 1500));
  const target = { address: server.address, password: null, expiredPassword: "sesame", control: server.program };
  await check("server", { judges: "server", server: target }, [], "link/ticket/expired");
});

Deno.test("our client passes the cases on links and hostile peers", async () => {
  const command = [...program("saffron_client.ts"), "{uri}", "{password}"];
  await check("client", { judges: "client", client: { command, speaks: true, startMs: 20_000 } }, []);
});

async function check(
  judges: Case["judges"],
  target: Target,
  lacking: readonly string[],
  ...areas: readonly string[]
): Promise<void> {
  const cases = CASES.filter(({ judges: whom, address }) => {
    return whom === judges && (areas.length > 0 ? areas : AREAS).some((area) => address.startsWith(area));
  });
  // A client is a process for each case, so several are judged at once; a server is one, and its cases take turns.
  const lanes = judges === "client" ? 4 : 1;
  const parts = Array.from({ length: lanes }, (_, lane) => cases.filter((_, i) => i % lanes === lane));
  const results = (await Promise.all(parts.map((part) => runCases(part, target)))).flat();
  const broken = results.filter(({ verdict, level }) => verdict === "failed" && level !== "info");
  assert.deepEqual(broken.map(wordsOf), []);
  const lacks = results.filter(({ verdict }) => verdict === "unimplemented").map(({ address }) => address);
  assert.deepEqual(lacks.filter((address) => !(address in UNIMPLEMENTED) && !lacking.includes(address)), []);
}

function wordsOf({ address, level, reason }: CaseResult): string {
  return `${address} (${level}): ${reason}`;
}

/** Our server, in a process of its own. */
async function startServer(...args: readonly string[]) {
  const child = new ControlProgram([...program("saffron_server.ts"), ...args], true);
  const { hostname, port } = new URL(String(await child.ask("uri", {}, 30_000)).replace("spice:", "http:"));
  return {
    program: child,
    address: { kind: "tcp", host: hostname, port: Number(port) } as const,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

function program(name: string): string[] {
  const file = new URL(`../adapters/${name}`, import.meta.url);
  return [Deno.execPath(), "run", "--quiet", "--allow-all", file.pathname];
}
