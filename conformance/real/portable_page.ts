/** What `browser_test.ts` loads into Chromium, bundled: it takes the tour and tells the server what came out. */
import { type ReplayStream, runPortablePart } from "../portable_part.ts";

/** One capture, as the server of the page lists it. */
export interface PageCapture {
  readonly name: string;
  readonly streams: readonly { readonly type: number; readonly id: number; readonly url: string }[];
}

try {
  // The list that browser_test.ts serves.
  const captures = await (await fetch("/captures.json")).json() as PageCapture[];
  const reports = new Map<string, unknown>();
  for (const { name, streams } of captures) {
    const fetched = streams.map(async ({ type, id, url }): Promise<ReplayStream> => {
      return { type, id, bytes: await (await fetch(url)).bytes() };
    });
    reports.set(name, await runPortablePart(await Promise.all(fetched)));
  }
  await tell({ reports: Object.fromEntries(reports) });
} catch (error) {
  await tell({ error: error instanceof Error ? `${error.stack}` : String(error) });
}

async function tell(outcome: unknown): Promise<void> {
  const said = { userAgent: navigator.userAgent, deno: "Deno" in globalThis, outcome };
  await fetch("/outcome", { method: "POST", body: JSON.stringify(said) });
}
