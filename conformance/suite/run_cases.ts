/** Runs cases on a peer, one after the other; whatever the peer does, each ends with a verdict in its time. */
import type { Case, Level } from "./case.ts";
import { ClientPeer, type ClientTarget } from "./client_peer.ts";
import { Evidence, type EvidenceEntry } from "./evidence.ts";
import { ServerPeer, type ServerTarget } from "./server_peer.ts";
import { Finding, type Verdict } from "./verdict.ts";

/** A peer to be judged. */
export type Target =
  | { readonly judges: "server"; readonly server: ServerTarget }
  | { readonly judges: "client"; readonly client: ClientTarget };

/** What one case found. */
export interface CaseResult {
  readonly address: string;
  readonly title: string;
  readonly requirement: string;
  readonly source: string;
  readonly level: Level;
  readonly verdict: Verdict;
  /** Why; empty when it is ok. */
  readonly reason: string;
  readonly ms: number;
  readonly evidence: readonly EvidenceEntry[];
}

/** Milliseconds that a case may take unless it says so. */
const CASE_MS = 10_000;

/** Milliseconds that a server may take to be there again. */
const BACK_MS = 15_000;

/**
 * Runs cases.
 *
 * @param cases All of them of the kind that the target is.
 * @param onResult Told after each.
 */
export async function runCases(
  cases: readonly Case[],
  target: Target,
  onResult: (result: CaseResult) => void = () => {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases) {
    if (one.judges !== target.judges) throw new TypeError(`Cannot run ${one.address}: it judges a ${one.judges}`);
    const result = await runCase(one, target);
    results.push(result);
    onResult(result);
    if (result.verdict === "failed" && target.judges === "server") await comesBack(target.server);
  }
  return results;
}

/**
 * Waits until a server that a case may have ended has been started anew by its keeper, or for {@link BACK_MS}: until it
 * answers, and a while later still does.
 */
async function comesBack(server: ServerTarget): Promise<void> {
  const end = performance.now() + BACK_MS;
  for (let answers = 0; answers < 3 && performance.now() < end;) {
    await new Promise((done) => setTimeout(done, 300));
    using peer = new ServerPeer(server);
    try {
      answers = (await peer.link()).reply === null ? 0 : answers + 1;
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      answers = 0;
    }
  }
}

async function runCase(one: Case, target: Target): Promise<CaseResult> {
  const { address, title, requirement, source, level, timeoutMs = CASE_MS } = one, start = performance.now();
  const evidence = new Evidence();
  let limit: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const found = new Finding("failed", `no verdict after ${timeoutMs} ms`);
    limit = setTimeout(() => reject(found), timeoutMs);
  });
  let verdict: Verdict = "ok", reason = "";
  const dispose = new AsyncDisposableStack();
  try {
    const running = one.judges === "server" && target.judges === "server"
      ? one.run(dispose.use(new ServerPeer(target.server, evidence)))
      : one.judges === "client" && target.judges === "client"
      ? one.run(dispose.use(new ClientPeer(target.client, evidence)))
      : Promise.resolve();
    // When the time is over, the case goes on until its connections are closed, and nobody hears of it.
    running.catch(() => {});
    await Promise.race([running, tooLong]);
  } catch (error) {
    if (!(error instanceof Finding)) throw new Error(`The case ${address} is broken`, { cause: error });
    ({ verdict, reason } = error);
  } finally {
    clearTimeout(limit);
    await dispose.disposeAsync();
  }
  const ms = Math.round(performance.now() - start);
  return { address, title, requirement, source, level, verdict, reason, ms, evidence: evidence.entries };
}
