/** Runs cases on a peer, one after the other; whatever the peer does, each ends with a verdict in its time. */
import type { Case, Level } from "./case.ts";
import { ClientPeer, type ClientTarget, START_MS } from "./client_peer.ts";
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
  /** Address of the case after which the server was gone for good: this one could not be judged. */
  readonly lostAfter?: string;
  readonly evidence: readonly EvidenceEntry[];
}

/** Milliseconds that a case may take, beside the start of a client, unless it says so. */
const CASE_MS = 20_000;

/** Milliseconds that a server may take to be there again, unless its target says so. */
const BACK_MS = 15_000;

/**
 * Runs cases.
 *
 * @param cases All of them of the kind that the target is.
 * @param onResult Told after each, in the order of the cases.
 * @param jobs How many cases run at once; only for clients, which are started anew for each. Default: 1.
 * @returns Results in the order of the cases.
 */
export async function runCases(
  cases: readonly Case[],
  target: Target,
  onResult: (result: CaseResult) => void = () => {},
  jobs = 1,
): Promise<CaseResult[]> {
  const results: (CaseResult | undefined)[] = [];
  let next = 0, told = 0, lostAfter: string | undefined;
  const work = async () => {
    for (let at = next++; at < cases.length; at = next++) {
      const one = cases[at]!;
      if (one.judges !== target.judges) throw new TypeError(`Cannot run ${one.address}: it judges a ${one.judges}`);
      if (target.judges === "server" && !await isReady(target.server)) {
        lostAfter ??= cases[at - 1]?.address ?? "its start";
      }
      const found = results[at] = lostAfter === undefined ? await runCase(one, target) : notJudged(one, lostAfter);
      if (found.verdict === "failed" && target.judges === "server" && !await comesBack(target.server)) {
        lostAfter = one.address;
      }
      for (let result = results[told]; result !== undefined; result = results[++told]) onResult(result);
    }
  };
  await Promise.all(Array.from({ length: target.judges === "client" ? jobs : 1 }, work));
  return results.filter((result) => result !== undefined);
}

/**
 * Waits until a server that a case may have ended answers links again.
 * @returns False when it has not been back in its time.
 */
async function comesBack(server: ServerTarget): Promise<boolean> {
  // Who can bring it back does so before the next case.
  if (server.ready !== undefined) return true;
  for (const end = performance.now() + (server.backMs ?? BACK_MS); performance.now() < end;) {
    using peer = new ServerPeer(server);
    try {
      if ((await peer.link()).header !== null) return true;
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      // It answers, if not well.
      if (peer.evidence.entries.some(({ by, hex }) => by === "peer" && hex !== undefined)) return true;
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  return false;
}

/** False when what should bring a server back cannot. */
async function isReady(server: ServerTarget): Promise<boolean> {
  try {
    await server.ready?.();
    return true;
  } catch (error) {
    if (error instanceof Finding) return false;
    throw error;
  }
}

function notJudged({ address, title, requirement, source, level }: Case, lostAfter: string): CaseResult {
  const reason = `not judged: the server is gone since ${lostAfter}`;
  return {
    address,
    title,
    requirement,
    source,
    level,
    verdict: "unimplemented",
    reason,
    ms: 0,
    lostAfter,
    evidence: [],
  };
}

async function runCase(one: Case, target: Target): Promise<CaseResult> {
  const { address, title, requirement, source, level } = one, start = performance.now();
  // A client is started for the case, which takes its own time.
  const startMs = target.judges === "client" ? target.client.startMs ?? START_MS : 0;
  const timeoutMs = (one.timeoutMs ?? CASE_MS) + startMs;
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
