/** Which cases notice a seeded defect: our own end, with what passes tampered with, before the suite. */
import type { Case } from "../suite/case.ts";
import { ControlProgram } from "../suite/control.ts";
import { type CaseResult, runCases } from "../suite/run_cases.ts";
import { CLIENT_DEFECTS } from "./client_defects.ts";
import type { Defect } from "./defect.ts";
import { SERVER_DEFECTS } from "./server_defects.ts";
import { startTamperProxy } from "./tamper_proxy.ts";

/** Which end a defect is seeded into. */
export type End = "server" | "client";

/** All defects of an end. */
export function defectsOf(end: End): readonly Defect[] {
  return end === "server" ? SERVER_DEFECTS : CLIENT_DEFECTS;
}

/** One of our own ends, ready to be judged with one defect after the other. Disposing ends it. */
export interface DefectiveEnd extends AsyncDisposable {
  /** Judges it with a defect, or with nothing tampered with on the same way. */
  judge(cases: readonly Case[], defect: Defect | null): Promise<CaseResult[]>;
}

const PASSWORD = "seeded";
const program = (path: string, ...args: readonly string[]) => {
  return [Deno.execPath(), "run", "--quiet", "--allow-all", new URL(path, import.meta.url).pathname, ...args];
};

/** Starts one of our own ends. */
export function startDefectiveEnd(end: End): Promise<DefectiveEnd> {
  return end === "server" ? startServer() : Promise.resolve(client());
}

async function startServer(): Promise<DefectiveEnd> {
  const control = new ControlProgram(program("../adapters/saffron_server.ts", "--password", PASSWORD), true);
  const uri = String(await control.ask("uri", {}, 30_000)), port = Number(new URL(uri).port);
  return {
    judge: async (cases, defect) => {
      await using proxy = startTamperProxy(port, defect?.tampering ?? {});
      const address = { kind: "tcp", host: "127.0.0.1", port: proxy.port } as const;
      return await runCases(cases, { judges: "server", server: { address, password: PASSWORD, control } });
    },
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

function client(): DefectiveEnd {
  return {
    judge: (cases, defect) => {
      const command = program("./defective_client.ts", "{port}", "{password}", defect?.name ?? "none");
      return runCases(cases, { judges: "client", client: { command, speaks: true, startMs: 20_000 } }, undefined, 4);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
