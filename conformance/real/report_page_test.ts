/** The page of runs in Chromium: filters, the evidence behind a verdict, and no sideways scrolling on a phone. */
import assert from "node:assert/strict";
import { openPage, type Page, startBrowser } from "../peers/chromium.ts";
import { peerTest } from "../peers/require_peer.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { htmlReport } from "../report/html.ts";
import type { Run } from "../report/run.ts";
import type { CaseResult } from "../suite/run_cases.ts";

const PEERS = ["one", "another", "a-third", "the-fourth", "a-fifth", "the-last"];

const result = (address: string, rest: Partial<CaseResult>): CaseResult => ({
  address,
  title: "does it",
  requirement: "The client MUST do <it>",
  source: "spice.proto",
  level: "must",
  verdict: "ok",
  reason: "",
  ms: 12,
  evidence: [{ atMs: 1.5, connection: 1, by: "peer", what: "<PING>", hex: "00ff".repeat(40), length: 80 }],
  ...rest,
});

const RUNS = PEERS.map((id, i): Run => ({
  id,
  peer: `${id} 1.0`,
  judges: i < 2 ? "server" : "client",
  date: "2026-11-26T00:00:00.000Z",
  known: [{ cases: "link/*/b", verdict: "failed", reason: "its fault" }],
  results: [
    result("link/a/a", {}),
    result("link/a/b", i % 2 === 0 ? {} : { verdict: "failed", reason: "it says <no>" }),
    result("display/a/c", { level: "info", verdict: "unimplemented" }),
  ],
}));

peerTest({
  name: "Chromium: the page of runs filters, and shows the evidence, on a desk and on a phone",
  needs: ["chromium"],
  fn: async () => {
    await using dir = await makeTempDir("report");
    await Deno.writeTextFile(`${dir.path}/page.html`, await htmlReport(RUNS));
    await using browser = await startBrowser();
    for (const [width, mobile] of [[1280, false], [360, true]] as const) {
      const said: string[] = [];
      await using page = await openPage(`file://${dir.path}/page.html`, {
        browser: browser.address,
        size: { width, height: 800 },
        mobile,
        onSaid: (text) => said.push(text),
      });
      assert.deepEqual(await page.call(() => [document.documentElement.scrollWidth <= innerWidth, innerWidth]), [
        true,
        width,
      ]);
      assert.equal(await count(page), "6 cases");
      await use(page, "#words", "LINK/A/B");
      assert.equal(await count(page), "2 cases");
      await use(page, "#peer", "another");
      assert.equal(await count(page), "1 cases");
      await page.call(() => document.querySelector<HTMLElement>("tr:not([hidden]) td:not([hidden]) button")!.click());
      const detail = await waitUntil("the evidence", () => {
        return page.call(() => document.querySelector<HTMLElement>("dialog[open]")?.innerText || false);
      });
      for (const text of ["link/a/b", "another 1.0", "it says <no>", "its fault", "<PING>", "00ff00ff"]) {
        assert.ok(detail.includes(text), `${text} is not in ${detail}`);
      }
      await page.call(() => document.querySelector<HTMLElement>("#close")!.click());
      await use(page, "#words", "");
      await page.call(() => document.querySelector<HTMLElement>(".card[data-peer=another]")!.click());
      assert.equal(await count(page), "6 cases");
      await use(page, "#level", "info");
      assert.equal(await count(page), "2 cases");
      assert.deepEqual(said, []);
    }
  },
});

async function count(page: Page): Promise<string> {
  return await page.call(() => document.querySelector("#count")!.textContent!);
}

/** Puts something into a field, as a person does. */
async function use(page: Page, field: string, value: string): Promise<void> {
  await page.call(
    (field: string, value: string) => {
      const element = document.querySelector<HTMLInputElement>(field)!;
      element.value = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    },
    field,
    value,
  );
}
